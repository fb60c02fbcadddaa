"""The history of a case: its events with the words and decisions that belong to them; databases that went away."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from desk import review_history, review_outbox, review_unreachable
from desk.review_tables import review_note
from desk.review_unreachable import LOANS, STATE, Unreachable
from loanbook.connection import SourceError
from rules.review_actions import Ask, Correct, GiveUp
from rules.review_case import Delivery, Outcome
from tests.desk.reviewing import BOOK, NOW, OFFICER, OTHER, Desk, opened


@pytest.fixture
def desk(both):
    return Desk(opened(both, 2))


def test_events_of_one_case_come_in_their_order_with_words_and_decisions(desk):
    desk.act(OFFICER, GiveUp(desk.claim(OFFICER).tokens))
    desk.act(OFFICER, Ask(desk.claim(OFFICER).tokens, "工资单？ Payslips?"))
    Desk(desk.engine, 2).claim(OTHER)  # another case
    found = review_history.read(desk.engine, desk.case)
    assert [each.kind for each in found.events] == [
        "case.opened", "case.claimed", "case.given_up", "case.claimed", "case.asked"
    ]  # fmt: skip
    assert [each.words for each in found.events] == [None] * 4 + ["工资单？ Payslips?"]
    assert not any(each.lost_words for each in found.events)
    assert found.names[OFFICER] == OFFICER
    assert (found.events[-1].by, found.events[-1].at, found.deliveries) == (OFFICER, NOW, ())


def test_each_decision_stands_at_its_event_and_each_delivery_with_its_answer(desk):
    desk.decide(OFFICER)
    desk.act(OTHER, Correct("the wrong button"))
    desk.act(OTHER, desk.decision(desk.now(), outcome=Outcome.DECLINED))
    (sent,) = review_outbox.pending(desk.engine, BOOK)
    review_outbox.acknowledge(desk.engine, sent.key, NOW)
    found = review_history.read(desk.engine, desk.case)
    made = [(each.decision.by, each.decision.outcome) for each in found.events if each.decision is not None]
    assert made == [(OFFICER, Outcome.APPROVED), (OTHER, Outcome.DECLINED)]
    assert [(each.round, each.state, each.since) for each in found.deliveries] == [
        (1, Delivery.CORRECTED, NOW), (2, Delivery.ACKNOWLEDGED, NOW)
    ]  # fmt: skip
    assert review_history.newest(found.events, "case.decided").decision.by == OTHER
    assert review_history.newest(found.events, "case.parked") is None


def test_words_that_were_changed_are_not_told_as_said(desk):
    desk.act(OFFICER, Ask(desk.claim(OFFICER).tokens, "Payslips?"))
    with desk.engine.begin() as connection:
        connection.execute(update(review_note).values(words="Money?"))
    event = review_history.read(desk.engine, desk.case).events[-1]
    assert (event.words, event.lost_words) == (None, True)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SourceError("gone"), LOANS),
        (OperationalError("SELECT 1", {}, Exception("gone")), STATE),
        (InterfaceError("SELECT 1", {}, Exception("gone")), STATE),
    ],
)
def test_a_database_that_went_away_is_told_in_a_sentence(error, sentence):
    with pytest.raises(Unreachable) as told, review_unreachable.telling():
        raise error
    assert told.value.sentence == sentence


def test_a_fault_of_ours_is_not_taken_for_it():
    with pytest.raises(ProgrammingError), review_unreachable.telling():
        raise ProgrammingError("SELECT nonsense", {}, Exception("no such column"))
