"""What the System page asks: what was read from the loan database, and what of it could not be used."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Select, and_, cast, func, literal, select

from loanbook.finding import SENTENCES
from loanbook.snapshot_schema import broken_invariant, broken_row, rejected_row, source_table

Rows = Select[*tuple[Any, ...]]


def tables() -> Rows:
    """The tables of the contract as the refresh found them.

    Grain: one row per table of the contract, by name.
    Columns: name, present, rows (count), missing_columns (comma-separated), rejected (rows that can't be used).
    """
    rejected = (
        select(rejected_row.c.table_name, func.count().label("rejected")).group_by(rejected_row.c.table_name).subquery()
    )
    return (
        select(
            source_table.c.name,
            source_table.c.present,
            source_table.c.rows,
            source_table.c.missing_columns,
            cast(func.coalesce(rejected.c.rejected, 0), BigInteger).label("rejected"),
        )
        .select_from(source_table)
        .outerjoin(rejected, rejected.c.table_name == source_table.c.name)
        .order_by(source_table.c.name)
    )


def rejected() -> Rows:
    """The rows that can't be used, and why.

    Grain: one row per rejected row and reason, by table and key.
    Columns: table_name, key, reason (an English sentence part from the catalogues).
    """
    return select(rejected_row).order_by(rejected_row.c.table_name, rejected_row.c.key)


def broken_invariants(examples: int = 3) -> Rows:
    """The rules of the contract that rows break.

    Grain: one row per rule, table and column, those that most rows break first.
    Columns: kind (one of `sentences`), severity, table_name, column_name, expected, rows (count), examples (the keys of
    the first few rows, as a sentence lists them).
    """
    which = ("kind", "table_name", "column_name")
    key = broken_row.c.key
    first = func.row_number().over(
        partition_by=[broken_row.c[name] for name in which], order_by=(func.length(key), key)
    )
    numbered = select(broken_row, first.label("number")).subquery()
    listed = (
        select(
            *(numbered.c[name] for name in which),
            func.string_agg(numbered.c.key, literal("; ")).aggregate_order_by(numbered.c.number).label("examples"),
        )
        .where(numbered.c.number <= examples)
        .group_by(*(numbered.c[name] for name in which))
        .subquery()
    )
    return (
        select(broken_invariant, func.coalesce(listed.c.examples, literal("")).label("examples"))
        .outerjoin(listed, and_(*(listed.c[name] == broken_invariant.c[name] for name in which)))
        .order_by(broken_invariant.c.rows.desc(), *(broken_invariant.c[name] for name in which))
    )


def broken_rows(kind: str, table_name: str, column_name: str) -> Rows:
    """The rows that break one rule, the first of them where there are very many.

    Grain: one row per row of the loan database, by its key.
    Columns: table_name, key ("17", or "17, 3" where two columns are the key).
    """
    row = broken_row.c
    of_rule = (row.kind == kind, row.table_name == table_name, row.column_name == column_name)
    return select(row.table_name, row.key).where(*of_rule).order_by(func.length(row.key), row.key)


def sentences() -> Mapping[str, str]:
    """What each kind of finding says, in English with places for table, column, count, expected and examples."""
    return SENTENCES
