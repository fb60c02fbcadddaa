"""Snapshots on disk: a folder for each source, a pointer to the one served, the lock of a refresh, opening, keeping."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock
from sqlalchemy import Select, column, func, make_url, select

from loanbook.constructs import compiled
from loanbook.durable import sync
from loanbook.snapshot_schema import FORMAT, snapshot_note
from rules import calendar
from rules import policy as policy_rules
from rules.settings import Settings

_PREFIX, _SUFFIX = "snapshot-", ".duckdb"
_BUILDING = "building-"
POINTER, _NEW_POINTER = "current", "current.new"
LOCK = "lock"  # in the folder; held by whoever builds
BUILD_MEMORY = "4GB"
_STARTED = "%Y%m%dT%H%M%SZ"

# A truncated file may open and fail only where it is read, so its size is held against what it says of itself.
_HEADER_BYTES = 3 * 4096
_BYTES_OF_BLOCKS: Select[Any] = select(column("total_blocks") * column("block_size")).select_from(
    func.pragma_database_size()
)

# Extensions would be fetched from the internet; files beside the snapshot are none of a statement's business.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_READ_ONLY = {**_CLOSED, "enable_external_access": False}


class SnapshotError(RuntimeError):
    """A snapshot can't be built or opened. The message is a sentence, or a line for each fault, for people."""


class OtherVersionError(SnapshotError):
    """A snapshot was written by another version of Loanboard."""


def folder(settings: Settings, url: str) -> Path:
    """The folder of a source's snapshots, named by its address without password and its schema."""
    address = make_url(url).set(password=None).render_as_string()
    source = hashlib.sha256(f"{address}\n{settings.schema or ''}".encode()).hexdigest()
    return settings.snapshots_dir / source[:16]


def path(folder: Path, snapshot_id: str) -> Path:
    """Where the snapshot of an id lies."""
    return folder / f"{_PREFIX}{snapshot_id}{_SUFFIX}"


def current(folder: Path) -> str | None:
    """The id of the snapshot that is served; None before the first and where the pointer is damaged."""
    try:
        named = (folder / POINTER).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    return named or None


def ids(folder: Path) -> list[str]:
    """The ids of all snapshots in a folder, newest first."""
    found = [file.name[len(_PREFIX) : -len(_SUFFIX)] for file in folder.glob(f"{_PREFIX}*{_SUFFIX}")]
    return sorted((snapshot_id for snapshot_id in found if begun(snapshot_id)), reverse=True)


