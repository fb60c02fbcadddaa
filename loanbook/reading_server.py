"""Reading a loan database on a server through SQLAlchemy: one read-only transaction, a server-side cursor, batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Double, Engine, String, Table, cast, func, select
from sqlalchemy.exc import DBAPIError

from loanbook import copied, schema
from loanbook.reading import BATCH_ROWS, Measured, arrow_type
from loanbook.snapshots import SnapshotError


@contextmanager
def opened(engine: Engine) -> Iterator["ServerReader"]:
    """A reader on one transaction, in which every statement sees the same state."""
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "stream_results": True, "yield_per": BATCH_ROWS}
    with engine.execution_options(**options).connect() as connection:
        yield ServerReader(connection)


class ServerReader:
    """See `loanbook.reading.Reader`. A server's columns have types, so only whether a key is a text is looked at."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts and sums in one statement."""
        money = [column for column in columns if copied.is_money(column)]
        sums = (func.coalesce(func.sum(_fen(column)), 0) for column in money)
        counted = self._execute(table, select(func.count(), *sums).select_from(table)).one()
        fen = tuple((copied.name(column), int(value)) for column, value in zip(money, counted[1:], strict=True))
        return Measured(counted[0], fen, frozenset(self._text_keys(table, columns)))

    def batches(self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]) -> pa.RecordBatchReader:
        """The rows in batches."""
        types = [arrow_type(column, text_keys) for column in columns]
        schema_ = pa.schema([(column.name, type_) for column, type_ in zip(columns, types, strict=True)])
        read = select(*(_read(column, type_) for column, type_ in zip(columns, types, strict=True)))
        return pa.RecordBatchReader.from_batches(schema_, self._batched(table, read, schema_))

    def _batched(self, table: Table, read: Any, schema_: pa.Schema) -> Iterator[pa.RecordBatch]:
        for rows in self._execute(table, read).partitions(BATCH_ROWS):
            values = zip(*rows, strict=True)
            arrays = [pa.array(map(_plain, each), field.type) for each, field in zip(values, schema_, strict=True)]
            yield pa.record_batch(arrays, schema=schema_)

    def _text_keys(self, table: Table, columns: Sequence[Column[Any]]) -> Iterator[str]:
        for column in columns:
            if schema.is_key(column):
                plain = select(column.label("key")).where(column.is_not(None)).limit(1)
                found = self._execute(table, plain).first()
                if found is not None and not isinstance(found[0], int):
                    yield copied.referred(column)

    def _execute(self, table: Table, statement: Any) -> Any:
        try:
            return self._connection.execute(statement)
        except DBAPIError as error:
            said = str(error.orig).splitlines()[0].rstrip(".")
            raise SnapshotError(f"The loan database's table \"{table.name}\" can't be read: {said}.") from error


def _fen(column: Column[Any]) -> ColumnElement[Any]:
    return cast(func.round(column * 100), BigInteger)


def _read(column: Column[Any], type_: pa.DataType) -> ColumnElement[Any]:
    if copied.is_money(column):
        return _fen(column).label(column.name)
    if type_ == pa.float64():
        return cast(column, Double).label(column.name)
    is_text = type_ == pa.string() and not copied.is_instant(column)
    return (cast(column, String) if is_text else column).label(column.name)


def _plain(value: Any) -> Any:
    """A driver's value as `arrow_type` has it: truth as 0 and 1, dates and instants as text, these in UTC."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return value
