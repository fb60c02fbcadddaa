"""Reading a PostgreSQL loan database by ADBC, in one repeatable and read-only transaction.

Its columns have types, so those are held against the contract before anything is read. What a type allows and the
contract does not (NaN, infinity, fractions among whole numbers) is counted while a table is measured.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pyarrow as pa
from adbc_driver_manager import dbapi
from adbc_driver_postgresql import dbapi as driver
from psycopg.conninfo import make_conninfo
from sqlalchemy import (
    URL,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Engine,
    String,
    Table,
    Text,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy import column as named_column
from sqlalchemy import table as named_table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import UserDefinedType

from loanbook import copied, schema
from loanbook.connection import CONNECT_SECONDS
from loanbook.reading import (
    SHOWN_ROWS,
    Measured,
    UnusableColumnsError,
    faulty,
    is_plain_text,
    meant,
    mistyped,
    python_type,
    unreadable,
)
from loanbook.snapshots import SnapshotError

_WHOLE = frozenset({"int2", "int4", "int8"})
_NUMBERS = frozenset({*_WHOLE, "numeric", "float4", "float8"})
_LARGEST_FEN = 9 * 10**18
_BYTES_OF_A_BLOCK = 8192
_BLOCKS_WORTH_A_STREAM = 2_000
_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class _RowPlace(UserDefinedType[str]):
    """Where a row lies in its table: block and place."""

    def get_col_spec(self, **_options: object) -> str:
        return "tid"


_ROW_PLACE: ColumnElement[Any] = named_column("ctid", _RowPlace())
_RELATION = named_table("pg_class", named_column("oid"), named_column("relkind"), schema="pg_catalog")


@contextmanager
def opened(engine: Engine, schema_name: str | None) -> Iterator["PostgresqlReader"]:
    """A reader on one transaction, shared by two connections; what it reads is the state of its first statement.

    An account that may not hold a second connection reads with one.
    """
    conninfo = _conninfo(engine.url)
    with ExitStack() as held:
        try:
            connection = held.enter_context(driver.connect(conninfo, autocommit=False))
        except dbapi.Error as error:
            first = _said(error).strip().splitlines()[0].rstrip(".")
            raise SnapshotError(f"The loan database can't be read: {first}. Look at LOANBOARD_DATABASE_URL.") from error
        cursor = held.enter_context(connection.cursor())
        _begin(cursor)
        beside = _beside(held, conninfo, cursor)
        yield PostgresqlReader(connection, cursor, beside, schema_name)


def _beside(held: ExitStack, conninfo: str, cursor: dbapi.Cursor) -> dbapi.Cursor | None:
    """A second connection that sees what the first one sees."""
    cursor.execute("SELECT pg_export_snapshot()")
    [(seen,)] = cursor.fetchall()
    try:
        beside: dbapi.Cursor = held.enter_context(
            held.enter_context(driver.connect(conninfo, autocommit=False)).cursor()
        )
        _begin(beside, seen)
    except dbapi.Error:
        return None
    return beside


class PostgresqlReader:
    """See `loanbook.reading.Reader`."""

    def __init__(
        self,
        connection: dbapi.Connection,
        cursor: dbapi.Cursor,
        beside: dbapi.Cursor | None,
        schema_name: str | None,
    ):
        self._connection = connection
        self._cursor = cursor
        self._beside = beside
        self._schema = schema_name
        self._types: dict[Column[Any], str] = {}  # PostgreSQL's own names for the types of the columns

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts and sums in one statement, and of each column how many values can't be."""
        self._declare(table, columns)
        money = [column for column in columns if copied.is_money(column)]
        sums = [func.coalesce(func.sum(_fen(column)), 0) for column in money]
        odd = {column: _odd(column, self._types[column]) for column in columns}
        suspects = {column: condition for column, condition in odd.items() if condition is not None}
        counts = [func.count().filter(condition) for condition in suspects.values()]
        asked = [func.count(), *(cast(each, BigInteger) for each in (*sums, *counts))]
        try:
            [(rows, *found)] = self._asked(table, select(*asked).select_from(table))
        except SnapshotError:
            self.refuse(table, columns)
            raise
        if any(found[len(money) :]):
            self.refuse(table, list(suspects))
        fen = tuple((copied.name(column), value) for column, value in zip(money, found, strict=False))
        keys = (column for column in columns if schema.is_key(column) and not self._is_number(column))
        return Measured(rows, fen, frozenset(copied.referred(column) for column in keys))

    def streams(
        self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]
    ) -> list[pa.RecordBatchReader]:
        """The rows in batches of about 16 MB; of a large table each connection reads its half."""
        read = (_read(column, self._types[column], text_keys).label(column.name) for column in columns)
        rows = select(*read).select_from(table)
        blocks = self._blocks(table)
        if self._beside is None or blocks < _BLOCKS_WORTH_A_STREAM:
            self._execute(table, self._written(rows))
            return [self._cursor.fetch_record_batch()]
        halfway = cast(literal(f"({blocks // 2},0)", String), _RowPlace())
        self._execute(table, self._written(rows.where(halfway > _ROW_PLACE)))
        self._execute(table, self._written(rows.where(halfway <= _ROW_PLACE)), self._beside)
        return [self._cursor.fetch_record_batch(), self._beside.fetch_record_batch()]

    def refuse(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """Name the rows whose values can't be, in a new transaction: an error has ended the one that was read in."""
        try:
            self._connection.rollback()
            _begin(self._cursor)
        except dbapi.Error:
            return  # the connection is gone, so there is nothing that could be named
        faults = []
        for column in columns:
            condition = _impossible(column, self._types[column])
            if condition is not None:
                keys = [cast(key, Text) for key in table.primary_key]
                asked = select(*keys, cast(column, Text), func.count().over()).where(condition).limit(SHOWN_ROWS)
                if rows := self._asked(table, asked):
                    words = "no date that exists" if copied.is_instant(column) else f"not {meant(column)} in range"
                    faults.append(faulty(column, words, rows))
        if faults:
            raise UnusableColumnsError(faults)

    def _declare(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """Learn the types of a table's columns; `UnusableColumnsError` for those that can't hold what they should."""
        self._execute(table, self._written(select(*columns).limit(0)))
        declared = self._cursor.fetch_record_batch().schema
        faults = []
        for column in columns:
            found = declared.field(column.name).metadata[b"POSTGRESQL:type"].decode()
            self._types[column] = found
            if not _holds(column, found):
                faults.append(mistyped(column, found))
        if faults:
            raise UnusableColumnsError(faults)

    def _is_number(self, column: Column[Any]) -> bool:
        return self._types[column] in _NUMBERS

    def _asked(self, table: Table, statement: Any) -> list[Any]:
        self._execute(table, self._written(statement))
        try:
            return self._cursor.fetchall()
        except dbapi.Error as error:
            raise unreadable(table, _said(error)) from error

    def _written(self, statement: Any) -> str:
        compiled = statement.compile(
            dialect=_DIALECT,
            schema_translate_map=None if self._schema is None else {None: self._schema},
            render_schema_translate=self._schema is not None,
            compile_kwargs={"literal_binds": True},
        )
        return str(compiled)

    def _blocks(self, table: Table) -> int:
        """How large a table is; 0 for a view, whose rows have no places."""
        known = _RELATION.c
        named = f'"{self._schema}"."{table.name}"' if self._schema is not None else f'"{table.name}"'
        size = func.pg_relation_size(known.oid).op("/")(_BYTES_OF_A_BLOCK)
        found = self._asked(table, select(size).where(known.oid == func.to_regclass(named), known.relkind == "r"))
        return int(found[0][0]) if found else 0

    def _execute(self, table: Table, sql: str, cursor: dbapi.Cursor | None = None) -> None:
        try:
            (cursor or self._cursor).execute(sql)
        except dbapi.Error as error:
            raise unreadable(table, _said(error)) from error


def _begin(cursor: dbapi.Cursor, seen: str | None = None) -> None:
    """Begin a read, of what another transaction sees where it has told the name of that."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    if seen is not None:
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{seen}'")
    cursor.execute("SET LOCAL TIME ZONE 'UTC'")


def _conninfo(url: URL) -> str:
    _, given = _DIALECT.create_connect_args(url)  # type: ignore[no-untyped-call]
    return make_conninfo(**{"connect_timeout": CONNECT_SECONDS, **given})


def _said(error: Exception) -> str:
    """What PostgreSQL said, without the words that its driver puts around it."""
    return str(error).rpartition("ERROR:")[2].rpartition("libpq]")[2]


def _holds(column: Column[Any], found: str) -> bool:
    """Whether a type of PostgreSQL's can hold what the contract says of a column; any type can be read as a text."""
    if schema.is_key(column):
        return found in {*_WHOLE, "numeric", "text", "varchar", "bpchar", "uuid"}
    if isinstance(column.type, Boolean):
        return found in {*_WHOLE, "bool"}
    if isinstance(column.type, DateTime):
        return found in {"date", "timestamp", "timestamptz"}
    if isinstance(column.type, Date):
        return found in {"date", "timestamp"}
    return is_plain_text(column) or found in _NUMBERS


def _odd(column: Column[Any], found: str) -> ColumnElement[bool] | None:
    """What a value must not be although PostgreSQL would read it: endless, or cut to a whole number."""
    if copied.is_instant(column):
        return not_(func.isfinite(column))
    meant_whole = schema.is_key(column) or python_type(column) is int
    if meant_whole and found in _NUMBERS - _WHOLE:
        return or_(column != func.trunc(column), not_(func.abs(column) < _LARGEST_FEN))
    return None


def _impossible(column: Column[Any], found: str) -> ColumnElement[bool] | None:
    """What a value must not be: as `_odd`, or a number that breaks the read off (NaN sorts above all numbers)."""
    if python_type(column) is float and found in _NUMBERS - _WHOLE:
        return not_(func.abs(column) < _LARGEST_FEN // 100)
    return _odd(column, found)


def _fen(column: Column[Any]) -> ColumnElement[Any]:
    """Money as whole fen: a numeric would arrive as text and take twice as long."""
    return cast(column * 100, BigInteger)


def _read(column: Column[Any], found: str, text_keys: frozenset[str]) -> ColumnElement[Any]:
    if schema.is_key(column):
        return cast(column, Text if copied.referred(column) in text_keys else BigInteger)
    if copied.is_money(column):
        return _fen(column)
    if isinstance(column.type, Boolean):
        return column if found == "bool" else column != 0
    if copied.is_instant(column):
        return cast(column, column.type)  # of a timestamptz the instant in UTC, the transaction's time zone
    kind = python_type(column)
    if kind is int:
        return column if found in _WHOLE else cast(column, BigInteger)
    return cast(column, Double if kind is float else Text)
