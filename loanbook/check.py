"""The check of a loan database against the contract: what is missing, what can't be used, which invariants are broken.

It reads the database as a refresh does, into a copy that is thrown away, and judges the copy as a refresh does, so that
both accept the same.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import duckdb
from filelock import FileLock, Timeout
from sqlalchemy import Column, Connection, Engine, and_, func, select

from loanbook import check_copy, copied, invariants, readers, schema, snapshots
from loanbook.connection import present_columns
from loanbook.finding import Finding, Severity
from loanbook.reading import named
from loanbook.snapshot_schema import broken_invariant, broken_row
from loanbook.snapshots import SnapshotError
from loanbook.stages import Progress
from loanbook.working import create_tables
from loanbook.working import run as asked

SHOWN_ROWS = 5

Present = dict[str, frozenset[str]]  # the tables that are there, and the contract's columns of each


class Check:
    """What the check of one loan database has found."""

    def __init__(self, findings: list[Finding], copy: duckdb.DuckDBPyConnection) -> None:
        self.findings = findings
        self._copy = copy

    def write_rows(self, kind: str, target: IO[str]) -> None:
        """Write all rows of one kind of broken invariant as CSV: table, column, key."""
        row = broken_row.c
        rows = select(row.table_name, row.column_name, row.key).where(row.kind == kind)
        writer = csv.writer(target)
        writer.writerow(["table", "column", "key"])
        writer.writerows(asked(self._copy, rows))


def run(engine: Engine, schema_name: str | None, progress: Progress) -> list[Finding]:
    """What `checked` finds, with its copy among the system's temporary files."""
    with (
        TemporaryDirectory(prefix="loanboard-check-") as folder,
        checked(engine, schema_name, Path(folder), progress) as found,
    ):
        return found.findings


@contextmanager
def checked(
    engine: Engine, schema_name: str | None, folder: Path, progress: Progress, *, all_rows: bool = False
) -> Iterator[Check]:
    """Everything in which a loan database departs from the contract, those faults first that keep others from sight.

    The copy is made in `folder`. Without `all_rows` only the first rows of each broken invariant are kept.
    """
    with engine.connect() as connection:
        present = present_columns(connection, schema_name)
        findings = [*_missing(present), *_empty_identifiers(connection, present)]
    with _temporary(folder) as snapshot:
        with readers.opened(engine, schema_name) as reader:
            copy = check_copy.Copy(reader, snapshot)
            copy.make(_to_copy(present, findings), lambda stage, done: progress(stage, 0.9 * done))
        findings += [check_copy.finding(fault) for fault in copy.faults]
        progress("Judging rows", 0.9)
        tables = frozenset(_to_copy(present, findings))
        most_rows = None if all_rows else SHOWN_ROWS
        snapshot.begin()
        create_tables(snapshot, "broken_invariant", "broken_row")
        invariants.find(snapshot, tables, unusable=copy.unusable, most_rows=most_rows)
        snapshot.commit()
        findings += _broken(snapshot)
        yield Check(findings, snapshot)


def _missing(present: Present) -> Iterator[Finding]:
    for table in schema.metadata.tables.values():
        if table.name in schema.OWN_TABLES:
            continue
        if table.name not in present:
            yield Finding(Severity.MISSING, table.name, "", "missing_table")
            continue
        for column in table.columns:
            if column.name in present[table.name]:
                continue
            if column.nullable or schema.is_personal(column):
                yield Finding(Severity.MISSING, table.name, column.name, "missing_optional_column")
            else:
                yield Finding(Severity.UNUSABLE, table.name, column.name, "missing_column")


def _empty_identifiers(connection: Connection, present: Present) -> Iterator[Finding]:
    """Direct identifiers are not in the copy; of them it is asked only whether they are there."""
    for table in schema.metadata.tables.values():
        columns = [each for each in table.columns if schema.is_personal(each) and not each.nullable]
        columns = [each for each in columns if each.name in present.get(table.name, ())]
        keys = list(table.primary_key)
        if not columns or not {key.name for key in keys} <= present[table.name]:
            continue
        counts = (func.count() - func.count(column) for column in columns)
        for column, count in zip(columns, connection.execute(select(*counts).select_from(table)).one(), strict=True):
            if count:
                empty = select(*keys).where(column.is_(None)).order_by(*keys).limit(SHOWN_ROWS)
                rows = tuple(named(table, row) for row in connection.execute(empty))
                yield Finding(Severity.BROKEN, table.name, column.name, "null", int(count), rows)


def _to_copy(present: Present, findings: Sequence[Finding]) -> dict[str, list[Column[Any]]]:
    """The columns to be copied; a table that lacks what it needs is left out altogether."""
    lacking = {finding.table for finding in findings if finding.kind == "missing_column"}
    return {
        name: [column for column in copied.columns(schema.metadata.tables[name]) if column.name in columns]
        for name, columns in present.items()
        if name not in lacking
    }


@contextmanager
def _temporary(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy that is gone afterwards; what a check that was killed has left is removed by the next."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "check.duckdb"
    try:
        with FileLock(folder / "check.lock", timeout=0):
            _remove(file)
            try:
                with snapshots.create(file) as snapshot:
                    yield snapshot
            finally:
                _remove(file)
    except Timeout:
        raise SnapshotError("Another check is running; wait until it is done.") from None
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise SnapshotError(f"The check needs room for a copy in {folder}: {said}.") from error


def _remove(file: Path) -> None:
    for left in file.parent.glob(f"{file.stem}.*"):
        if left.is_dir():
            for spilled in left.iterdir():
                spilled.unlink()
            left.rmdir()
        elif left.suffix != ".lock":
            left.unlink()


def _broken(snapshot: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    rule, row = broken_invariant.c, broken_row.c
    order = (rule.table_name, rule.column_name, rule.kind)
    for kind, table, column, expected, count in asked(
        snapshot, select(rule.kind, rule.table_name, rule.column_name, rule.expected, rule.rows).order_by(*order)
    ):
        of_rule = and_(row.kind == kind, row.table_name == table, row.column_name == column)
        keys = [key for (key,) in asked(snapshot, select(row.key).where(of_rule).limit(SHOWN_ROWS))]
        contract = schema.metadata.tables[table]
        shown = tuple(named(contract, key.rsplit(", ", len(contract.primary_key) - 1)) for key in keys)
        yield Finding(Severity.BROKEN, table, column, kind, count, shown, expected)
