"""32 officers at once on 1,000 cases: each is decided exactly once, and everybody else is told by whom.

The same while officers' processes are killed, and while the database's machine fails and comes back.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest
from sqlalchemy import func, insert, select

from desk import audit, audit_chain, audit_file, review_opening, state
from desk.review_tables import decision_outbox, review_action, review_case, review_decision
from tests.conftest import COUNTED
from tests.desk import states
from tests.desk.review_workers import contenders, officer
from tests.desk.reviewing import BOOK, NOW, RULE, application, rows

WORKERS, CASES, CONTENDERS = 32, 1_000, 2


@pytest.fixture
def waiting(both):
    """The cases and the officers."""
    found = [application(number) for number in range(1, CASES + 1)]
    assert review_opening.open_cases(both, BOOK, found, RULE, NOW) == CASES
    values = {"role": "risk_officer", "authority_fen": 10**9, "active": True}
    with both.begin() as connection:
        people = [{"email": officer(worker), "name": "An Officer", **values} for worker in range(WORKERS)]
        connection.execute(insert(state.staff), people)
    both.dispose()
    return both


def started(url, folder):
    words = [url, str(folder), *map(str, (WORKERS, CASES, CONTENDERS))]
    command = [sys.executable, "-m", "tests.desk.review_workers", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def decided(engine):
    with state.reading(engine) as connection:
        return connection.execute(select(func.count()).where(review_case.c.state == "decided")).scalar_one()


def wait_for(engine, running, count):
    while decided(engine) < count:
        assert running.poll() is None, "the workers ended too soon"
        time.sleep(0.02)


def ended(running):
    output = running.communicate(timeout=240)[0]
    assert running.returncode == 0
    killed, failed = map(int, output.split())
    assert failed == 0
    return killed


def check(engine, folder, record, label, killed, seconds):
    """Everything that must hold, and the counts."""
    made, cases = rows(engine, review_decision), rows(engine, review_case)
    assert len(made) == len({row.application_id for row in made}) == CASES
    assert all(row.final and row.round == row.stage == 1 for row in made)
    assert {row.state for row in cases} == {"decided"}
    assert {row.application_id for row in rows(engine, decision_outbox)} == {row.application_id for row in cases}
    assert len(rows(engine, decision_outbox)) == CASES
    events = rows(engine, state.audit_event)
    kinds = Counter(row.kind for row in events)
    claims = sum(row.tokens for row in cases)
    assert kinds == {"case.opened": CASES, "case.claimed": claims, "case.decided": CASES}
    assert len({row.subject for row in events if row.kind == "case.decided"}) == CASES
    assert len(rows(engine, review_action)) == claims + CASES
    found = audit_chain.verify(engine, states.keeper(folder))
    assert (found.broken, found.head.sequence) == (None, len(events))
    assert audit_file.read(folder / audit_file.NAME) == found.head == audit.newest(engine)
    final = {int(row.application_id): (row.staff_email, row.outcome, row.decided_at.isoformat()) for row in made}
    won = lost = 0
    for worker in range(WORKERS):
        told = [line.split() for line in (folder / f"told-{worker}").read_text(encoding="utf-8").splitlines()]
        wanted = {case for case in final if worker in contenders(case, WORKERS, CONTENDERS)}
        assert {int(case) for case, *_ in told} == wanted
        assert all(final[int(case)] == tuple(rest) for case, *rest in told)
        mine = sum(by == officer(worker) for _, by, *_ in told)
        won, lost = won + mine, lost + len(told) - mine
    assert (won, lost) == (CASES, CASES * (CONTENDERS - 1))
    record(
        COUNTED,
        f"{label}: {WORKERS} workers, {CASES:,} cases, {won:,} decided once, {lost:,} losers told, {claims:,} claims, "
        f"{len(events):,} events in an unbroken chain, {killed} workers killed, {seconds:.1f} s",
    )


def test_each_case_is_decided_once_and_every_loser_told(waiting, state_url, tmp_path, record_property):
    begun = time.monotonic()
    killed = ended(started(state_url, tmp_path))
    check(waiting, tmp_path, record_property, waiting.dialect.name, killed, time.monotonic() - begun)
    assert killed == 0


def test_the_same_while_workers_are_killed_and_the_database_fails(
    request, waiting, state_url, tmp_path, record_property
):
    """SQLite has no server that could fail by itself: it is killed with whoever writes."""
    begun, chosen, kind = time.monotonic(), random.Random(1), waiting.dialect.name
    running = started(state_url, tmp_path)
    for count in range(50, CASES, 50):
        wait_for(waiting, running, count)
        if kind == "postgresql" and count in {CASES // 4, CASES // 2}:
            waiting.dispose()
            request.getfixturevalue("server").restart()
        with suppress(FileNotFoundError, ProcessLookupError):  # that one had ended
            os.kill(int((tmp_path / f"pid-{chosen.randrange(WORKERS)}").read_text(encoding="utf-8")), signal.SIGKILL)
    killed = ended(running)
    restarted = ", the database restarted twice" if kind == "postgresql" else ""
    check(waiting, tmp_path, record_property, f"{kind}, kill -9{restarted}", killed, time.monotonic() - begun)
    assert killed >= 10
