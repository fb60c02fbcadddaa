"""Refreshes of the snapshot, as recorded: when each started, how it ended, and whether the next is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, Row, insert, select, update

from desk.state import snapshot_run as table

_MESSAGE_LENGTH = 2000


class Outcome(StrEnum):
    """How a refresh ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class Run:
    """One refresh. `outcome` is None while it runs, or when its process was killed."""

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    rows: int | None
    source_watermark: datetime | None
    snapshot_id: str | None
    message: str | None


def start(engine: Engine, source: str, now: datetime) -> int:
    """Record that a refresh has started; its number."""
    with engine.begin() as connection:
        made = connection.execute(insert(table).values(source=source, started_at=now).returning(table.c.id))
        return int(made.scalar_one())


def succeed(
    engine: Engine, run: int, now: datetime, *, snapshot_id: str, rows: int, watermark: datetime | None = None
) -> None:
    """Record that a refresh has built a snapshot."""
    _finish(engine, run, now, outcome=Outcome.SUCCEEDED, snapshot_id=snapshot_id, rows=rows, source_watermark=watermark)


def fail(engine: Engine, run: int, now: datetime, message: str) -> None:
    """Record why a refresh has failed."""
    _finish(engine, run, now, outcome=Outcome.FAILED, message=message[:_MESSAGE_LENGTH])


def latest(engine: Engine, source: str, count: int = 20) -> tuple[Run, ...]:
    """The newest refreshes of a book, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.source == source).order_by(table.c.id.desc()).limit(count)
        )
        return tuple(_run(row) for row in rows)


def last_failure(engine: Engine, source: str) -> Run | None:
    """The newest refresh that has ended, if it failed; None where the newest one succeeded or none has ended."""
    ended = select(table).where(table.c.source == source, table.c.outcome.is_not(None))
    with engine.connect() as connection:
        row = connection.execute(ended.order_by(table.c.id.desc()).limit(1)).first()
    return _run(row) if row is not None and row.outcome == Outcome.FAILED else None


def is_due(built_at: datetime | None, last_started_at: datetime | None, now: datetime, minutes: int) -> bool:
    """Whether a refresh should start: the snapshot is older than so many minutes, and none was started since.

    A refresh that fails is tried again after the same time, not at every visit.
    """
    oldest = now - timedelta(minutes=minutes)
    if built_at is not None and built_at > oldest:
        return False
    return last_started_at is None or last_started_at <= oldest


def _finish(engine: Engine, run: int, now: datetime, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == run).values(finished_at=now, **values))


def _run(row: Row[tuple[object, ...]]) -> Run:
    values = row._asdict()
    outcome = values.pop("outcome")
    return Run(outcome=None if outcome is None else Outcome(outcome), **values)
