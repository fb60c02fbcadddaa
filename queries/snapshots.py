"""The snapshots that this process has open: the newest by name, and older ones while they are still read."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from loanbook import snapshots as files
from queries.faults import OtherVersion, SnapshotGone
from rules.calendar import business_date
from rules.text import N_

_ARRAY_BITS = 18  # a quarter of a million groups, twenty megabytes a thread

_NAME = re.compile(r"[0-9A-Za-z_-]{1,100}")  # ids also come from links: nothing that could leave the folder


@dataclass
class _Opened:
    connection: duckdb.DuckDBPyConnection
    cursors: int = 0


@dataclass
class _State:
    folder: Path | None = None
    memory_limit: str = ""
    threads: int = 0
    current: str | None = None


_state = _State()
_opened: dict[Path, _Opened] = {}
_lock = threading.Lock()


def use(folder: Path, *, memory_limit: str = "2GB", threads: int = 2) -> None:
    """Serve the snapshots of a folder, each opened with these limits. Called once, before anything is read."""
    with _lock:
        _state.folder, _state.memory_limit, _state.threads, _state.current = folder, memory_limit, threads, None
        _close_idle()


def current() -> str:
    """The id of the newest snapshot; `SnapshotGone` until the first one is built. One small read of the pointer.

    When it has moved, snapshots before it are closed as soon as their last cursor is.
    """
    snapshot_id = files.current(_folder())
    if snapshot_id is None:
        raise SnapshotGone(N_("No copy of the loan database has been built yet."))
    with _lock:
        if snapshot_id != _state.current:
            _state.current = snapshot_id
            _close_idle()
    return snapshot_id


def kept() -> list[tuple[str, datetime]]:
    """The snapshots that can be opened by their ids, newest first, each with the moment at which it was begun."""
    begun = ((snapshot_id, files.begun(snapshot_id)) for snapshot_id in files.ids(_folder()))
    return [(snapshot_id, moment) for snapshot_id, moment in begun if moment is not None]


def of_same_day(snapshot_id: str) -> tuple[str, datetime] | None:
    """The snapshot that is kept of the business day on which another was begun: both tell of the same closed days."""
    began = files.begun(snapshot_id)
    if began is None:
        return None
    days = ((business_date(moment), each, moment) for each, moment in kept())
    return next(((each, moment) for day, each, moment in days if day == business_date(began)), None)


def path(snapshot_id: str) -> Path:
    """The file of a snapshot, whether it exists or not; `SnapshotGone` for what can't be an id."""
    if not _NAME.fullmatch(snapshot_id):
        raise SnapshotGone
    return files.path(_folder(), snapshot_id)


@contextmanager
def cursor(snapshot_id: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor on a snapshot, opening it when needed; `SnapshotGone` when its file is gone or can't be read."""
    file = path(snapshot_id)
    with _lock:
        if file not in _opened:
            _opened[file] = _Opened(_open(file))
        opened = _opened[file]
        opened.cursors += 1
        own = opened.connection.cursor()
    try:
        yield own
    finally:
        with _lock:
            own.close()
            opened.cursors -= 1
            _close_idle()


def _folder() -> Path:
    if _state.folder is None:
        raise RuntimeError("queries.snapshots.use(folder) was not called")
    return _state.folder


def _open(file: Path) -> duckdb.DuckDBPyConnection:
    if not file.exists():
        raise SnapshotGone
    try:
        connection = files.open_readonly(file)
    except files.OtherVersionError as error:
        raise OtherVersion("{reason}", reason=str(error)) from error
    except files.SnapshotError as error:
        raise SnapshotGone("{reason}", reason=str(error)) from error
    connection.execute("SET memory_limit = $1", [_state.memory_limit])
    connection.execute("SET threads = $1", [_state.threads])
    # States of a month end, of a vintage: few values by many dates. Counted in an array instead of a hash table they
    # take less than half the time (30 million rows: 0.34 s instead of 0.89 s of both cores).
    connection.execute("SET perfect_ht_threshold = $1", [_ARRAY_BITS])
    return connection


def _close_idle() -> None:
    """Close what nobody reads, except the newest. Called with the lock held."""
    newest = path(_state.current) if _state.current is not None else None
    for file in [file for file, opened in _opened.items() if opened.cursors == 0 and file != newest]:
        _opened.pop(file).connection.close()
