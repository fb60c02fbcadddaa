"""How a build talks to the snapshot that it writes: run a Core statement, keep a result as a temporary table."""

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from sqlalchemy import ClauseElement, Select, Table, TableClause, column, table
from sqlalchemy.schema import CreateTable

from loanbook.constructs import DUCKDB, compiled
from loanbook.snapshot_schema import metadata


def run(snapshot: duckdb.DuckDBPyConnection, statement: ClauseElement) -> list[tuple[Any, ...]]:
    """Execute a statement; its rows."""
    return snapshot.execute(*compiled(statement)).fetchall()


def columns(snapshot: duckdb.DuckDBPyConnection, statement: Select[Any]) -> dict[str, npt.NDArray[np.int64]]:
    """A statement's columns, all of whole numbers, none null."""
    fetched = snapshot.execute(*compiled(statement)).fetchnumpy()
    return {name: np.asarray(values).astype(np.int64, copy=False) for name, values in fetched.items()}


def create_tables(snapshot: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Create tables of the snapshot, empty."""
    for name in names:
        run(snapshot, CreateTable(metadata.tables[name]))


def work_table(snapshot: duckdb.DuckDBPyConnection, name: str, statement: Select[Any]) -> TableClause:
    """Keep a statement's result as a temporary table, gone with the build; the table, for other statements."""
    text, values = compiled(statement)
    quoted = DUCKDB.identifier_preparer.quote(name)
    snapshot.execute(f"CREATE TEMPORARY TABLE {quoted} AS {text}", values)
    return table(name, *(column(each.name, each.type) for each in statement.selected_columns))


def keep_table(snapshot: duckdb.DuckDBPyConnection, kept: Table, statement: Select[Any]) -> None:
    """Fill a table of the snapshot that is not there yet; an enum of the statement stays one."""
    text, values = compiled(statement)
    snapshot.execute(f"CREATE TABLE {DUCKDB.identifier_preparer.quote(kept.name)} AS {text}", values)


def drop(snapshot: duckdb.DuckDBPyConnection, *tables: TableClause) -> None:
    """Give a temporary table's memory back."""
    for each in tables:
        snapshot.execute(f"DROP TABLE {DUCKDB.identifier_preparer.quote(each.name)}")
