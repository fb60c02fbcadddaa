"""One refresh of the snapshot, from the setting to the record of how it ended: what the command line runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import Timeout
from sqlalchemy import Engine, select

from desk import runs
from loanbook import books, connection, snapshot, snapshots
from loanbook.constructs import compiled
from loanbook.snapshot_schema import snapshot_note
from rules import policy
from rules.calendar import business_date
from rules.settings import Settings

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Source:
    """A loan database and the folder of its snapshots."""

    url: str
    schema: str | None
    folder: Path


def source(settings: Settings) -> Source:
    """What the settings say is to be read; `SourceError` where there is no book yet."""
    url = books.url(settings)
    if url is None:
        raise connection.SourceError("There is no loan database yet; run: python manage.py demo")
    connection.label(url)  # a wrong address gets its sentence before anything is named after it
    return Source(url, settings.schema, snapshots.folder(settings, url))


def run(
    settings: Settings, state: Engine, clock: Callable[[], datetime], progress: Progress, *, wait: bool
) -> snapshot.Built | None:
    """Build a snapshot and record it; None where another process is at it and this one shall not wait its turn.

    Whatever goes wrong is on record before it is raised; the earlier snapshot stays the one that is served.
    """
    read = source(settings)
    versions = policy.load(settings.policy_path)
    try:
        with snapshots.lock(read.folder).acquire(timeout=-1 if wait else 0):
            now = clock()
            number = runs.start(state, read.folder.name, now)
            try:
                built = _build(read, policy.in_force(versions, business_date(now)), settings.as_of, now, progress)
            except BaseException as error:
                runs.fail(state, number, clock(), _told(error))
                raise
            runs.succeed(state, number, clock(), snapshot_id=built.snapshot_id, rows=built.rows)
            return built
    except Timeout:
        return None


def _build(read: Source, rule: policy.Policy, as_of: date | None, now: datetime, progress: Progress) -> snapshot.Built:
    engine = connection.connect(read.url, read.schema)
    try:
        with connection.reading(read.url):
            return snapshot.build(
                engine, schema=read.schema, folder=read.folder, policy=rule, as_of=as_of, now=now, progress=progress
            )
    finally:
        engine.dispose()


def _told(error: BaseException) -> str:
    """Why a refresh failed, for people: the log has the rest."""
    if isinstance(error, connection.SourceError | snapshots.SnapshotError):
        return str(error)
    return f"Loanboard itself failed ({type(error).__name__}); the log of the refresh says where."


def built_at(settings: Settings) -> datetime | None:
    """When the snapshot that is served was begun; None where there is none, or none that can be used now."""
    folder = source(settings).folder
    snapshot_id = snapshots.current(folder)
    if snapshot_id is None:
        return None
    try:
        with snapshots.open_readonly(snapshots.path(folder, snapshot_id)) as opened:
            note = select(snapshot_note.c.built_at, snapshot_note.c.as_of)
            row = opened.execute(*compiled(note)).fetchone()
    except snapshots.SnapshotError:
        return None
    if row is None or (settings.as_of is not None and row[1] != settings.as_of):
        return None
    began: datetime = row[0].replace(tzinfo=UTC)
    return began
