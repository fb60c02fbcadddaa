"""Reading a loan database on a server through SQLAlchemy: one read-only transaction, a server-side cursor, batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Double,
    Engine,
    String,
    Table,
    case,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError

from loanbook import copied, declared_types, schema
from loanbook.connection import MYSQL, said
from loanbook.reading import (
    BATCH_ROWS,
    SHOWN_ROWS,
    Measured,
    UnusableColumnsError,
    arrow_type,
    faulty,
    meant,
    python_type,
    unreadable,
)
from loanbook.snapshots import SnapshotError


@contextmanager
def opened(engine: Engine) -> Iterator["ServerReader"]:
    """A reader on one transaction, in which every statement sees the same state."""
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "stream_results": True, "yield_per": BATCH_ROWS}
    with engine.execution_options(**options).connect() as connection:
        if engine.dialect.name in MYSQL:  # else the state is that of the first statement, table by table
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield ServerReader(connection)


class ServerReader:
    """See `loanbook.reading.Reader`. A server's columns have types, so only whether a key is a text is looked at."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._failure: SnapshotError | None = None  # what a stream broke off with; its reader hears its text alone

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts and sums in one statement, once it is known that the columns' types can hold what they should."""
        declared_types.refuse(self._connection, table, columns)
        money = [column for column in columns if copied.is_money(column)]
        sums = (func.coalesce(func.sum(_fen(column)), 0) for column in money)
        broken = (func.coalesce(func.sum(case((_is_broken(column), 1), else_=0)), 0) for column in _whole(columns))
        [(rows, *found)] = self._asked(table, select(func.count(), *sums, *broken).select_from(table))
        if any(found[len(money) :]):
            self.refuse(table, columns)
        fen = tuple((copied.name(column), int(value)) for column, value in zip(money, found, strict=False))
        return Measured(rows, fen, frozenset(self._text_keys(table, columns)))

    def streams(
        self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]
    ) -> list[pa.RecordBatchReader]:
        """The rows in batches, of one cursor."""
        types = [pa.int64() if copied.is_money(column) else arrow_type(column, text_keys) for column in columns]
        names = [column.name for column in columns]
        schema_ = pa.schema(list(zip(names, types, strict=True)))
        dialect = self._connection.dialect.name
        read = select(*(_read(column, type_, dialect) for column, type_ in zip(columns, types, strict=True)))
        return [pa.RecordBatchReader.from_batches(schema_, self._batched(table, read, schema_))]

    def refuse(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """Say what the stream broke off with, or name the rows of numbers that are not whole where they should be."""
        if self._failure:
            raise self._failure
        faults = []
        for column in _whole(columns):
            asked = select(*table.primary_key, column, func.count().over()).where(_is_broken(column)).limit(SHOWN_ROWS)
            if rows := self._asked(table, asked):
                faults.append(faulty(column, f"not {meant(column)}", rows))
        if faults:
            raise UnusableColumnsError(faults)

    def _batched(self, table: Table, read: Any, schema_: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for rows in self._connection.execute(read).partitions(BATCH_ROWS):
                values = zip(*rows, strict=True)
                arrays = [_array(table, each, field) for each, field in zip(values, schema_, strict=True)]
                yield pa.record_batch(arrays, schema=schema_)
        except DBAPIError as error:
            self._failure = unreadable(table, said(error))
            raise self._failure from error
        except SnapshotError as error:
            self._failure = error
            raise

    def _text_keys(self, table: Table, columns: Sequence[Column[Any]]) -> Iterator[str]:
        for column in columns:
            if schema.is_key(column):
                found = self._asked(table, select(column.label("key")).where(column.is_not(None)).limit(1))
                if found and not isinstance(found[0][0], int):
                    yield copied.referred(column)

    def _asked(self, table: Table, statement: Any) -> Sequence[Any]:
        try:
            return self._connection.execute(statement).all()
        except DBAPIError as error:
            raise unreadable(table, said(error)) from error


def _array(table: Table, values: Sequence[Any], field: pa.Field) -> pa.Array:
    try:
        return pa.array(map(_plain, values), field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        first = str(error).splitlines()[0]
        raise SnapshotError(
            f'The loan database\'s table "{table.name}", column "{field.name}", holds values that are not '
            f"{meant(table.c[field.name])}: {first}."
        ) from error


def _whole(columns: Sequence[Column[Any]]) -> list[Column[Any]]:
    """The columns of whole numbers, which a server may hold as decimals."""
    return [column for column in columns if python_type(column) is int and not schema.is_key(column)]


def _is_broken(column: Column[Any]) -> ColumnElement[bool]:
    return func.round(column) != column


def _fen(column: Column[Any]) -> ColumnElement[Any]:
    return cast(func.round(column * 100), BigInteger)


def _read(column: Column[Any], type_: pa.DataType, dialect: str) -> ColumnElement[Any]:
    if copied.is_money(column):
        return _fen(column).label(column.name)
    if type_ == pa.float64():
        return cast(column, Double).label(column.name)
    if isinstance(column.type, Boolean):
        return case((column.is_(None), None), (column == true(), 1), else_=0).label(column.name)
    # As text a day that does not exist (MySQL allows 0000-00-00) can be named; its drivers make it null or fail.
    is_text = type_ == pa.string() and (dialect in MYSQL or not copied.is_instant(column))
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