def lock(folder: Path) -> FileLock:
    """The lock that a refresh holds: taken at once or not at all (`filelock.Timeout`); a process may take it again."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileLock(folder / LOCK, timeout=0, is_singleton=True)


def new_id(folder: Path, now: datetime) -> str:
    """An id that no snapshot of the folder has: when its refresh started, and four digits that set it apart.

    The folder goes into the digits, so that two books refreshed in the same instant have different ids.
    """
    started = now.astimezone(UTC)
    taken = 0
    while True:
        digits = hashlib.sha256(f"{folder} {started.isoformat()} {taken}".encode()).hexdigest()[:4]
        snapshot_id = f"{started:{_STARTED}}-{digits}"
        if not path(folder, snapshot_id).exists():
            return snapshot_id
        taken += 1


def building(folder: Path, snapshot_id: str) -> Path:
    """The name under which a snapshot is written until it is whole."""
    return folder / f"{_BUILDING}{snapshot_id}{_SUFFIX}"


def create(file: Path) -> duckdb.DuckDBPyConnection:
    """A new, empty snapshot to be written, readable by its owner alone."""
    connection = duckdb.connect(str(file), config={**_CLOSED, "temp_directory": str(file.with_suffix(".spill"))})
    file.chmod(0o600)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{BUILD_MEMORY}'")
    return connection


def publish(folder: Path, snapshot_id: str) -> Path:
    """Give a written snapshot its name and let the pointer name it."""
    built, place = building(folder, snapshot_id), path(folder, snapshot_id)
    sync(built)
    built.rename(place)
    serve(folder, snapshot_id)
    return place


def serve(folder: Path, snapshot_id: str) -> None:
    """Let the pointer name a snapshot; under the lock."""
    pointer = folder / _NEW_POINTER
    pointer.write_text(f"{snapshot_id}\n", encoding="utf-8")
    sync(pointer)
    pointer.rename(folder / POINTER)
    sync(folder)


def open_readonly(file: Path) -> duckdb.DuckDBPyConnection:
    """Open a snapshot; `SnapshotError` where it is gone, truncated, no snapshot, or of another version's format."""
    if not file.is_file():
        raise SnapshotError(f"The snapshot {file} is gone; run: python manage.py refresh")
    damaged = f"The file {file} is no snapshot or is damaged; run: python manage.py refresh"
    try:
        connection = duckdb.connect(str(file), read_only=True, config=_READ_ONLY)
    except duckdb.Error as error:
        raise SnapshotError(damaged) from error
    try:
        formats = connection.execute(*compiled(select(snapshot_note.c.format))).fetchall()
        [(bytes_of_blocks,)] = connection.execute(*compiled(_BYTES_OF_BLOCKS)).fetchall()
    except duckdb.Error as error:
        connection.close()
        raise SnapshotError(damaged) from error
    fault = None
    if file.stat().st_size < _HEADER_BYTES + bytes_of_blocks:
        fault = SnapshotError(damaged)
    elif formats != [(FORMAT,)]:
        fault = OtherVersionError(
            f"The snapshot {file} was written by another version of Loanboard; run: python manage.py refresh"
        )
    if fault is not None:
        connection.close()
        raise fault
    return connection


def leftovers(folder: Path) -> Iterator[Path]:
    """What refreshes that were stopped have left, and what the one that runs is writing."""
    yield from folder.glob(f"{_BUILDING}*")
    yield from folder.glob(_NEW_POINTER)


def clean(folder: Path) -> None:
    """Remove what refreshes that were stopped have left; under the lock, when nothing is being written."""
    for left in list(leftovers(folder)):
        if left.is_dir():
            for spilled in left.iterdir():
                spilled.unlink()
            left.rmdir()
        else:
            left.unlink()


def discard(folder: Path, policy: policy_rules.Snapshots) -> list[str]:
    """Remove the snapshots that the policy does not keep; the ids of those removed. The one served always stays."""
    there = ids(folder)
    stay = kept(there, policy) | {current(folder)}
    gone = [snapshot_id for snapshot_id in there if snapshot_id not in stay]
    for snapshot_id in gone:
        path(folder, snapshot_id).unlink()
    return gone


def kept(snapshot_ids: list[str], policy: policy_rules.Snapshots) -> set[str | None]:
    """The ids that the policy keeps: the newest of each of the last days, and of each of the months before this one.

    A day here is the business day that had closed when the refresh started, so a month's newest is its month end.
    """
    newest_of_day: dict[date, str] = {}
    newest_of_month: dict[date, str] = {}
    for snapshot_id in sorted(snapshot_ids, reverse=True):
        started = begun(snapshot_id)
        if started is None:
            continue
        closed = calendar.business_date(started) - timedelta(days=1)
        newest_of_day.setdefault(closed, snapshot_id)
        newest_of_month.setdefault(calendar.first_of_month(closed), snapshot_id)
    days = list(newest_of_day.values())[: policy.keep_days]
    months = list(newest_of_month.values())[1 : policy.keep_month_ends + 1]
    return {*days, *months}


def begun(snapshot_id: str) -> datetime | None:
    """When the refresh that built a snapshot was begun; None for what is no id."""
    try:
        return datetime.strptime(snapshot_id.partition("-")[0], _STARTED).replace(tzinfo=UTC)
    except ValueError:
        return None
