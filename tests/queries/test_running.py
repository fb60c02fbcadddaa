"""Statements side by side, with real threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import date

import duckdb
import pytest
from sqlalchemy import Integer, String, cast, func, literal, select

from queries import read, running, snapshots
from queries.faults import Superseded, TookTooLong
from queries.running import new_run
from tests.queries import heavy
from tests.queries.drawn import Loan

PAIRS = sum((x * y) % 7 == 3 for x in range(70) for y in range(70)) / 4900 * 6_000 * 10_000  # about what `brief` counts


@pytest.fixture
def snapshot_id(publish):
    return publish([Loan(1, date(2024, 1, 1))])


@pytest.fixture
def threads():
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture
def cursors(monkeypatch):
    """How many cursors were opened, how many are open, and the most at one time."""
    seen = {"opened": 0, "open": 0, "most": 0}
    lock, cursor = threading.Lock(), snapshots.cursor

    @contextmanager
    def counted(snapshot_id):
        with cursor(snapshot_id) as own:
            with lock:
                seen["opened"] += 1
                seen["open"] += 1
                seen["most"] = max(seen["most"], seen["open"])
            try:
                yield own
            finally:
                with lock:
                    seen["open"] -= 1

    monkeypatch.setattr(snapshots, "cursor", counted)
    return seen


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_an_identical_statement_runs_once_however_many_ask(snapshot_id, threads, cursors):
    answers = [threads.submit(read.read, heavy.brief(), snapshot_id, new_run(f"s{n}", "p")) for n in range(8)]
    counts = {answer.result()["pairs"].item() for answer in answers}
    assert cursors["opened"] == 1
    assert len(counts) == 1
    assert counts.pop() == pytest.approx(PAIRS, rel=0.01)


def test_stopping_one_statement_leaves_its_siblings_alone(snapshot_id, threads):
    sibling = threads.submit(read.read, heavy.brief(4), snapshot_id)
    with pytest.raises(TookTooLong):
        read.read(heavy.endless(), snapshot_id, seconds=0.1)
    assert sibling.result()["pairs"].item() == pytest.approx(PAIRS, rel=0.01)
    assert read.read(heavy.rows(3), snapshot_id)["x"].tolist() == [0, 1, 2]


def test_a_newer_run_of_the_page_stops_what_the_older_still_runs(snapshot_id, threads, cursors):
    old = threads.submit(read.read, heavy.endless(), snapshot_id, new_run("s", "rates"))
    until(lambda: cursors["open"] == 1)
    assert len(read.read(heavy.rows(3), snapshot_id, new_run("s", "rates"))) == 3
    with pytest.raises(Superseded, match="newer choice"):
        old.result(timeout=10)
    assert cursors["open"] == 0


def test_nobody_else_stops_it(snapshot_id, threads, cursors):
    run = new_run("s", "rates")
    old = threads.submit(read.read, heavy.brief(), snapshot_id, run)
    until(lambda: cursors["open"] == 1)
    for asker in (run, new_run("s", "overview"), new_run("another", "rates"), None):
        read.read(heavy.rows(4), snapshot_id, asker)
    assert old.result()["pairs"].item() == pytest.approx(PAIRS, rel=0.01)


def test_it_goes_on_while_somebody_else_waits_for_it(snapshot_id, threads, cursors):
    old = threads.submit(read.read, heavy.brief(), snapshot_id, new_run("s", "rates"))
    until(lambda: cursors["open"] == 1)
    other = threads.submit(read.read, heavy.brief(), snapshot_id, new_run("another", "rates"))
    until(lambda: any(len(flight.askers) == 2 for flight in list(running._flights.values())))
    read.read(heavy.rows(5), snapshot_id, new_run("s", "rates"))
    assert other.result()["pairs"].item() == old.result()["pairs"].item()
    assert cursors["opened"] == 2


def test_a_newer_run_that_asks_the_same_joins_it(snapshot_id, threads, cursors):
    old = threads.submit(read.read, heavy.brief(), snapshot_id, new_run("s", "rates"))
    until(lambda: cursors["open"] == 1)
    assert read.read(heavy.brief(), snapshot_id, new_run("s", "rates"))["pairs"].item() > 0
    assert old.result()["pairs"].item() > 0
    assert cursors["opened"] == 1


def test_an_older_run_that_asks_again_is_refused(snapshot_id, cursors):
    older, newer = new_run("s", "rates"), new_run("s", "rates")
    read.read(heavy.rows(6), snapshot_id, newer)
    with pytest.raises(Superseded):
        read.read(heavy.rows(7), snapshot_id, older)
    assert cursors["opened"] == 1


def test_what_was_stopped_can_be_asked_again(snapshot_id, threads, cursors):
    first = threads.submit(read.read, heavy.endless(), snapshot_id, new_run("s", "rates"))
    until(lambda: cursors["open"] == 1)
    read.read(heavy.rows(8), snapshot_id, new_run("s", "rates"))
    with pytest.raises(TookTooLong):
        read.read(heavy.endless(), snapshot_id, new_run("s", "rates"), seconds=0.2)
    with pytest.raises(Superseded):
        first.result(timeout=10)


def test_only_so_many_run_at_once_and_the_others_wait_their_turn(snapshot_id, threads, cursors):
    answers = [threads.submit(read.read, heavy.rows(100 + n), snapshot_id) for n in range(12)]
    slow = [threads.submit(read.read, heavy.endless(n), snapshot_id, seconds=0.3) for n in range(running.AT_ONCE + 2)]
    wait([*answers, *slow])
    assert [len(answer.result()) for answer in answers] == [100 + n for n in range(12)]
    assert all(isinstance(answer.exception(), TookTooLong) for answer in slow)
    assert cursors["most"] == running.AT_ONCE
    assert cursors["open"] == 0


def test_a_wait_for_a_turn_ends_at_the_time_limit(snapshot_id, cursors):
    for _ in range(running.AT_ONCE):
        running._slots.acquire()
    try:
        with pytest.raises(TookTooLong):
            read.read(heavy.rows(9), snapshot_id, seconds=0.05)
    finally:
        for _ in range(running.AT_ONCE):
            running._slots.release()
    assert cursors["opened"] == 0
    assert len(read.read(heavy.rows(9), snapshot_id)) == 9


def test_a_failure_reaches_everyone_who_waits_and_the_next_try_runs(snapshot_id, threads, cursors):
    a, b = (
        func.range(number).table_valued("x", name=name).render_derived().c.x
        for number, name in ((3_000, "a"), (10_000, "b"))
    )
    text = cast(func.max(a * b), String) + literal("x")  # the cast fails once the maximum has been found
    failing = select(cast(text, Integer).label("n"))
    tries = [threads.submit(read.read, failing, snapshot_id) for _ in range(3)]
    wait(tries)
    assert all(isinstance(one.exception(), duckdb.ConversionException) for one in tries)
    assert cursors["opened"] < 3
    with pytest.raises(duckdb.ConversionException):
        read.read(failing, snapshot_id)
    assert running._flights == {}
