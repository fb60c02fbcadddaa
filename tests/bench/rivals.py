"""What the rivals hold of the snapshot: DataFrames in memory, and tables in PostgreSQL."""

import os

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pandas as pd
import psycopg
import pyarrow as pa

from rules import dimensions
from rules.ageing import STATES
from rules.cures import Course
from tests.bench.by_hand_months import COURSE_EXITS, VINTAGE_EXITS
from tests.bench.by_hand_segments import SUMS

CODES = [dimension.code for dimension in dimensions.ALL]
_TEXTS = {
    "vintage_exit_90": VINTAGE_EXITS,
    "cure_exit": COURSE_EXITS[Course.CURE],
    "redefault_exit": COURSE_EXITS[Course.REDEFAULT],
    "previous_bucket": STATES,
    "bucket": STATES,
}
_COURSE = ("previous_on", "first_due_on", "past_due_90_on", "first_payment_missed", "rescheduled")
_MONTHS = ("vintage_month_90", "cure_month", "redefault_month", "default_month_90")
_EXITS = ("vintage_exit_90", "cure_exit", "redefault_exit")
_BOTH = ("loan_no", "borrower_no", "disbursed_on", *CODES, *SUMS, "observed_months", *_COURSE, *_MONTHS, *_EXITS)
_ONLY_SQL = ("loan_id", "previous_tier_on", "previous_age_band_on", "days_past_due", "default_on_90", "status",
             "dates_imputed")  # fmt: skip
_MONTH = ("month_end", "channel", "previous_bucket", "bucket", "previous_outstanding_fen", "outstanding_fen",
          "rescheduled")  # fmt: skip

_MONTH_BYTES = 8 + 3 * 1 + 2 * 8 + 1  # of a row of _MONTH in pandas
_WHILE_READ = 3  # times as much is held while the frame is made
_SHARE = 0.5  # of the machine's memory

_PG_TYPES = {
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.bool_(): "boolean",
    pa.string(): "text",
}
TIMEOUT_SECONDS = 60


def loans_frame(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The loans in their order, with what pandas is fastest with: categories, floats where a value may be missing."""
    return cursor.sql(f"SELECT {', '.join(map(_in_pandas, _BOTH))} FROM loan_fact").df()


def months_frame(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame | None:
    """The month ends likewise; None where they would not fit into memory."""
    [(rows,)] = cursor.execute("SELECT count(*) FROM loan_month").fetchall()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if rows * _MONTH_BYTES * _WHILE_READ > _SHARE * memory:
        return None
    return cursor.sql(f"SELECT {', '.join(map(_in_pandas, _MONTH))} FROM loan_month").df()


def copy_to_postgresql(url: str, cursor: duckdb.DuckDBPyConnection) -> None:
    """What the statements read of loan_fact and loan_month, no more, so that PostgreSQL's rows are narrow too."""
    _copy(url, cursor, "loan_fact", (*_BOTH, *_ONLY_SQL))
    _copy(url, cursor, "loan_month", _MONTH)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE INDEX ON loan_fact (disbursed_on)")
        connection.execute("VACUUM ANALYZE loan_fact")
        connection.execute("VACUUM ANALYZE loan_month")


def postgresql(url: str) -> psycopg.Connection:
    """A connection with room to sort, that gives up after a minute."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("SET work_mem = '256MB'")
    connection.execute(f"SET statement_timeout = {int(TIMEOUT_SECONDS * 1000)}")
    return connection


def _in_pandas(name: str) -> str:
    if name in _TEXTS:
        values = ", ".join(f"'{value}'" for value in _TEXTS[name])
        return f"{name}::ENUM({values}) AS {name}"
    if name in {"first_payment_missed", *_MONTHS, "previous_outstanding_fen"}:
        return f"{name}::DOUBLE AS {name}"
    return name


def _copy(url: str, cursor: duckdb.DuckDBPyConnection, table: str, names: tuple[str, ...]) -> None:
    texts = {*CODES, *_TEXTS, "status"}
    columns = ", ".join(f"{name}::VARCHAR AS {name}" if name in texts else name for name in names)
    rows = cursor.sql(f"SELECT {columns} FROM {table}").to_arrow_reader(65_536)
    declared = ", ".join(f"{field.name} {_PG_TYPES[field.type]}" for field in rows.schema)
    with psycopg.connect(url) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE UNLOGGED TABLE {table} ({declared})")
    with adbc.connect(url) as connection, connection.cursor() as copying:
        copying.adbc_ingest(table, rows, mode="append")
        connection.commit()


def is_empty(url: str) -> bool:
    """Whether no book has been written there."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass('loan')").fetchone() == (None,)
