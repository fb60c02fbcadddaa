"""Builds a snapshot: one consistent read of the loan database, proved, and everything that is derived from it."""

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import Timeout
from sqlalchemy import Engine, TableClause, func, insert, select

from loanbook import (
    closed_day,
    copied,
    copying,
    loan_dimensions,
    loan_fact,
    loan_state,
    reading_server,
    reading_sqlite,
    referral_levels,
    rejection,
    settlement,
    snapshots,
    standing,
)
from loanbook.connection import present_columns
from loanbook.reading import Reader
from loanbook.snapshot_schema import FORMAT, instalment_state, snapshot_note
from loanbook.snapshot_schema import loan_state as loan_state_table
from loanbook.snapshots import SnapshotError
from loanbook.working import create_tables, drop, run, work_table
from rules.book import Evidence
from rules.policy import Policy

LOANS_AT_A_TIME = 1_000_000  # settled together: bounds the memory, not the result
MEMORY_LIMIT = "4GB"

Progress = Callable[[str, float], None]

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
    seconds: dict[str, float] = field(default_factory=dict)  # by stage


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
    try:
        with snapshots.lock(folder), _disk(folder):
            snapshots.clean(folder)
            snapshot_id = snapshots.new_id(folder, now)
            try:
                return _build(engine, schema, folder, snapshot_id, policy, as_of, now, _Stages(progress))
            finally:
                snapshots.clean(folder)
    except Timeout:
        raise SnapshotError("Another refresh of this loan database is running; wait until it is done.") from None


def _build(
    engine: Engine,
    schema: str | None,
    folder: Path,
    snapshot_id: str,
    policy: Policy,
    as_of: date | None,
    now: datetime,
    stages: "_Stages",
) -> Built:
    snapshot = snapshots.create(snapshots.building(folder, snapshot_id))
    with snapshot:
        snapshot.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        create_tables(snapshot, "snapshot_note", "source_table", "rejected_row", "instalment_state", "loan_state")
        create_tables(snapshot, "dimension_value")
        with engine.connect() as connection:
            present = present_columns(connection, schema)
        with _reader(engine) as reader:
            rows = copying.copy(reader, present, snapshot, stages.within(0.0, 0.6))
        day = closed_day.of(snapshot, as_of, now)
        stages.enter("Checking rows", 0.6)
        rejected = rejection.reject(snapshot, frozenset(present))
        stages.enter("Ordering loans", 0.65)
        loans = work_table(snapshot, "loan_standing", standing.loans(day))
        stages.enter("Settling instalments", 0.7)
        _settle(snapshot, loans, day)
        stages.enter("Deriving loan states", 0.8)
        for state in (loan_state.from_instalments, loan_state.from_tape, loan_state.from_outcomes):
            names = [column.name for column in loan_state_table.columns]
            run(snapshot, insert(loan_state_table).from_select(names, state(loans, day)))
        stages.enter("Finding referral levels", 0.85)
        levels = referral_levels.build(snapshot)
        stages.enter("Describing loans", 0.88)
        described = loan_dimensions.of_loans(snapshot, loans, levels, policy.bands)
        loan_fact.build(snapshot, loans, described, day, policy)
        [(counted,)] = run(snapshot, select(func.count()).select_from(loans))
        _note(snapshot, loans, snapshot_id, engine, day, now, rows)
        drop(snapshot, loans, levels)
        stages.enter("Writing", 0.95)
        snapshot.execute("CHECKPOINT")
    path = snapshots.publish(folder, snapshot_id)
    snapshots.discard(folder, policy.snapshots)
    return Built(snapshot_id, path, day, rows, counted, rejected, stages.finish())


def _reader(engine: Engine) -> AbstractContextManager[Reader]:
    return reading_sqlite.opened(engine) if engine.dialect.name == "sqlite" else reading_server.opened(engine)


def _settle(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, as_of: date) -> None:
    """Fill `instalment_state`, so many loans at a time, in the order of their keys."""
    place = func.row_number().over(order_by=loans.c.id)
    placed = select(loans.c.id, place.label("place")).subquery("placed")
    firsts = select(placed.c.id).where((placed.c.place - 1) % LOANS_AT_A_TIME == 0).order_by(placed.c.place)
    keys = [key for (key,) in run(snapshot, firsts)]
    names = [column.name for column in instalment_state.columns]
    for first, following in zip(keys, [*keys[1:], None], strict=True):
        settled = settlement.instalments(loans, as_of, first, following)
        run(snapshot, insert(instalment_state).from_select(names, settled))


def _note(
    snapshot: duckdb.DuckDBPyConnection,
    loans: TableClause,
    snapshot_id: str,
    engine: Engine,
    as_of: date,
    now: datetime,
    rows: int,
) -> None:
    [(book_name,)] = run(snapshot, select(func.max(copied.TABLES["book_note"].c.name)))
    state = loan_state_table.c
    [(longest_term_months,)] = run(snapshot, select(func.coalesce(func.max(loans.c.term_months), 0)))
    [(imputed,)] = run(snapshot, select(func.count()).where(state.dates_imputed))
    found = {evidence for (evidence,) in run(snapshot, select(state.evidence).distinct())}
    note: dict[str, Any] = {
        "snapshot_id": snapshot_id,
        "format": FORMAT,
        "book_name": book_name or Path(engine.url.database or "").stem,
        "as_of": as_of,
        "built_at": now.astimezone(UTC).replace(tzinfo=None),
        "evidence": ",".join(evidence for evidence in Evidence if evidence in found),
        "imputed_dates": imputed,
        "source_rows": rows,
        "longest_term_months": longest_term_months,
    }
    run(snapshot, insert(snapshot_note).values(note))


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A disk that is full or can't be written becomes a sentence."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _DISK_FAULTS:
            raise
        raise SnapshotError(
            f"The snapshot can't be written to {folder}: {str(error).splitlines()[0].rstrip('.')}. "
            "Make room there or let Loanboard write there, then refresh; the snapshot before this one stays in use."
        ) from error


class _Stages:
    """Tells how far a build is, and keeps how long each stage took."""

    def __init__(self, progress: Progress | None):
        self._progress = progress
        self._seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._since = time.monotonic()

    def enter(self, stage: str, done: float) -> None:
        self.finish()
        self._stage = stage
        if self._progress:
            self._progress(stage, done)

    def within(self, first: float, last: float) -> Progress:
        """Progress of a part of the build, scaled to its share."""
        return lambda stage, done: self.enter(stage, first + (last - first) * done)

    def finish(self) -> dict[str, float]:
        now = time.monotonic()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = None, now
        return self._seconds
