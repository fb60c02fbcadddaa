"""The queue on both kinds of state database: what waits, in which order, and what comes next for whom."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk import review_opening, review_queue, staff_changes
from desk.staff import Role, Staff
from rules.review_actions import Assign, Escalate, Park
from rules.review_case import Person, State
from tests.desk.reviewing import (
    BOOK,
    JUNIOR,
    MANAGER,
    NOW,
    OFFICER,
    OTHER,
    RULE,
    SENIOR,
    Desk,
    Lending,
    application,
    staffed,
)


def later(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def queue(both):
    """Four cases: 2 is due first, then 1, 4 (the larger) and 3."""
    found = [
        application(1, applied_at=later(10)), application(2), application(3, applied_at=later(20)),
        application(4, applied_at=later(20), amount_fen=9_000_000, member_id="80", referred_by_id=None),
    ]  # fmt: skip
    review_opening.open_cases(staffed(both), BOOK, found, RULE, NOW)
    return both


def numbers(engine, now=NOW, states=frozenset({State.WAITING}), **part):
    return [each.case[1] for each in review_queue.listed(engine, BOOK, now, states, **part)]


def following(engine, email, now=NOW):
    key = review_queue.next_for(engine, BOOK, email, Lending(), now)
    return None if key is None else key[1]


def test_cases_come_by_deadline_then_amount_and_are_counted_by_how_they_stand(queue):
    assert numbers(queue) == ["2", "1", "4", "3"]
    assert numbers(queue, limit=2, offset=1) == ["1", "4"]
    assert review_queue.listed(queue, "another book", NOW, frozenset(State)) == ()
    Desk(queue, 2).decide(OFFICER)
    desk = Desk(queue, 1)
    desk.act(OFFICER, Park(desk.claim(OFFICER).tokens, later(60), "call back"))
    counts = review_queue.counts(queue, BOOK, NOW)
    assert counts == {State.WAITING: 2, State.PARKED: 1, State.ASKED: 0, State.DECIDED: 1, State.WITHDRAWN: 0,
                      State.CLOSED: 0}  # fmt: skip
    assert review_queue.counts(queue, BOOK, later(60))[State.WAITING] == 3  # it came back by itself
    assert (numbers(queue), numbers(queue, later(60))) == (["4", "3"], ["1", "4", "3"])
    assert numbers(queue, NOW, frozenset({State.PARKED, State.DECIDED})) == ["2", "1"]
    Desk(queue, 3).claim(OTHER)
    (third,) = (each for each in review_queue.listed(queue, BOOK, NOW, frozenset(State)) if each.case[1] == "3")
    assert (third.holder, third.external_number, third.opened_for, third.tier) == (OTHER, "A-3", "amount", "gold")
    assert review_queue.listed(queue, BOOK, later(15), frozenset({State.WAITING}))[-1].holder is None


def test_a_case_is_found_by_its_number(queue):
    assert review_queue.found(queue, BOOK, " A-4 ", NOW).amount_fen == 9_000_000
    assert review_queue.found(queue, BOOK, "A-9", NOW) is None


def test_next_is_what_one_holds_then_what_was_given_to_one_then_what_is_due_first(queue):
    assert [following(queue, who) for who in (OFFICER, SENIOR, MANAGER, "nobody@x")] == ["2", "2", None, None]
    Desk(queue, 2).claim(OTHER)
    assert [following(queue, who) for who in (OFFICER, OTHER)] == ["1", "2"]
    assert following(queue, OFFICER, later(15)) == "2"  # nobody holds it any more
    Desk(queue, 3).act(MANAGER, Assign(Person(OFFICER, "", None), "please"))
    assert [following(queue, who) for who in (OFFICER, SENIOR)] == ["3", "1"]


def test_next_passes_over_what_somebody_may_not_decide(queue):
    Desk(queue, 2).decide(JUNIOR)
    assert following(queue, JUNIOR) == "1"  # they have decided on the first one
    desk = Desk(queue, 1)
    desk.act(OFFICER, Escalate(desk.claim(OFFICER).tokens, "odd"))
    assert [following(queue, who) for who in (JUNIOR, SENIOR)] == ["4", "2"]
    staff_changes.add_first_administrator(queue, "admin@x", "A", NOW)
    kin = replace(Staff(OFFICER, "An Officer", Role.RISK_OFFICER, 20_000_000), member_id="80")
    staff_changes.change(queue, "admin@x", kin, NOW)
    Desk(queue, 2).decide(SENIOR)
    assert following(queue, OFFICER) == "3"  # 1 is for a senior, 4 is their own
