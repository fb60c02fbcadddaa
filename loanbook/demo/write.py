"""Writing a book's tables into a SQLite file.

Money and rates are stored as SQLAlchemy's Numeric stores them (INTEGER or REAL by SQLite's affinity, the double nearest
to the decimal), instants as 'YYYY-MM-DD HH:MM:SS.ffffff' and dates as 'YYYY-MM-DD', so that SQLAlchemy reads the
contract's types and `CAST(ROUND(x * 100) AS INTEGER)` gives exact fen through any driver.
"""

import errno
from collections.abc import Callable, Iterator

import adbc_driver_sqlite.dbapi as adbc
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, Engine, Index, MetaData, String, Table

from loanbook.demo.columns import fen_of
from loanbook.schema import metadata

Progress = Callable[[str, float], None]  # what is being done, the share done

_BATCH_ROWS = 250_000
_INDEXED = (  # by what is read live of one applicant, and by what the contract is checked
    ("member", "referred_by_id"), ("membership", "member_id"), ("device_sighting", "device_hash"),
    ("device_sighting", "member_id"), ("perk", "member_id"), ("credit_line", "member_id"),
    ("schedule_change", "loan_id"),
    ("invitation", "referrer_id"), ("reward", "beneficiary_id"), ("application", "member_id"),
    ("application", "status"), ("application_check", "application_id"), ("score", "application_id"),
    ("loan", "member_id"), ("loan", "application_id"), ("repayment", "loan_id"), ("contact", "loan_id"),
)  # fmt: skip


def write(
    tables: Iterator[dict[str, pa.Table]], engine: Engine, progress: Progress, *, parts: int = 1, indexed: bool = True
) -> None:
    """Write the tables of a book in so many parts into a new, empty SQLite file, then its indexes.

    Tables that a part lacks stay empty. `indexed=False` leaves out keys and indexes, which no refresh reads by.
    """
    (metadata if indexed else without_keys()).create_all(engine)
    try:
        with adbc.connect(engine.url.database, autocommit=True) as connection, connection.cursor() as cursor:
            # A book that is not finished is thrown away, so nothing has to survive a crash.
            for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN"):
                cursor.execute(statement)
            for part in range(parts):
                progress("simulation", 0.9 * part / parts)
                _ingest(cursor, next(tables), _within(progress, part, parts))
            cursor.execute("COMMIT")
    except adbc.Error as error:
        if "full" not in str(error) and "disk I/O" not in str(error):
            raise
        raise OSError(errno.ENOSPC, "the disk is full") from error
    progress("indexes", 0.9)
    for table, column in _INDEXED if indexed else ():
        Index(f"ix_{table}_{column}", Table(table, MetaData(), Column(column, String)).c[column]).create(engine)


def without_keys(*prefixes: str) -> MetaData:
    """The contract's tables without keys, for books that are written once and read whole."""
    bare = MetaData()
    for table in metadata.sorted_tables:
        columns = (Column(column.name, column.type, nullable=column.nullable) for column in table.columns)
        Table(table.name, bare, *columns, prefixes=list(prefixes))
    return bare


def _within(progress: Progress, part: int, parts: int) -> Progress:
    """The progress of one part as progress of all."""
    return lambda name, done: progress(name, 0.9 * (part + done) / parts)


def _ingest(cursor: adbc.Cursor, tables: dict[str, pa.Table], progress: Progress) -> None:
    total = sum(len(rows) for rows in tables.values())
    done = 0
    for name, table in tables.items():
        progress(name, 0.3 + 0.7 * done / total)
        for start in range(0, len(table), _BATCH_ROWS):
            part = table.slice(start, _BATCH_ROWS)
            cursor.adbc_ingest(name, pa.table({c: _stored(part.column(c)) for c in part.column_names}), mode="append")
        done += len(table)


def _stored(column: pa.ChunkedArray) -> pa.Array:
    """A column as SQLite keeps it."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.nulls(0, column.type)
    if pa.types.is_decimal(array.type):
        # Integer over a power of ten is the nearest double; Arrow's own cast is a step off now and then.
        doubles = pa.array(fen_of(array) / np.float64(10**array.type.scale))
        return pc.if_else(pc.is_valid(array), doubles, None) if array.null_count else doubles
    if pa.types.is_temporal(array.type) or pa.types.is_dictionary(array.type):
        return array.cast(pa.string())
    if pa.types.is_boolean(array.type):
        return array.cast(pa.int64())
    return array
