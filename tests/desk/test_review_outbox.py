"""What lending is told: until it answers, and what becomes of the case by its answer."""

import json
import socket
import threading
from datetime import timedelta

import pytest

from desk import audit_chain, lending, review_outbox, state
from desk.review_outbox import Answer
from desk.review_tables import decision_outbox, review_note
from rules.refusal import Refused
from rules.review_actions import Correct, Moment
from rules.review_case import Delivery, Outcome, State
from tests.desk import states
from tests.desk.hook import listening
from tests.desk.reviewing import BOOK, NOW, OFFICER, OTHER, RULE, Desk, kinds, opened, rows


@pytest.fixture
def desk(both):
    """A decided case."""
    desk = Desk(opened(both, 3))
    desk.decide(OFFICER)
    return desk


def moment(minutes=0):
    return Moment(NOW + timedelta(minutes=minutes), RULE.review)


def pending(desk):
    return review_outbox.pending(desk.engine, BOOK)


def test_lending_fetches_what_is_pending_until_it_acknowledges(desk, tmp_path):
    Desk(desk.engine, 2).decide(OTHER, NOW + timedelta(minutes=1))
    first, second = pending(desk)
    assert [json.loads(each.body)["application_id"] for each in (first, second)] == ["1", "2"]
    assert [each.created_at for each in (first, second)] == [NOW, NOW + timedelta(minutes=1)]
    assert review_outbox.pending(desk.engine, "another book") == ()
    review_outbox.acknowledge(desk.engine, first.key, NOW)
    review_outbox.acknowledge(desk.engine, first.key, NOW)  # said again
    assert [each.key for each in pending(desk)] == [second.key]
    assert (desk.now().state, desk.now().delivery) == (State.DECIDED, Delivery.ACKNOWLEDGED)
    assert kinds(desk.engine)[-1:] == ["decision.acknowledged"]
    assert kinds(desk.engine).count("decision.acknowledged") == 1
    with pytest.raises(Refused, match="it is acknowledged"):
        review_outbox.refuse(desk.engine, first.key, "no", moment())
    with pytest.raises(Refused, match="no decision"):
        review_outbox.acknowledge(desk.engine, "unknown", NOW)
    assert audit_chain.verify(desk.engine, states.keeper(tmp_path)).broken is None


def test_a_refusal_reopens_the_case_for_a_new_decision(desk):
    (first,) = pending(desk)
    review_outbox.refuse(desk.engine, first.key, " The funder's\nquota is used up ", moment(60))
    review_outbox.refuse(desk.engine, first.key, "again", moment(61))
    case = desk.now()
    assert (case.state, case.delivery, case.decisions, case.due_at) == (
        State.WAITING, Delivery.REFUSED, (), NOW + timedelta(hours=24))  # fmt: skip
    assert [(row.staff_email, row.kind, row.words) for row in rows(desk.engine, review_note)] == [
        ("lending", "decision.refused", "The funder's quota is used up")
    ]
    with pytest.raises(Refused, match="it is refused"):
        review_outbox.acknowledge(desk.engine, first.key, NOW)
    desk.decide(OFFICER, NOW + timedelta(minutes=61), outcome=Outcome.DECLINED)
    (second,) = pending(desk)
    assert second.key != first.key
    assert [row.round for row in rows(desk.engine, decision_outbox)] == [1, 2]


def test_what_is_pushed_is_sent_again_later_and_later_until_it_is_answered(desk):
    tries = []

    def post(key, body):
        tries.append((key, json.loads(body)["key"]))
        return Answer.LATER, "HTTP 503"

    (each,) = pending(desk)
    for minutes in (0, 0.4, 0.5, 1, 1.5, 3.4, 3.5):
        assert review_outbox.push(desk.engine, BOOK, post, moment(minutes)) == 0
    assert tries == [(each.key, each.key)] * 4  # at once, then after 0.5, 1 and 2 minutes
    assert (pending(desk)[0].tries, pending(desk)[0].told) == (4, "HTTP 503")
    assert review_outbox.push(desk.engine, BOOK, lambda *_: (Answer.ACKNOWLEDGED, ""), moment(60)) == 1
    assert (pending(desk), desk.now().delivery) == ((), Delivery.ACKNOWLEDGED)


def test_a_push_that_is_refused_reopens_the_case(desk):
    assert review_outbox.push(desk.engine, BOOK, lambda *_: (Answer.REFUSED, "quota"), moment()) == 1
    assert (desk.now().state, rows(desk.engine, review_note)[0].words) == (State.WAITING, "quota")


def test_what_is_corrected_on_its_way_is_not_acknowledged(desk):
    def post(*_):
        desk.act(OTHER, Correct("the wrong button"))
        return Answer.ACKNOWLEDGED, ""

    assert review_outbox.push(desk.engine, BOOK, post, moment()) == 0
    assert (desk.now().state, desk.now().delivery) == (State.WAITING, Delivery.CORRECTED)
    assert [row.state for row in rows(desk.engine, decision_outbox)] == ["corrected"]


def test_processes_that_push_at_once_send_each_decision_once(desk):
    for number in (2, 3):
        Desk(desk.engine, number).decide(OTHER)
    sent = []

    def post(key, _body):
        sent.append(key)
        return Answer.ACKNOWLEDGED, ""

    pushes = [threading.Thread(target=review_outbox.push, args=(desk.engine, BOOK, post, moment())) for _ in range(4)]
    for push in pushes:
        push.start()
    for push in pushes:
        push.join()
    assert (len(sent), len(set(sent))) == (3, 3)
    assert kinds(desk.engine).count("decision.acknowledged") == 3


def test_an_answer_given_many_times_at_once_counts_once(desk):
    (each,) = pending(desk)
    answers = [threading.Thread(target=review_outbox.acknowledge, args=(desk.engine, each.key, NOW)) for _ in range(6)]
    for answer in answers:
        answer.start()
    for answer in answers:
        answer.join()
    assert kinds(desk.engine).count("decision.acknowledged") == 1
    with state.reading(desk.engine) as connection:
        assert connection.execute(decision_outbox.select()).one().state == "acknowledged"


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, "acknowledged"), (204, "acknowledged"), (409, "refused"), (422, "refused"), (302, "later"), (404, "later"),
     (429, "later"), (500, "later")],
)  # fmt: skip
def test_an_address_answers_by_its_status(status, answer):
    with listening(status) as (url, got):
        taken, said = lending.posting(url)("k1", '{"key": "k1", "note": "电话"}')
    assert taken == answer
    assert got == [("/hook/a-secret", "application/json", {"key": "k1", "note": "电话"})]
    assert said == ("" if answer == "acknowledged" else f"HTTP {status}")


def test_an_address_that_is_not_there_is_tried_later_and_not_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer, said = lending.posting(f"http://127.0.0.1:{taken.getsockname()[1]}/a-secret")("k1", "{}")
    assert answer == "later"
    assert "a-secret" not in said
