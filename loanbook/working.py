"""How a build talks to the snapshot that it writes: run a Core statement, keep a result as a temporary table."""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from sqlalchemy import ClauseElement, Select, Table, TableClause, column, insert, table
from sqlalchemy.schema import CreateTable

from loanbook.constructs import DUCKDB, compiled
from loanbook.snapshot_schema import metadata

ROWS_AT_A_TIME = 1_000_000  # rows that are joined at once


def run(snapshot: duckdb.DuckDBPyConnection, statement: ClauseElement) -> list[tuple[Any, ...]]:
    """Execute a statement; its rows."""
    return snapshot.execute(*compiled(statement)).fetchall()


def columns(snapshot: duckdb.DuckDBPyConnection, statement: Select[Any]) -> dict[str, npt.NDArray[np.int64]]:
    """A statement's columns, all of whole numbers, none null."""
    fetched = narrow_columns(snapshot, statement)
    return {name: values.astype(np.int64, copy=False) for name, values in fetched.items()}


def narrow_columns(snapshot: duckdb.DuckDBPyConnection, statement: Select[Any]) -> dict[str, npt.NDArray[Any]]:
    """The same in the types of the statement: a half of the memory and less, where numbers are small."""
    fetched = snapshot.execute(*compiled(statement)).fetchnumpy()
    return {name: np.asarray(values) for name, values in fetched.items()}


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


def in_ranges(statement: Select[Any], number: str, most: int) -> Iterator[Select[Any]]:
    """A statement by ranges of a number of its rows that runs from 1 to `most`: which bounds the memory of its joins.

    `number` names a column that the statement selects.
    """
    each = statement.selected_columns[number]
    for first in range(0, max(most, 1), ROWS_AT_A_TIME):
        yield statement.where(each > first, each <= first + ROWS_AT_A_TIME)


def work_table_in_ranges(
    snapshot: duckdb.DuckDBPyConnection, name: str, statement: Select[Any], number: str, most: int
) -> TableClause:
    """`work_table`, made by `in_ranges`."""
    first, *others = in_ranges(statement, number, most)
    kept = work_table(snapshot, name, first)
    for each in others:
        run(snapshot, insert(kept).from_select([column.name for column in kept.c], each))
    return kept


def drop(snapshot: duckdb.DuckDBPyConnection, *tables: TableClause) -> None:
    """Give a temporary table's memory back."""
    for each in tables:
        snapshot.execute(f"DROP TABLE {DUCKDB.identifier_preparer.quote(each.name)}")
