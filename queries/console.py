"""SQL on a snapshot, for the analyst who wants to redo a number: read-only, as a table or as CSV."""

import csv
from collections.abc import Iterable, Iterator
from typing import IO

import duckdb

SHOWN_ROWS = 100
_FETCHED_ROWS = 10_000

_TABLES = """\
select table_name, estimated_size, string_agg(column_name, ', ' order by column_index)
from duckdb_tables() join duckdb_columns() using (database_name, schema_name, table_name)
group by all order by table_name"""


class QueryError(ValueError):
    """A statement that the analyst wrote can't be run. The message is DuckDB's."""


def tables(opened: duckdb.DuckDBPyConnection) -> str:
    """The tables of a snapshot with their rows and columns, one a line."""
    found = opened.execute(_TABLES).fetchall()
    return "\n".join(f"{name} ({rows:,} rows): {columns}" for name, rows, columns in found)


def show(opened: duckdb.DuckDBPyConnection, text: str, width: int) -> None:
    """Print the answer to a statement as a table of at most `SHOWN_ROWS` rows."""
    try:
        relation = opened.sql(text)
        if relation is not None:
            relation.show(max_rows=SHOWN_ROWS, max_width=width)
    except duckdb.Error as error:
        raise QueryError(str(error)) from None


def write_csv(opened: duckdb.DuckDBPyConnection, text: str, target: IO[str]) -> None:
    """Write all rows of the answer to a statement, a few at a time."""
    try:
        answer = opened.execute(text)
        writer = csv.writer(target)
        writer.writerow([column[0] for column in answer.description])
        while rows := answer.fetchmany(_FETCHED_ROWS):
            writer.writerows(rows)
    except duckdb.Error as error:
        raise QueryError(str(error)) from None


def statements(lines: Iterable[str]) -> Iterator[str]:
    """What to run, out of lines as they are typed: up to a semicolon at a line's end, or a line such as `.tables`."""
    typed: list[str] = []
    for line in lines:
        typed.append(line)
        text = "".join(typed).strip()
        if text.endswith(";") or text.startswith("."):
            yield text
            typed = []
    if text := "".join(typed).strip():
        yield text
