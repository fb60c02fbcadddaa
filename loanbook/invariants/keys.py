"""Keys, and other values that should differ in all rows of a table.

To group millions of rows by their keys is the dearest of all rules, and hardly ever finds anything. So keys are first
thrown into sets of bits, which say at once that none is repeated, or which loans may have a repeated one.
"""

from typing import Any

import duckdb
from sqlalchemy import BigInteger, Column, ColumnElement, Date, Integer, Select, Table, cast, func, literal, select

from loanbook import copied, schema
from loanbook.constructs import month_number
from loanbook.invariants.report import Report, Rule, key_columns
from loanbook.working import run

_SPARSE = 64  # a set of bits may be so many times as large as the number of keys
_FEW_KEYS = 100_000
_MOST_BITS = 10**9  # DuckDB's own limit
_ORDINALS = 63  # the bits of a BIGINT, but for its sign


def find(report: Report, contract: Table) -> bool:
    """Report repeated keys and values of a table; whether a key is repeated in it."""
    for column in contract.columns:
        if column.info.get("unique"):
            value = copied.TABLES[contract.name].c[copied.name(column)]
            report.judge(contract, [Rule("duplicate_value", value.in_(twice(value)), column.name)])
    keys = key_columns(contract)
    if contract is schema.instalment or not report.can_judge(*keys):
        return False  # instalments are looked at loan by loan in loanbook.invariants.lending
    if len(keys) == 2:
        return find_within(report, contract, crowded(*keys))
    if not may_repeat(report.snapshot, *keys):
        return False
    return _report(report, contract, twice(*keys))


def find_within(report: Report, contract: Table, among: Select[Any]) -> bool:
    """Report repeated keys of two columns; `among` selects the first parts of those that may be repeated."""
    if not run(report.snapshot, among.limit(1)):
        return False
    return _report(report, contract, repeated_within(contract, among))


def repeated_within(contract: Table, among: Select[Any]) -> Select[Any]:
    """The repeated keys of two columns among the first parts that may have them."""
    first, second = key_columns(contract)
    return twice(first, second).where(first.in_(among))


def different_bits(second: Column[Any]) -> ColumnElement[int]:
    """An aggregate: at most how many different values there are; fewer than values where one may be repeated."""
    bit = cast(1, BigInteger).bitwise_lshift(_ordinal(second) % literal(_ORDINALS, Integer))
    return func.bit_count(func.bit_or(bit))


def _report(report: Report, contract: Table, repeated: Select[Any]) -> bool:
    count = report.count(repeated)
    report.add(contract, "duplicate_key", count, repeated)
    return count > 0


def may_repeat(snapshot: duckdb.DuckDBPyConnection, key: Column[Any]) -> bool:
    """Whether a key is repeated, or too sparse for telling by a set of bits."""
    [(first, last, count)] = run(snapshot, select(func.min(key), func.max(key), func.count(key)))
    if not isinstance(first, int):  # a text, or none at all
        return bool(count)
    bits = last - first + 1
    if bits > min(_MOST_BITS, max(_FEW_KEYS, _SPARSE * count)):
        return True
    different = func.bit_count(func.bitstring_agg(key, literal(first), literal(last)))
    [(kept,)] = run(snapshot, select(different))
    return int(kept) < int(count)


def crowded(first: Column[Any], second: Column[Any]) -> Select[Any]:
    """The first parts of keys of two columns that may be repeated."""
    held = select(first).where(first.is_not(None), second.is_not(None))
    return held.group_by(first).having(func.count() > different_bits(second))


def _ordinal(second: Column[Any]) -> ColumnElement[Any]:
    """A number that differs for most of the values that stand beside the same first part of a key; never negative."""
    if isinstance(second.type, Date):
        return month_number(second)
    return func.abs(cast(second, Integer))


def twice(*columns: Column[Any]) -> Select[Any]:
    """The keys that stand in several rows."""
    held = (column.is_not(None) for column in columns)
    return select(*columns).where(*held).group_by(*columns).having(func.count() > 1)
