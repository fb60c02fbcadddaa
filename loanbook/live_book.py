"""Rows of the loan database as they are now, by key, as plain values: money in fen, instants and dates as text.

For review, which decides on what is true at that moment. Direct identifiers are never read here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Select,
    Table,
    bindparam,
    inspect,
    null,
    select,
    type_coerce,
)
from sqlalchemy.types import NULLTYPE

from loanbook import connection as door
from loanbook import schema

Row = dict[str, Any]
Wanted = Mapping[str, Iterable[Any]]  # the values, one of which a column has to hold; keys as texts


@dataclass(frozen=True)
class _Reading:
    """A statement, and how each of its columns is written plainly."""

    statement: Select[*tuple[Any, ...]]
    columns: tuple[tuple[str, Callable[[Any], Any]], ...]
    ordered_by: tuple[str, ...]


class LiveBook:
    """A loan database, opened read-only when it is first read; until then one that can't be reached hurts nobody.

    Statements are built once: a decision waits for some fifteen of them, and building took longer than running.
    """

    def __init__(self, url: str, in_schema: str | None) -> None:
        self.url, self._schema = url, in_schema
        self._readings: dict[tuple[str, ...], _Reading] = {}

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

    def rows(self, connection: Connection, table: Table, wanted: Wanted, of: Sequence[str] = ()) -> list[Row]:
        """The rows of a table, in the order of their keys: the named columns, or all that are no direct identifiers.

        None where the source lacks the table; null where it lacks a column.
        """
        if table.name not in self._present:
            return []
        asked = (table.name, *of, "", *wanted)
        reading = self._readings.get(asked)
        if reading is None:
            reading = self._readings[asked] = self._built(table, tuple(wanted), of)
        values = {_bound(name): self.held(table.c[name], each) for name, each in wanted.items()}
        found = [
            {
                name: None if value is None else plain(value)
                for (name, plain), value in zip(reading.columns, row, strict=True)
            }
            for row in connection.execute(reading.statement, values)
        ]
        return sorted(found, key=lambda row: [str(row[name]) for name in reading.ordered_by])

    def has(self, table: Table, *names: str) -> bool:
        """Whether the source has a table and these columns of it."""
        return set(names) <= self._present.get(table.name, frozenset()) and table.name in self._present

    def held(self, column: Column[Any], values: Iterable[Any]) -> list[Any]:
        """Values as the source holds them in a column; keys, which are texts here, are integers or texts there."""
        listed = list(values)
        if not schema.is_key(column):
            return listed
        kind = self._kinds.get((column.table.name, column.name))
        numbers = [int(value) for value in listed if _is_whole(value)] if kind is not str else []
        return numbers if kind is int else [*listed, *numbers]

    def _built(self, table: Table, wanted: Sequence[str], of: Sequence[str]) -> _Reading:
        there = self._present[table.name]
        names = [name for name in of or table.columns.keys() if not schema.is_personal(table.c[name])]
        read = [type_coerce(table.c[name] if name in there else null(), NULLTYPE).label(name) for name in names]
        conditions = [
            type_coerce(table.c[name], NULLTYPE).in_(bindparam(_bound(name), expanding=True, type_=NULLTYPE))
            for name in wanted
        ]
        keys = tuple(column.name for column in table.primary_key if column.name in there and column.name in names)
        statement = select(*read).select_from(table).where(*conditions)
        return _Reading(statement, tuple((name, _plain(table.c[name])) for name in names), keys)

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


def _bound(name: str) -> str:
    return f"of_{name}"


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _plain(column: Column[Any]) -> Callable[[Any], Any]:
    """How a value of a column is written the same way whichever database it comes from."""
    if schema.is_key(column):
        return str
    if column.type is schema.MONEY:
        return _fen
    if isinstance(column.type, DateTime | Date):
        return _written
    return _number


def _fen(amount: Any) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_value())


def _number(value: Any) -> Any:
    return format(Decimal(str(value)).normalize(), "f") if isinstance(value, float | Decimal) else value


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
