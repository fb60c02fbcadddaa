"""Reading a SQLite loan database by ADBC, each table by several connections that see one state.

SQLite keeps a type with each value, not with a column, and the driver takes a column's type from its first batch. So
each SELECT is led by one row that has the right types. A value of another type breaks the read off; the rows with such
values are then looked up and named.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from adbc_driver_manager import dbapi
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
    column,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects import sqlite

from loanbook import copied, schema, sqlite_state
from loanbook.reading import (
    BATCH_ROWS,
    SHOWN_ROWS,
    Measured,
    UnusableColumnsError,
    arrow_type,
    faulty,
    is_plain_text,
    meant,
    python_type,
    unreadable,
)

_STORED = {int: frozenset({"integer"}), float: frozenset({"integer", "real"}), str: frozenset({"text"})}
_ROWS_WORTH_A_STREAM = 100_000
_ROW = column("rowid", Integer)
_LISTED = sql_table(
    "pragma_table_list",
    column("schema", String),
    column("name", String),
    column("type", String),
    column("wr", Integer),  # without row ids
)


@contextmanager
def opened(engine: Engine) -> Iterator["SqliteReader"]:
    """A reader on the file of an engine; what it reads is the state at this moment.

    The engine's own connections are closed first: Python and ADBC each bring a SQLite, and a file that one of them
    closes loses the locks of both in this process.
    """
    with engine.connect() as connection:
        path = connection.execute(text("PRAGMA database_list")).one().file
    engine.dispose()
    with sqlite_state.opened(path) as cursors:
        for cursor in cursors:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH_ROWS})
        yield SqliteReader(cursors)


class SqliteReader:
    """See `loanbook.reading.Reader`."""

    def __init__(self, cursors: Sequence[dbapi.Cursor]):
        self._cursors = cursors

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts, sums and whether a key is a text (texts sort after numbers), in one scan by all connections."""
        money = [each for each in columns if copied.is_money(each)]
        keys = [each for each in columns if schema.is_key(each)]
        sums = [func.coalesce(func.sum(cast(func.round(each * 100, type_=Float()), Integer)), 0) for each in money]
        asked = [func.count(), *sums, *(func.typeof(func.max(each)) for each in keys)]
        scan = select(*(each.label(f"v{number}") for number, each in enumerate(asked))).select_from(table)
        parts = self._parts(table)
        with ThreadPoolExecutor(len(parts)) as threads:
            scans = threads.map(lambda cursor, part: _asked(cursor, table, scan.where(*part)), self._cursors, parts)
        rows, *found = zip(*(found for [found] in scans), strict=True)
        fen = tuple((copied.name(each), sum(values)) for each, values in zip(money, found, strict=False))
        kinds = zip(keys, found[len(money) :], strict=True)
        return Measured(sum(rows), fen, frozenset(copied.referred(each) for each, kind in kinds if "text" in kind))

    def streams(
        self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]
    ) -> list[pa.RecordBatchReader]:
        """The rows in batches, by ranges of row ids; the leading row that gave the types is cut off again."""
        types = [arrow_type(each, text_keys) for each in columns]
        leading = select(*(_typed(type_).label(each.name) for type_, each in zip(types, columns, strict=True)))
        read = select(*(_read(each, type_).label(each.name) for each, type_ in zip(columns, types, strict=True)))
        streams = []
        for cursor, part in zip(self._cursors, self._parts(table), strict=False):
            _execute(cursor, table, union_all(leading, read.select_from(table).where(*part)))
            whole = cursor.fetch_record_batch()
            if whole.schema.types != types:  # the driver widens a type to hold what else is in the first batch
                self.refuse(table, columns)
            streams.append(pa.RecordBatchReader.from_batches(whole.schema, _without_first_row(whole)))
        return streams

    def refuse(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """Look every value's type up, and name the rows with wrong ones."""
        wrong = [faulty(each, f"not {meant(each)}", rows) for each in columns if (rows := self._wrong(each))]
        if wrong:
            raise UnusableColumnsError(wrong)

    def _parts(self, table: Table) -> list[tuple[ColumnElement[bool], ...]]:
        """A condition for each stream. Together they take every row once; a view has no row ids, so it has one part."""
        is_this = (_LISTED.c.schema == "main", func.lower(_LISTED.c.name, type_=String) == table.name)
        has_row_ids = select(func.count()).where(*is_this, _LISTED.c.type == "table", _LISTED.c.wr == 0)
        [(is_table,)] = _asked(self._cursors[0], table, has_row_ids)
        if not is_table:
            return [()]
        [(first, last)] = _asked(self._cursors[0], table, select(func.min(_ROW), func.max(_ROW)).select_from(table))
        if first is None or last - first < _ROWS_WORTH_A_STREAM:
            return [()]
        step = (last - first) // len(self._cursors) + 1
        starts = [first + number * step for number in range(1, len(self._cursors))]
        return [
            (*([] if low is None else [low <= _ROW]), *([] if high is None else [high > _ROW]))
            for low, high in zip([None, *starts], [*starts, None], strict=True)
        ]

    def _wrong(self, each: Column[Any]) -> list[Any]:
        table = each.table
        wrong = func.typeof(each).not_in((*_allowed(each), "null"))
        keys = [_shown(key) for key in table.primary_key]
        rows = select(*keys, _shown(each), func.count().over()).where(wrong).limit(SHOWN_ROWS)
        return _asked(self._cursors[0], table, rows)


def _asked(cursor: dbapi.Cursor, table: Table, statement: Any) -> list[Any]:
    _execute(cursor, table, statement)
    return cursor.fetchall()


def _execute(cursor: dbapi.Cursor, table: Table, statement: Any) -> None:
    sql = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    try:
        cursor.execute(str(sql))
    except dbapi.Error as error:
        raise unreadable(table, error) from error


def _shown(each: Column[Any]) -> ColumnElement[Any]:
    """A value as a sentence shows it; a blob, which need not be text, as X'00FF'."""
    return case((func.typeof(each) == "blob", func.quote(each)), else_=cast(each, String))


def _allowed(each: Column[Any]) -> frozenset[str]:
    """How SQLite may store the values of a column; whether a text is a date is seen when it is copied."""
    if schema.is_key(each):
        return frozenset({"integer", "text"})
    return frozenset({"integer", "real", "text"}) if is_plain_text(each) else _STORED[python_type(each)]


def _read(each: Column[Any], type_: pa.DataType) -> ColumnElement[Any]:
    """A column as it is, so that the driver sees a wrong type; but all sorts of values as a text's or a key's text."""
    is_text = type_ == pa.string() and not copied.is_instant(each)
    return cast(each, String) if is_text else each


def _typed(type_: pa.DataType) -> ColumnElement[Any]:
    if type_ == pa.string():
        return literal("")
    return literal(0) if type_ == pa.int64() else literal(0.0)


def _without_first_row(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    first = reader.read_next_batch()
    yield first.slice(1)
    yield from reader
