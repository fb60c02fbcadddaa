"""The contract's invariants as the rows of a copy show them: a broken one is listed, and stops no page."""

import duckdb
from sqlalchemy import Column, Table, func, select

from loanbook import copied, schema
from loanbook.invariants import keys, lending, members, references, values
from loanbook.invariants.report import LISTED_ROWS, Report
from loanbook.working import run


def find(
    snapshot: duckdb.DuckDBPyConnection,
    present: frozenset[str],
    *,
    unusable: frozenset[Column[object]] = frozenset(),
    most_rows: int | None = LISTED_ROWS,
) -> None:
    """Fill `broken_invariant` and `broken_row` from the copied tables; `present` names the tables that the source has.

    What a rule says of an unusable column of the contract is not judged. Of each broken invariant the first
    `most_rows` rows are listed, all of them where it is None.
    """
    report = Report(snapshot, unusable, most_rows)
    tables = _with_rows(snapshot, present)
    repeated = frozenset(table.name for table in tables if keys.find(report, table))
    for table in tables:
        values.find(report, table)
        references.find(report, table, present, repeated)
    members.find(report, present)
    lending.find(report, present)
    report.write()


def _with_rows(snapshot: duckdb.DuckDBPyConnection, present: frozenset[str]) -> list[Table]:
    tables = [table for table in schema.metadata.sorted_tables if table.name in present]
    counts = (select(func.count()).select_from(copied.TABLES[table.name]).scalar_subquery() for table in tables)
    [counted] = run(snapshot, select(*counts)) if tables else [()]
    return [table for table, rows in zip(tables, counted, strict=True) if rows]
