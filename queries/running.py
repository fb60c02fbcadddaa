"""Statements as they run: each distinct one once, a bounded number at a time, each stoppable."""

import itertools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import duckdb
import pandas as pd

from queries import snapshots
from queries.faults import Superseded, TookTooLong, TooLarge
from queries.watch import Watch

SLOW_SECONDS = 2.0  # from here on a read is in the log
AT_ONCE = 4  # statements that run at the same time; the next waits for its turn
_REMEMBERED_RUNS = 10_000

log = logging.getLogger("loanboard.reads")

Execute = Callable[[duckdb.DuckDBPyConnection], pd.DataFrame]

_runs = itertools.count(1)
_slots = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()


@dataclass(frozen=True)
class Asker:
    """Who asks for a read: one run of one page in one person's browser session. Later runs have larger numbers."""

    session: str
    page: str
    run: int

    def replaces(self, other: "Asker | None") -> bool:
        """Whether nobody waits for the other any more, now that this one asks."""
        return other is not None and (self.session, self.page) == (other.session, other.page) and self.run > other.run


def new_run(session: str, page: str) -> Asker:
    """The asker for all reads of a run that begins now; its own reads never stop each other."""
    return Asker(session, page, next(_runs))


@dataclass(eq=False)
class _Flight:
    """One statement that runs now, and everyone who waits for it."""

    askers: list[Asker | None]
    watch: Watch
    done: threading.Event = field(default_factory=threading.Event)
    frame: pd.DataFrame | None = None
    error: BaseException | None = None

    def answer(self) -> pd.DataFrame:
        if self.error is not None:
            raise self.error
        assert self.frame is not None  # noqa: S101
        return self.frame


_flights: dict[Hashable, _Flight] = {}
_newest: OrderedDict[tuple[str, str], Asker] = OrderedDict()


def once(
    key: Hashable,
    snapshot_id: str,
    asked_by: Asker | None,
    seconds: float,
    execute: Execute,
) -> pd.DataFrame:
    """Run a statement, or wait for the same one where it runs already; everyone gets the same frame or error.

    A session's newer run stops what its older runs of the page still run, unless somebody else waits for it; an older
    run that asks again is refused. `Superseded`, `TookTooLong`, `TooLarge` or `SnapshotGone` where there is no answer.
    """
    flight, leads = _join(key, asked_by, seconds)
    if not leads:
        flight.done.wait()
        return flight.answer()
    began = time.monotonic()
    try:
        flight.frame = _run(flight.watch, snapshot_id, execute)
    except BaseException as error:
        flight.error = error
        raise
    finally:
        _tell(asked_by, snapshot_id, time.monotonic() - began, flight.error)
        with _lock:
            if _flights.get(key) is flight:
                del _flights[key]
        flight.done.set()
    return flight.answer()


def _tell(asked_by: Asker | None, snapshot_id: str, seconds: float, error: BaseException | None) -> None:
    """Log a read that was slow or got no answer; one that nobody waits for any more is neither."""
    known = {"page": asked_by.page if asked_by else None, "snapshot": snapshot_id, "seconds": round(seconds, 3)}
    if error is not None and not isinstance(error, Superseded):
        log.warning("read refused", extra=known | {"error": type(error).__name__})
    elif error is None and seconds >= SLOW_SECONDS:
        log.warning("slow read", extra=known)


def _join(key: Hashable, asked_by: Asker | None, seconds: float) -> tuple[_Flight, bool]:
    with _lock:
        if asked_by is not None:
            _replace_older(key, asked_by)
        flight = _flights.get(key)
        if flight is not None and not flight.watch.stopped:
            flight.askers.append(asked_by)
            return flight, False
        flight = _flights[key] = _Flight([asked_by], Watch(seconds))
        return flight, True


def _replace_older(key: Hashable, asked_by: Asker) -> None:
    place = (asked_by.session, asked_by.page)
    newest = _newest.get(place)
    if newest is not None and newest.replaces(asked_by):
        raise Superseded
    _newest[place] = asked_by
    _newest.move_to_end(place)
    if len(_newest) > _REMEMBERED_RUNS:
        _newest.popitem(last=False)
    for other, flight in _flights.items():
        if other != key and all(asked_by.replaces(asker) for asker in flight.askers):
            flight.watch.stop()


def _run(watch: Watch, snapshot_id: str, execute: Execute) -> pd.DataFrame:
    if not _slots.acquire(timeout=watch.seconds):
        raise TookTooLong(watch.seconds)
    try:
        with snapshots.cursor(snapshot_id) as cursor, watch.over(cursor):
            if watch.stopped:
                raise Superseded
            return execute(cursor)
    except duckdb.InterruptException as error:
        raise (TookTooLong(watch.seconds) if watch.timed_out else Superseded()) from error
    except duckdb.OutOfMemoryException as error:
        raise TooLarge from error
    finally:
        _slots.release()
