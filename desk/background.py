"""Refreshes that the app starts by itself, in a process of their own, so that no visitor waits for one."""

import sys
import threading
from datetime import datetime
from pathlib import Path
from subprocess import DEVNULL, Popen

from sqlalchemy import Engine

from desk import runs

_COMMAND = (sys.executable, "manage.py", "refresh")
_ROOT = Path(__file__).parent.parent

_lock = threading.Lock()
_started: dict[str, tuple[datetime, Popen[bytes]]] = {}


def refresh_when_due(
    engine: Engine,
    source: str,
    built_at: datetime | None,
    now: datetime,
    minutes: int,
    command: tuple[str, ...] = _COMMAND,
) -> bool:
    """Start a refresh where the snapshot is older than so many minutes and none has been started since; whether it was.

    The process takes the lock of the book's snapshots, so of several that are started at once one builds.
    """
    with _lock:
        newest = runs.latest(engine, source, count=1)
        started = [run.started_at for run in newest]
        if source in _started:
            at, process = _started[source]
            process.poll()  # takes leave of one that has ended
            started.append(at)
        if not runs.is_due(built_at, max(started, default=None), now, minutes):
            return False
        process = Popen(command, cwd=_ROOT, stdin=DEVNULL, stdout=DEVNULL, start_new_session=True)  # noqa: S603
        _started[source] = (now, process)
        return True
