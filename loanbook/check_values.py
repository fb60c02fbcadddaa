"""The check of single values: of the right type, not empty, not negative, one of the contract's codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Uuid,
    and_,
    func,
    literal,
    not_,
    or_,
    type_coerce,
)

from loanbook import schema
from loanbook.finding import Severity
from rules.text import N_

# What a column of each type should hold, first match; on PostgreSQL by which of SQLAlchemy's types it may be.
_KEY = (N_("whole numbers or texts"), (Integer, String, Uuid))
_KINDS: tuple[tuple[type, tuple[str, tuple[type, ...]]], ...] = (
    (Boolean, (N_("true or false"), (Boolean,))),
    (Integer, (N_("whole numbers"), (Integer,))),
    (Numeric, (N_("numbers"), (Numeric, Integer))),
    (DateTime, (N_("UTC instants such as 2026-11-20 08:30:00"), (DateTime,))),
    (Date, (N_("dates such as 2026-11-20"), (Date,))),
    (JSON, (N_("JSON"), (JSON, String))),
    (String, (N_("texts"), (String,))),
)
_ABOVE_ZERO = {"principal", "term_months", "number"}
_LARGEST = 10**12  # money has twelve digits before the point


@dataclass(frozen=True)
class ValueRule:
    """What may not be in a column; the condition is true of the rows at fault."""

    column: str
    kind: str
    severity: Severity
    condition: ColumnElement[bool]
    expected: str = ""


def expected(column: Column[Any]) -> tuple[str, tuple[type, ...]]:
    """What a column should hold, in words, and SQLAlchemy's types that hold it."""
    if schema.is_key(column):
        return _KEY
    return next(kind for type_, kind in _KINDS if isinstance(column.type, type_))


def rules(table: Table, columns: frozenset[str], dialect: str) -> Iterator[ValueRule]:
    """The rules for the columns of a table that the source has in a usable type."""
    for column in table.columns:
        if column.name not in columns:
            continue
        if not column.nullable:
            yield ValueRule(column.name, "null", Severity.BROKEN, column.is_(None))
        well_typed: ColumnElement[bool] = literal(value=True)
        if dialect == "sqlite" and not schema.is_personal(column):
            wrong = and_(column.is_not(None), not_(_holds(column)))
            yield ValueRule(column.name, "wrong_value_type", Severity.UNUSABLE, wrong, expected(column)[0])
            well_typed = _holds(column)
        if column.name in _ABOVE_ZERO:
            yield ValueRule(column.name, "not_positive", Severity.BROKEN, and_(well_typed, column <= 0))
        elif isinstance(column.type, Numeric) and _never_negative(column):
            yield ValueRule(column.name, "negative", Severity.BROKEN, and_(well_typed, column < 0))
        if codes := column.info.get("codes"):
            unknown = and_(well_typed, column.not_in(codes))
            yield ValueRule(column.name, "unknown_code", Severity.BROKEN, unknown, ", ".join(codes))


def _never_negative(column: Column[Any]) -> bool:
    """Amounts and rates, but for those that the contract lets fall below zero."""
    signed = column.info.get("signed") or column.table is schema.target
    return column.type in {schema.MONEY, schema.RATE} and not signed


def _holds(column: Column[Any]) -> ColumnElement[bool]:
    """Whether SQLite, which lets any value into any column, holds one of the right type; true of null."""
    stored = func.typeof(column)
    value = type_coerce(column, String)
    number = type_coerce(column, Integer)
    if schema.is_key(column):
        return stored.in_(["integer", "text", "null"])
    right: ColumnElement[bool]
    if isinstance(column.type, Boolean):
        right = number.in_([0, 1])
    elif isinstance(column.type, Integer):
        largest = 2**15 if isinstance(column.type, SmallInteger) else 2**31
        right = and_(stored == "integer", number.between(-largest, largest - 1))
    elif isinstance(column.type, Numeric):
        right = and_(stored.in_(["integer", "real"]), number.between(-_LARGEST, _LARGEST))
    elif isinstance(column.type, DateTime):
        right = and_(stored == "text", _is_instant(value))
    elif isinstance(column.type, Date):
        right = and_(stored == "text", func.date(value, "+0 days") == value)
    elif isinstance(column.type, JSON):
        right = and_(stored == "text", func.json_valid(value) == 1)
    else:
        right = stored == "text"
    return or_(stored == "null", func.coalesce(right, literal(value=False)))


def _is_instant(value: ColumnElement[Any]) -> ColumnElement[bool]:
    """2026-11-20 08:30:00, perhaps with T between, a fraction of a second, or Z; no other zone."""
    second = func.replace(func.substr(value, 1, 19), "T", " ")
    rest = func.substr(value, 20)
    return and_(
        func.datetime(second, "+0 days") == second,
        rest.op("NOT GLOB")("*[^.0-9Z]*"),
    )
