"""Cases that come back by themselves, on state databases of both kinds: who is left alone, what goes on record."""

import json
from datetime import timedelta

import pytest

from desk import audit_chain, review_history, review_returning
from desk.state import audit_event
from rules.refusal import Refused
from rules.review_actions import Answer, Ask, Park
from rules.review_case import State
from tests.desk import states
from tests.desk.reviewing import BOOK, MANAGER, NOW, OFFICER, OTHER, RULE, Desk, Lending, key, opened, rows

LATER = NOW + timedelta(days=1)


@pytest.fixture
def lending():
    return Lending()


@pytest.fixture
def engine(both):
    return opened(both, 4)


@pytest.fixture
def asked(engine, lending):
    """A case whose applicant was asked for information."""
    return awaiting(engine, 1, lending)


def awaiting(engine, number, lending, at=NOW):
    desk = Desk(engine, number, lending)
    desk.act(OFFICER, Ask(desk.claim(OFFICER, at).tokens, "Payslips?"), at)
    return desk


def look(desk, now=LATER):
    return review_returning.return_informed(desk.engine, BOOK, desk.lending, RULE, now)


def test_nothing_comes_back_while_its_application_says_what_it_said(asked):
    before = rows(asked.engine, audit_event)
    assert look(asked) == 0
    assert asked.now().state is State.ASKED
    assert rows(asked.engine, audit_event) == before


def test_a_case_comes_back_to_whoever_asked_with_its_clock_running_on(asked, lending):
    before = asked.now()
    lending.changed["1"] = {"hash": "h2"}
    assert look(asked) == 1
    back = asked.now()
    assert (back.state, back.assigned_to, back.version) == (State.WAITING, OFFICER, before.version + 1)
    assert (back.asked_at, back.asked_hash, back.left, back.lease) == (None, None, None, None)
    assert back.due_at == RULE.review.hours.add(LATER, before.left)
    assert look(asked) == 0  # once


def test_its_return_is_an_event_of_lending_in_an_unbroken_chain(asked, lending, tmp_path):
    lending.changed["1"] = {"hash": "h2"}
    look(asked)
    event = review_history.read(asked.engine, asked.case).events[-1]
    assert (event.by, event.kind, event.at) == ("lending", "case.informed", LATER)
    assert event.payload == {"version": asked.now().version, "evidence_hash": "h2"}
    assert json.loads(rows(asked.engine, audit_event)[-1].payload) == event.payload
    assert audit_chain.verify(asked.engine, states.keeper(tmp_path)).broken is None


def test_each_case_is_looked_at_by_itself(engine, lending):
    told, silent, parked = awaiting(engine, 1, lending), awaiting(engine, 2, lending), Desk(engine, 3, lending)
    parked.act(OFFICER, Park(parked.claim(OFFICER).tokens, LATER + timedelta(hours=1), "calls back"))
    untouched = Desk(engine, 4, lending)
    before = untouched.now()
    lending.changed |= {number: {"hash": "h2"} for number in "134"}
    assert look(told) == 1
    assert [each.now().state for each in (told, silent, parked, untouched)] == [
        State.WAITING, State.ASKED, State.PARKED, State.WAITING
    ]  # fmt: skip
    assert untouched.now() == before


def test_cases_of_another_book_are_left_alone(asked, lending):
    lending.changed["1"] = {"hash": "h2"}
    assert review_returning.return_informed(asked.engine, "demo-2", lending, RULE, LATER) == 0
    assert asked.now().state is State.ASKED


def test_what_lending_closed_meanwhile_is_not_opened_again(asked, lending):
    lending.changed["1"] = {"hash": "h2", "open": False}
    assert look(asked) == 0
    assert asked.now().state is State.ASKED


def test_an_application_that_lending_does_not_know_any_more_stops_nothing(engine, lending):
    awaiting(engine, 1, lending)
    told = awaiting(engine, 2, lending)
    lending.changed["2"] = {"hash": "h2"}

    class Forgetful(Lending):
        def evidence(self, application_id):
            if application_id == "1":
                raise Refused("There is no application {application}.", application=application_id)
            return lending.evidence(application_id)

    assert review_returning.return_informed(engine, BOOK, Forgetful(), RULE, LATER) == 1
    assert told.now().state is State.WAITING


def test_an_answer_that_was_recorded_while_it_was_looked_at_is_not_told_twice(asked, lending):
    """The evidence is read before the case is locked, so that nobody waits for the loan database."""

    class Slow(Lending):
        def evidence(self, application_id):
            asked.act(MANAGER, Answer("They came by mail"), LATER, using=key())
            return lending.evidence(application_id)

    lending.changed["1"] = {"hash": "h2"}
    assert review_returning.return_informed(asked.engine, BOOK, Slow(), RULE, LATER) == 0
    assert review_history.read(asked.engine, asked.case).events[-1].kind == "case.answered"


def test_it_is_still_whose_it_was_and_asking_again_waits_for_something_newer(asked, lending):
    with pytest.raises(Refused, match="does not wait"):
        asked.claim(OFFICER, LATER)
    lending.changed["1"] = {"hash": "h2"}
    look(asked)
    with pytest.raises(Refused, match=f"given to {OFFICER}"):
        asked.claim(OTHER, LATER)
    asked.act(OFFICER, Ask(asked.claim(OFFICER, LATER).tokens, "And the lease?"), LATER)
    assert look(asked) == 0
    lending.changed["1"] = {"hash": "h3"}
    assert look(asked) == 1
