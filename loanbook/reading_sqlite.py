"""Reading a SQLite loan database by ADBC, in one read transaction.

SQLite keeps a type with each value, not with a column, and the driver takes a column's type from its first batch. So a
table is measured first, wrong types included, and each SELECT is led by one row that has the right types.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from adbc_driver_manager import dbapi
from adbc_driver_sqlite import dbapi as driver
from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    Float,
    Integer,
    String,
    Table,
    case,
    cast,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects import sqlite

from loanbook import copied, schema
from loanbook.reading import BATCH_ROWS, SHOWN_ROWS, Measured, arrow_type, named, python_type
from loanbook.snapshots import SnapshotError

_WAIT_MILLISECONDS = 10_000
_STORED = {int: frozenset({"integer"}), float: frozenset({"integer", "real"}), str: frozenset({"text"})}
_MEANT = {int: "a whole number", float: "a number", str: "text"}


@contextmanager
def opened(engine: Engine) -> Iterator["SqliteReader"]:
    """A reader on the file of an engine; what it reads is the state of its first statement.

    The engine's own connections are closed first: Python and ADBC each bring a SQLite, and a file that one of them
    closes loses the locks of both in this process.
    """
    with engine.connect() as connection:
        path = connection.execute(text("PRAGMA database_list")).one().file
    engine.dispose()
    with driver.connect(f"file:{quote(path)}?mode=ro") as source, source.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {_WAIT_MILLISECONDS}")
        cursor.fetchall()
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH_ROWS})
        yield SqliteReader(cursor)


class SqliteReader:
    """See `loanbook.reading.Reader`."""

    def __init__(self, cursor: dbapi.Cursor):
        self._cursor = cursor

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts and sums in one scan; in the same scan the extremes of each column, which give a wrong type away."""
        asked = [func.count(), *(value for column in columns for value in _asked(column))]
        self._execute(table, select(*(value.label(f"v{i}") for i, value in enumerate(asked))).select_from(table))
        found = iter(self._cursor.fetchone() or ())
        rows = next(found)
        fen, text_keys, wrong = [], set(), []
        for column in columns:
            stored = {next(found), next(found)} - {"null"}
            if not stored <= _allowed(column):
                wrong.append(column)
            if schema.is_key(column) and "text" in stored:
                text_keys.add(copied.referred(column))
            if copied.is_money(column):
                fen.append((copied.name(column), next(found)))
        if wrong:
            raise SnapshotError("\n".join(self._wrong(table, column) for column in wrong))
        return Measured(rows, tuple(fen), frozenset(text_keys))

    def batches(self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]) -> pa.RecordBatchReader:
        """The rows in batches; the leading row that gave the types is cut off again."""
        types = [arrow_type(column, text_keys) for column in columns]
        leading = select(*(_typed(type_).label(column.name) for type_, column in zip(types, columns, strict=True)))
        read = select(*(_read(column, type_).label(column.name) for column, type_ in zip(columns, types, strict=True)))
        self._execute(table, union_all(leading, read.select_from(table)))
        reader = self._cursor.fetch_record_batch()
        return pa.RecordBatchReader.from_batches(reader.schema, _without_first_row(reader))

    def _execute(self, table: Table, statement: Any) -> None:
        sql = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        try:
            self._cursor.execute(str(sql))
        except dbapi.Error as error:
            raise SnapshotError(f"The loan database's table \"{table.name}\" can't be read: {_said(error)}.") from error

    def _wrong(self, table: Table, column: Column[Any]) -> str:
        wrong = func.typeof(column).not_in((*_allowed(column), "null"))
        keys = [_shown(key) for key in table.primary_key]
        self._execute(table, select(*keys, _shown(column), func.count().over()).where(wrong).limit(SHOWN_ROWS))
        rows = self._cursor.fetchall()
        shown = "; ".join(f'{named(table, row[:-2])} ("{row[-2]}")' for row in rows)
        return (
            f'The loan database\'s table "{table.name}", column "{column.name}": '
            f"{rows[0][-1]} value(s) are not {_meant(column)}: {shown}."
        )


def _said(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")


def _shown(column: Column[Any]) -> ColumnElement[Any]:
    """A value as a sentence shows it; a blob, which need not be text, as X'00FF'."""
    return case((func.typeof(column) == "blob", func.quote(column)), else_=cast(column, String))


def _meant(column: Column[Any]) -> str:
    if schema.is_key(column):
        return "a whole number or a text"
    return "a date" if copied.is_instant(column) else _MEANT[python_type(column)]


def _allowed(column: Column[Any]) -> frozenset[str]:
    """How SQLite may store the values of a column; whether a text is a date is seen when it is copied."""
    if schema.is_key(column):
        return frozenset({"integer", "text"})
    if not copied.is_instant(column) and python_type(column) is str:
        return frozenset({"integer", "real", "text"})
    return _STORED[python_type(column)]


def _asked(column: Column[Any]) -> list[ColumnElement[Any]]:
    """The stored types of a column's extremes (numbers sort before texts, texts before blobs), and its sum of money.

    A fraction among whole numbers hides between them, but makes their sum a fraction.
    """
    kind = python_type(column)
    lowest = func.sum(column) if kind is int and not schema.is_key(column) else func.min(column)
    asked: list[ColumnElement[Any]] = [func.typeof(lowest), func.typeof(func.max(column))]
    if copied.is_money(column):
        asked.append(func.coalesce(func.sum(_fen(column)), 0))
    return asked


def _fen(column: Column[Any]) -> ColumnElement[Any]:
    return cast(func.round(column * 100, type_=Float()), Integer)


def _read(column: Column[Any], type_: pa.DataType) -> ColumnElement[Any]:
    if copied.is_money(column):
        return _fen(column)
    if type_ == pa.float64():
        return cast(column, Float)
    is_text = type_ == pa.string() and not copied.is_instant(column)
    return cast(column, String) if is_text else column


def _typed(type_: pa.DataType) -> ColumnElement[Any]:
    if type_ == pa.string():
        return literal("")
    return literal(0) if type_ == pa.int64() else literal(0.0)


def _without_first_row(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    first = reader.read_next_batch()
    yield first.slice(1)
    yield from reader
