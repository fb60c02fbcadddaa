"""Which types of a server's columns can hold what the contract says of them, as SQLAlchemy names types."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    Numeric,
    String,
    Table,
    Uuid,
    inspect,
)
from sqlalchemy.dialects.mysql import BIT

from loanbook import schema
from loanbook.reading import UnusableColumnsError, is_plain_text, mistyped

_NUMBERS = (Integer, Numeric, Float)
_KEYS = (Integer, Numeric, String, Uuid)
_HOLDING: tuple[tuple[type, tuple[type, ...]], ...] = (
    (Boolean, (Boolean, Integer, BIT)),
    (Integer, _NUMBERS),
    (Numeric, _NUMBERS),
    (DateTime, (DateTime, Date)),
    (Date, (Date, DateTime)),
)


def refuse(connection: Connection, table: Table, columns: Sequence[Column[Any]]) -> None:
    """`UnusableColumnsError` for columns of a type that can't hold what they should; any type can be read as a text."""
    if connection.dialect.name == "sqlite":
        return  # its columns hold values of any type
    named_schema = (connection.get_execution_options().get("schema_translate_map") or {}).get(None)
    declared = {each["name"]: each["type"] for each in inspect(connection).get_columns(table.name, named_schema)}
    faults = [
        mistyped(column, str(declared[column.name]))
        for column in columns
        if not isinstance(declared[column.name], _holding(column))
    ]
    if faults:
        raise UnusableColumnsError(faults)


def _holding(column: Column[Any]) -> tuple[type, ...]:
    if schema.is_key(column):
        return _KEYS
    if is_plain_text(column) or isinstance(column.type, JSON):
        return (object,)
    return next(types for kind, types in _HOLDING if isinstance(column.type, kind))
