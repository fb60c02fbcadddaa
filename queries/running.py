"""Statements as they run: each distinct one once, a bounded number at a time, each stoppable."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import duckdb
import pandas as pd

from queries import snapshots
from queries.faults import Superseded, TookTooLong, TooLarge

AT_ONCE = 4  # statements that run at the same time; the next waits for its turn
_INTERRUPT_AGAIN_SECONDS = 0.05  # an interrupt that arrives before the statement has begun is lost, so it is repeated
_REMEMBERED_RUNS = 10_000

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
    stopped: threading.Event = field(default_factory=threading.Event)
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
    execute: Callable[[duckdb.DuckDBPyConnection], pd.DataFrame],
) -> pd.DataFrame:
    """Run a statement, or wait for the same one where it runs already; everyone gets the same frame or error.

    A session's newer run stops what its older runs of the page still run, unless somebody else waits for it; an older
    run that asks again is refused. `Superseded`, `TookTooLong`, `TooLarge` or `SnapshotGone` where there is no answer.
    """
    flight, leads = _join(key, asked_by)
    if not leads:
        flight.done.wait()
        return flight.answer()
    try:
        flight.frame = _run(flight, snapshot_id, seconds, execute)
    except BaseException as error:
        flight.error = error
        raise
    finally:
        with _lock:
            if _flights.get(key) is flight:
                del _flights[key]
        flight.done.set()
    return flight.answer()


def _join(key: Hashable, asked_by: Asker | None) -> tuple[_Flight, bool]:
    with _lock:
        if asked_by is not None:
            _replace_older(key, asked_by)
        flight = _flights.get(key)
        if flight is not None and not flight.stopped.is_set():
            flight.askers.append(asked_by)
            return flight, False
        flight = _flights[key] = _Flight([asked_by])
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
            flight.stopped.set()


def _run(
    flight: _Flight, snapshot_id: str, seconds: float, execute: Callable[[duckdb.DuckDBPyConnection], pd.DataFrame]
) -> pd.DataFrame:
    if not _slots.acquire(timeout=seconds):
        raise TookTooLong(seconds)
    try:
        with snapshots.cursor(snapshot_id) as cursor, _Watch(flight, cursor, seconds) as watch:
            if flight.stopped.is_set():
                raise Superseded
            try:
                return execute(cursor)
            except duckdb.InterruptException as error:
                raise (TookTooLong(seconds) if watch.timed_out else Superseded()) from error
            except duckdb.OutOfMemoryException as error:
                raise TooLarge from error
    finally:
        _slots.release()


class _Watch:
    """Interrupts a cursor, and no other, once its flight is stopped or its time is over."""

    def __init__(self, flight: _Flight, cursor: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self.timed_out = False
        self._stopped, self._cursor, self._seconds = flight.stopped, cursor, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        self.timed_out = not self._stopped.wait(self._seconds)
        while not self._over.is_set():
            self._cursor.interrupt()
            self._over.wait(_INTERRUPT_AGAIN_SECONDS)
