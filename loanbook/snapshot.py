"""Builds a snapshot: one consistent read of the loan database, proved, and everything that is derived from it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import Timeout
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import DBAPIError

from loanbook import closed_day, copied, copying, deriving, readers, snapshots
from loanbook.connection import present_columns
from loanbook.snapshot_schema import FORMAT, loan_state, snapshot_note
from loanbook.snapshots import SnapshotError
from loanbook.stages import Progress, Stages
from loanbook.working import create_tables, run
from rules.book import Evidence
from rules.policy import Policy

_DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EFBIG}


@dataclass(frozen=True)
class Built:
    """A snapshot that is now served."""

    snapshot_id: str
    path: Path
    as_of: date
    rows: int  # copied from the source
    loans: int  # in loan_fact
    rejected_loans: int
    seconds: dict[str, float]  # by stage


def build(
    engine: Engine,
    *,
    schema: str | None,
    folder: Path,
    policy: Policy,
    as_of: date | None,
    now: datetime,
    progress: Progress | None = None,
) -> Built:
    """Read the whole loan database into a new snapshot and serve it.

    `SnapshotError` where the source can't be used, the copy is not equal to it, another refresh of the same source is
    running, or the disk is full: whatever was served before stays served. `schema` is where the source's tables lie.
    """
    stages = Stages(progress)
    try:
        with _disk(folder), snapshots.lock(folder):
            snapshots.clean(folder)
            snapshot_id = snapshots.new_id(folder, now)
            try:
                with snapshots.create(snapshots.building(folder, snapshot_id)) as snapshot:
                    create_tables(snapshot, "snapshot_note", "source_table")
                    rows = _copy(snapshot, engine, schema, stages.within(0.0, 0.6))
                    day = closed_day.of(snapshot, as_of, now)
                    present = copying.present_tables(snapshot)
                    derived = deriving.derive(snapshot, present, day, policy, stages.within(0.6, 0.95))
                    _note(
                        snapshot,
                        database_name=Path(engine.url.database or "").stem,
                        snapshot_id=snapshot_id,
                        format=FORMAT,
                        as_of=day,
                        built_at=now.astimezone(UTC).replace(tzinfo=None),
                        source_rows=rows,
                        longest_term_months=derived.longest_term_months,
                    )
                    stages.enter("Writing", 0.95)
                    snapshot.execute("CHECKPOINT")
                path = snapshots.publish(folder, snapshot_id)
            finally:
                snapshots.clean(folder)
            snapshots.discard(folder, policy.snapshots)
    except Timeout:
        raise SnapshotError("Another refresh of this loan database is running; wait until it is done.") from None
    return Built(snapshot_id, path, day, rows, derived.loans, derived.rejected_loans, stages.finish())


def _copy(snapshot: duckdb.DuckDBPyConnection, engine: Engine, schema: str | None, progress: Progress) -> int:
    try:
        with engine.connect() as connection:
            present = present_columns(connection, schema)
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0].rstrip(".")
        raise SnapshotError(f"The loan database can't be read: {said}. Look at LOANBOARD_DATABASE_URL.") from error
    with readers.opened(engine, schema) as reader:
        return copying.copy(reader, present, snapshot, progress)


def _note(snapshot: duckdb.DuckDBPyConnection, *, database_name: str, **known: Any) -> None:
    """Write what the snapshot is: what is known, and what its tables tell."""
    state = loan_state.c
    noted = copied.TABLES["book_note"].c
    [(book_name, definition)] = run(snapshot, select(func.max(noted.name), func.max(noted.definition)))
    [(imputed,)] = run(snapshot, select(func.count()).where(state.dates_imputed))
    found = {evidence for (evidence,) in run(snapshot, select(state.evidence).distinct())}
    told = {
        "book_name": book_name or database_name,
        "definition": definition,
        "imputed_dates": imputed,
        "evidence": ",".join(evidence for evidence in Evidence if evidence in found),
    }
    run(snapshot, insert(snapshot_note).values({**known, **told}))


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A disk that is full or can't be written becomes a sentence, and so does a memory that is too small."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        if isinstance(error, duckdb.OutOfMemoryException) and str(error).splitlines()[0].endswith(" used)"):
            raise SnapshotError(
                f"This book needs more memory for a refresh than the {snapshots.BUILD_MEMORY} that one may use: tell "
                "whoever looks after Loanboard, with this sentence. The snapshot before this one stays in use."
            ) from error
        if not _is_of_disk(error):
            raise
        raise SnapshotError(
            f"The snapshot can't be written to {folder}: {str(error).splitlines()[0].rstrip('.')}. "
            "Make room there or let Loanboard write there, then refresh; the snapshot before this one stays in use."
        ) from error


def _is_of_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK_FAULTS
    saving = isinstance(error, duckdb.FatalException | duckdb.TransactionException)  # by a checkpoint, by a commit
    unsaved = saving and "Could not write file" in str(error)
    return unsaved or isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException)
