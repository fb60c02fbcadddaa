"""One refresh of the snapshot, from the setting to the record of how it ended: what the command line runs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import Timeout
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from desk import runs, webhook
from desk.reporting import Progress, Reporter
from loanbook import books, connection, snapshot, snapshots
from loanbook.constructs import compiled
from loanbook.snapshot_schema import snapshot_note
from rules import policy
from rules.calendar import business_date
from rules.settings import Settings

# Whoever looks whether a refresh runs shares its lock for a moment; that must not turn a refresh away.
LOCK_SECONDS = 1.0

log = logging.getLogger("loanboard.refresh")


@dataclass(frozen=True)
class Source:
    """A loan database and the folder of its snapshots."""

    url: str
    schema: str | None
    folder: Path


@dataclass(frozen=True)
class Order:
    """Why a refresh is run: which process it is, who asked for it, and what they knew.

    `after_run` is the newest run that whoever asked had seen: where a later one has succeeded, theirs is done already.
    """

    process: runs.Process | None = None
    asked_by: str | None = None
    after_run: int | None = None


@dataclass(frozen=True)
class Served:
    """A snapshot as it says of itself."""

    snapshot_id: str
    built_at: datetime
    as_of: date
    size_bytes: int


def source(settings: Settings) -> Source:
    """What the settings say is to be read; `SourceError` where there is no book yet."""
    url = books.url(settings)
    if url is None:
        raise connection.SourceError("There is no loan database yet; run: python manage.py demo")
    connection.label(url)  # a wrong address gets its sentence before anything is named after it
    return Source(url, settings.schema, snapshots.folder(settings, url))


def run(
    settings: Settings,
    state: Engine,
    clock: Callable[[], datetime],
    progress: Progress,
    *,
    wait: bool,
    order: Order | None = None,
) -> snapshot.Built | None:
    """Build a snapshot and record it; None where another process is at it and this one shall not wait its turn.

    Also None where what was asked for has been built meanwhile. Whatever goes wrong is on record, in the log and told
    to the webhook before it is raised; the earlier snapshot stays the one that is served.
    """
    read, order = source(settings), order or Order()
    failed: webhook.Notice | None = None
    try:
        with snapshots.lock(read.folder).acquire(timeout=-1 if wait else LOCK_SECONDS):
            if order.after_run is not None and runs.succeeded_since(state, read.folder.name, order.after_run):
                return None
            begun = clock()
            number = runs.start(state, read.folder.name, begun, process=order.process, asked_by=order.asked_by)
            log.info("refresh started", extra={"source": read.folder.name, "run": number})
            reporter = Reporter(state, number, clock, progress)
            try:
                built = _build(read, settings, begun, reporter)
            except BaseException as error:
                failed = notice("refresh_failed", read.folder, number, _told(error), begun, clock())
                _record(state, failed, reporter)
                raise
            stages = reporter.finish()
            runs.succeed(state, number, clock(), snapshot_id=built.snapshot_id, rows=built.rows, stages=stages)
            ended = {"snapshot": built.snapshot_id, "rows": built.rows, "seconds": (clock() - begun).total_seconds()}
            log.info("refresh ended", extra={"source": read.folder.name, "run": number, **ended})
            return built
    except Timeout:
        return None
    finally:
        if failed is not None:
            webhook.send(settings.webhook_url, failed)


def _build(read: Source, settings: Settings, now: datetime, progress: Progress) -> snapshot.Built:
    rule = policy.in_force(policy.load(settings.policy_path), business_date(now))
    engine = connection.connect(read.url, read.schema)
    try:
        with connection.reading(read.url):
            return snapshot.build(
                engine,
                schema=read.schema,
                folder=read.folder,
                policy=rule,
                as_of=settings.as_of,
                now=now,
                progress=progress,
            )
    finally:
        engine.dispose()


def notice(event: str, folder: Path, number: int, message: str, begun: datetime, now: datetime) -> webhook.Notice:
    """What the webhook is told of a refresh that built nothing."""
    served = snapshot_served(folder)
    return webhook.Notice(
        event=event,
        source=folder.name,
        run=number,
        message=message,
        started_at=begun,
        finished_at=now,
        snapshot_served=None if served is None else served.snapshot_id,
        snapshot_age_seconds=None if served is None else round((now - served.built_at).total_seconds()),
    )


def _record(state: Engine, failed: webhook.Notice, reporter: Reporter) -> None:
    """Put a failure into the log and on record; a state database that can't take it does not hide what failed."""
    log.error("refresh failed", extra={"source": failed.source, "run": failed.run, "reason": failed.message})
    try:
        runs.fail(state, failed.run or 0, failed.finished_at, failed.message, reporter.finish())
    except SQLAlchemyError as error:
        log.error("failure not recorded", extra={"run": failed.run, "error": type(error).__name__})


def _told(error: BaseException) -> str:
    """Why a refresh failed, for people: the log has the rest."""
    if isinstance(error, connection.SourceError | snapshots.SnapshotError | policy.PolicyError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "The refresh was stopped by hand."
    return f"Loanboard itself failed ({type(error).__name__}); the log of the refresh says where."


def built_at(settings: Settings) -> datetime | None:
    """When the snapshot that is served was begun; None where there is none, or none that can be used now."""
    served = snapshot_served(source(settings).folder)
    if served is None or (settings.as_of is not None and served.as_of != settings.as_of):
        return None
    return served.built_at


def snapshot_served(folder: Path) -> Served | None:
    """The snapshot that the pointer of a folder names, opened; None where there is none that can be read."""
    snapshot_id = snapshots.current(folder)
    if snapshot_id is None:
        return None
    try:
        return opened(folder, snapshot_id)
    except snapshots.SnapshotError:
        return None


def opened(folder: Path, snapshot_id: str) -> Served:
    """What a snapshot says of itself; `SnapshotError` where it is gone or can't be read."""
    file = snapshots.path(folder, snapshot_id)
    with snapshots.open_readonly(file) as snapshot_file:
        note = select(snapshot_note.c.built_at, snapshot_note.c.as_of)
        row = snapshot_file.execute(*compiled(note)).fetchone()
    if row is None:
        raise snapshots.SnapshotError(f"The snapshot {file} says nothing of itself; run: python manage.py refresh")
    return Served(snapshot_id, row[0].replace(tzinfo=UTC), row[1], file.stat().st_size)
