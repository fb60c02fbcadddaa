"""Refreshes that the app starts by itself, in a process of their own, so that no visitor waits for one."""

import logging
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import DEVNULL, Popen

from sqlalchemy import Engine

from desk import locks, runs
from loanbook import snapshots

_COMMAND = (sys.executable, "manage.py", "refresh")
_ROOT = Path(__file__).parent.parent

log = logging.getLogger("loanboard.refresh")

_lock = threading.Lock()
_started: dict[str, "_Started"] = {}


@dataclass(frozen=True)
class _Started:
    at: datetime
    after_run: int  # the newest run that was known then; 0 before the first
    process: Popen[bytes]


def refresh_when_due(
    engine: Engine,
    source: str,
    built_at: datetime | None,
    now: datetime,
    minutes: int,
) -> bool:
    """Start a refresh where one is due (`runs.is_due`) and none of this process runs; whether it was.

    Of several processes that start one at once, one builds: it holds the lock of the book's snapshots, and what comes
    after it finds that a run newer than the one it knew of has succeeded.
    """
    with _lock:
        if _alive(source):
            return False
        newest = runs.newest(engine, source)
        at, ended_well = (None, False) if newest is None else (newest.started_at, newest.outcome in runs.ENDED_WELL)
        own = _started.get(source)
        if own is not None and own.after_run >= _number(newest):  # it has ended, and no run since is on record
            at, ended_well = own.at, False
        if not runs.is_due(built_at, at, ended_well, now, minutes):
            return False
        _start(source, now, newest)
        return True


def refresh_asked(engine: Engine, folder: Path, now: datetime, asked_by: str) -> bool:
    """Start a refresh that a member of staff asks for; whether it was: one that runs already is theirs too."""
    with _lock:
        if is_running(folder):
            return False
        newest = runs.newest(engine, folder.name)
        _start(folder.name, now, newest, "--asked-by", asked_by)
        return True


def is_running(folder: Path) -> bool:
    """Whether a refresh of the snapshots in a folder runs, in whichever process, or is about to in one of ours."""
    return _alive(folder.name) or locks.is_held(folder / snapshots.LOCK)


def _alive(source: str) -> bool:
    return source in _started and _started[source].process.poll() is None


def _start(source: str, now: datetime, newest: runs.Run | None, *words: str) -> None:
    known = _number(newest)
    command = (*_COMMAND, *words, "--after-run", str(known))
    process = Popen(command, cwd=_ROOT, stdin=DEVNULL, stdout=DEVNULL, start_new_session=True)  # noqa: S603
    _started[source] = _Started(now, known, process)
    log.info("refresh asked for", extra={"source": source, "pid": process.pid})


def _number(newest: runs.Run | None) -> int:
    return 0 if newest is None else newest.id
