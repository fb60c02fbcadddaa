"""Single values: not empty, not negative, one of the contract's codes, JSON that can be read."""

from collections.abc import Iterator

from sqlalchemy import JSON, Column, Numeric, Table, func

from loanbook import copied, schema
from loanbook.invariants.report import Report, Rule

_ABOVE_ZERO = {"principal", "term_months", "number"}


def find(report: Report, contract: Table) -> None:
    """Report the values of a table that break a rule on single values; direct identifiers are not in the copy."""
    report.judge(contract, [rule for column in copied.columns(contract) for rule in _rules(column)])


def _rules(column: Column[object]) -> Iterator[Rule]:
    """The rules on a column. What the copy knows of it without reading it, its emptiest and its least, is looked at."""
    value = copied.TABLES[column.table.name].c[copied.name(column)]
    if not column.nullable:
        yield Rule("null", value.is_(None), column.name, glance=func.count() > func.count(value))
    if column.name in _ABOVE_ZERO:
        yield Rule("not_positive", value <= 0, column.name, glance=func.min(value) <= 0)
    elif _never_negative(column):
        yield Rule("negative", value < 0, column.name, glance=func.min(value) < 0)
    if codes := column.info.get("codes"):
        yield Rule("unknown_code", value.not_in(codes), column.name, ", ".join(codes))
    if isinstance(column.type, JSON):
        yield Rule("not_json", ~func.json_valid(value), column.name)


def _never_negative(column: Column[object]) -> bool:
    """Amounts and rates, but for those that the contract lets fall below zero."""
    signed = column.info.get("signed") or column.table is schema.target
    return isinstance(column.type, Numeric) and not signed
