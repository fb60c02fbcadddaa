"""Refreshes of the snapshot, as recorded: when each started, how it ended, and whether the next is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, Row, func, insert, select, update

from desk.state import snapshot_run as table

RETRY_MINUTES = 5  # after a refresh that failed, where there is no snapshot to serve meanwhile
_MESSAGE_LENGTH = 2000


class Outcome(StrEnum):
    """How a refresh ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"  # its process ended without a word: it was killed, or the machine went down
    ROLLED_BACK = "rolled_back"  # no refresh: an earlier snapshot was made the one that is served


ENDED = (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.ROLLED_BACK)
ENDED_WELL = (Outcome.SUCCEEDED, Outcome.ROLLED_BACK)


@dataclass(frozen=True)
class Process:
    """The process that refreshes."""

    id: int
    host: str


@dataclass(frozen=True)
class Run:
    """One refresh. `outcome` is None while it runs, and until it is noticed that its process was killed."""

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    rows: int | None
    source_watermark: datetime | None
    snapshot_id: str | None
    message: str | None
    stage: str | None
    done: float | None  # 0-1
    stages: Mapping[str, float] | None  # seconds
    process_id: int | None
    host: str | None
    asked_by: str | None


def start(
    engine: Engine, source: str, now: datetime, *, process: Process | None = None, asked_by: str | None = None
) -> int:
    """Record that a refresh has started; its number. Only who holds the lock of the snapshots starts one.

    So what is still recorded as running has been killed, and is recorded as stopped from now on.
    """
    begun = {"source": source, "started_at": now, "asked_by": asked_by}
    if process is not None:
        begun |= {"process_id": process.id, "host": process.host}
    with engine.begin() as connection:
        unfinished = (table.c.source == source) & table.c.outcome.is_(None)
        connection.execute(update(table).where(unfinished).values(outcome=Outcome.STOPPED))
        made = connection.execute(insert(table).values(begun).returning(table.c.id))
        return int(made.scalar_one())


def report(engine: Engine, run: int, stage: str, done: float) -> None:
    """Record how far a refresh is."""
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == run).values(stage=stage, done=done))


def succeed(
    engine: Engine,
    run: int,
    now: datetime,
    *,
    snapshot_id: str,
    rows: int,
    watermark: datetime | None = None,
    stages: Mapping[str, float] | None = None,
) -> None:
    """Record that a refresh has built a snapshot, and the seconds that each stage of it took."""
    built = {"snapshot_id": snapshot_id, "rows": rows, "source_watermark": watermark}
    _finish(engine, run, now, outcome=Outcome.SUCCEEDED, stages=stages, done=1.0, **built)


def fail(engine: Engine, run: int, now: datetime, message: str, stages: Mapping[str, float] | None = None) -> None:
    """Record why a refresh has failed, and the seconds of the stages that it came through."""
    _finish(engine, run, now, outcome=Outcome.FAILED, message=message[:_MESSAGE_LENGTH], stages=stages)


def stop(engine: Engine, run: int) -> bool:
    """Record that a refresh was killed; whether it was this call that found out."""
    with engine.begin() as connection:
        still_open = (table.c.id == run) & table.c.outcome.is_(None)
        return connection.execute(update(table).where(still_open).values(outcome=Outcome.STOPPED)).rowcount == 1


def roll_back(engine: Engine, source: str, now: datetime, snapshot_id: str, message: str) -> None:
    """Record that an earlier snapshot was made the one that is served."""
    with engine.begin() as connection:
        done = {"source": source, "started_at": now, "finished_at": now, "outcome": Outcome.ROLLED_BACK}
        connection.execute(insert(table).values(**done, snapshot_id=snapshot_id, message=message[:_MESSAGE_LENGTH]))


def latest(engine: Engine, source: str, count: int = 20) -> tuple[Run, ...]:
    """The newest refreshes of a book, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.source == source).order_by(table.c.id.desc()).limit(count)
        )
        return tuple(_run(row) for row in rows)


def newest(engine: Engine, source: str) -> Run | None:
    """The newest refresh of a book; None before the first."""
    return next(iter(latest(engine, source, count=1)), None)


def last_failure(engine: Engine, source: str) -> Run | None:
    """The newest refresh that has ended, if it failed; None where the newest one succeeded or none has ended."""
    ended = select(table).where(table.c.source == source, table.c.outcome.in_(ENDED))
    with engine.connect() as connection:
        row = connection.execute(ended.order_by(table.c.id.desc()).limit(1)).first()
    return _run(row) if row is not None and row.outcome == Outcome.FAILED else None


def succeeded_since(engine: Engine, source: str, run: int) -> bool:
    """Whether a refresh that started after the one of this number has built a snapshot."""
    newer = (table.c.source == source) & (table.c.id > run) & (table.c.outcome == Outcome.SUCCEEDED)
    with engine.connect() as connection:
        return connection.execute(select(func.count()).where(newer)).scalar_one() > 0


def is_due(
    built_at: datetime | None, started_at: datetime | None, ended_well: bool, now: datetime, minutes: int
) -> bool:
    """Whether a refresh should start.

    `built_at` is when the snapshot that is served was begun, None where none can be read; `started_at` when the newest
    refresh was, and `ended_well` whether it has ended without a failure. A snapshot that is gone or damaged though the
    newest refresh built one is built anew at once; an old one when it is older than so many minutes. A refresh that
    fails is tried again after the same time, or sooner where there is nothing to serve, but not at every visit.
    """
    if built_at is None:
        wait = timedelta(minutes=min(minutes, RETRY_MINUTES))
        return ended_well or started_at is None or started_at <= now - wait
    oldest = now - timedelta(minutes=minutes)
    return built_at <= oldest and (started_at is None or started_at <= oldest)


def _finish(engine: Engine, run: int, now: datetime, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == run).values(finished_at=now, **values))


def _run(row: Row[tuple[object, ...]]) -> Run:
    values = row._asdict()
    outcome = values.pop("outcome")
    return Run(outcome=None if outcome is None else Outcome(outcome), **values)
