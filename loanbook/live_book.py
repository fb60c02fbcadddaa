"""Rows of the loan database as they are now, by key, as plain values: money in fen, instants and dates as text.

For review, which decides on what is true at that moment. Direct identifiers are never read here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Connection, Date, DateTime, Engine, Table, inspect, select, type_coerce
from sqlalchemy.types import NULLTYPE

from loanbook import connection as door
from loanbook import schema

Row = dict[str, Any]


class LiveBook:
    """A loan database, opened read-only when it is first read; until then one that can't be reached hurts nobody."""

    def __init__(self, url: str, in_schema: str | None) -> None:
        self.url, self._schema = url, in_schema

    def close(self) -> None:
        """Let go of it."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction in which all rows are of one moment."""
        with door.reading(self.url), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    def rows(self, connection: Connection, table: Table, *wanted: Any, of: Sequence[str] = ()) -> list[Row]:
        """The rows of a table, in the order of their keys: the named columns, or all that are no direct identifiers.

        None where the source lacks the table; null where it lacks a column.
        """
        there = self._present.get(table.name, frozenset())
        names = [name for name in of or table.columns.keys() if not schema.is_personal(table.c[name])]
        if not there:
            return []
        read = [type_coerce(table.c[name], NULLTYPE).label(name) for name in names if name in there]
        statement = select(*read).where(*wanted)
        found = [
            {name: _plain(table.c[name], getattr(row, name, None)) for name in names}
            for row in connection.execute(statement)
        ]
        keys = [column.name for column in table.primary_key if column.name in there]
        return sorted(found, key=lambda row: [str(row[key]) for key in keys if key in row])

    def has(self, table: Table, *names: str) -> bool:
        """Whether the source has a table and these columns of it."""
        return set(names) <= self._present.get(table.name, frozenset()) and table.name in self._present

    def keyed(self, column: Column[Any], *values: str) -> Any:
        """The rows whose key is one of some texts; keys are integers or texts."""
        kind = self._kinds.get((column.table.name, column.name))
        keys: list[Any] = list(values) if kind is not int else [int(value) for value in values if _is_whole(value)]
        if kind is None:
            keys += [int(value) for value in values if _is_whole(value)]
        return type_coerce(column, NULLTYPE).in_(keys)

    @cached_property
    def _engine(self) -> Engine:
        return door.connect(self.url, self._schema)

    @cached_property
    def _present(self) -> dict[str, frozenset[str]]:
        with self._engine.connect() as connection:
            return door.present_columns(connection, self._schema)

    @cached_property
    def _kinds(self) -> dict[tuple[str, str], type | None]:
        """Of the columns that are there, whether they hold integers or texts; None where the database does not say."""
        source = inspect(self._engine)
        kinds: dict[tuple[str, str], type | None] = {}
        for name in self._present:
            for column in source.get_columns(name, self._schema):
                try:
                    kind = column["type"].python_type
                except NotImplementedError:
                    kind = None
                kinds[name, column["name"].lower()] = int if kind is int else str if kind is str else None
        return kinds


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _plain(column: Column[Any], value: Any) -> Any:
    """A value that is written the same way whichever database it comes from."""
    if value is None:
        return None
    if schema.is_key(column):
        return str(value)
    if column.type is schema.MONEY:
        return int((Decimal(str(value)) * 100).to_integral_value())
    if isinstance(column.type, DateTime | Date):
        return _written(value)
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)).normalize(), "f")
    return value


def _written(when: object) -> str:
    """An instant or a date as text; SQLite holds texts of several forms, of which what is none stays as it is."""
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when) if len(when) > len("2024-06-03") else date.fromisoformat(when)
        except ValueError:
            return str(when)
    if not isinstance(when, datetime):
        return str(when)
    utc = when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(sep=" ", timespec="seconds")
