"""Statements that are stopped when their time is over or nobody wants them any more.

DuckDB has no time limit of its own. One thread watches all running statements: a thread for each would cost a
millisecond, as much as a small statement.
"""

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

_AGAIN_SECONDS = 0.05  # an interrupt that arrives before the statement has begun is lost, so it is repeated


class Watch:
    """One statement's time limit and the signal to stop it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.stopped = False
        self.timed_out = False

    def stop(self) -> None:
        """Interrupt the statement now, or as soon as it begins."""
        with _changed:
            self.stopped = True
            _changed.notify()

    @contextmanager
    def over(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Watch what runs on a cursor inside the block; other cursors are left alone."""
        with _changed:
            ends = time.monotonic() + self.seconds
            _running[self] = cursor, ends
            if _watcher.ident is None:
                _watcher.start()
            elif self.stopped or ends < _watcher.wakes_at:
                _changed.notify()
        try:
            yield
        finally:
            with _changed:
                del _running[self]


_running: dict[Watch, tuple[duckdb.DuckDBPyConnection, float]] = {}
_changed = threading.Condition()


class _Watcher(threading.Thread):
    """Sleeps until the next time limit, or until somebody has something stopped."""

    wakes_at = float("inf")
    closing = False

    def run(self) -> None:
        with _changed:
            while not self.closing:
                now = time.monotonic()
                over = [watch for watch, (_, ends) in _running.items() if watch.stopped or ends <= now]
                for watch in over:
                    watch.timed_out = not watch.stopped
                    _running[watch][0].interrupt()
                ends = [now + _AGAIN_SECONDS] if over else [ends for _, ends in _running.values()]
                self.wakes_at = min(ends, default=float("inf"))
                _changed.wait(self.wakes_at - now if ends else None)


_watcher = _Watcher(name="statement watch", daemon=True)


@atexit.register
def _close() -> None:
    """Let the thread end with the process: asleep in it, it would keep DuckDB's module from being cleared."""
    with _changed:
        _watcher.closing = True
        _changed.notify()
    if _watcher.ident is not None:
        _watcher.join()
