"""Review on record, on both kinds of state database: once, on what was seen, all of it or nothing."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import DBAPIError

from desk import audit_chain, review, review_draft, review_opening, review_outbox, state
from desk.review import Asked
from desk.review_tables import decision_outbox, review_action, review_case, review_decision, review_note
from rules.refusal import Refused
from rules.review import AlreadyDecided, Changed, NotHeld
from rules.review_actions import Answer, Ask, Assign, Claim, Correct, Escalate, GiveUp, Note, Park, Withdraw
from rules.review_case import Check, Delivery, Outcome, Person, State
from tests.desk import states
from tests.desk.reviewing import (
    BOOK,
    JUNIOR,
    MANAGER,
    NOW,
    OFFICER,
    OTHER,
    PROVEN,
    RULE,
    SENIOR,
    Desk,
    application,
    kinds,
    opened,
    rows,
)


@pytest.fixture
def desk(both):
    """A case of ¥80,000, and everybody who may work with it."""
    return Desk(opened(both))


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_a_decision_is_written_with_its_event_and_what_lending_is_told(desk, tmp_path):
    review_draft.save(desk.engine, desk.case, OFFICER, {"rationale": "half a sent"}, NOW)
    after = desk.decide(OFFICER, rationale="Zürich 电话")
    assert after == desk.now()
    assert (after.state, after.delivery) == (State.DECIDED, Delivery.PENDING)
    (made,) = rows(desk.engine, review_decision)
    assert (made.round, made.stage, made.final, made.staff_email, made.role) == (1, 1, True, OFFICER, "risk_officer")
    assert (made.authority_fen, made.outcome, made.amount_fen, made.rationale, made.override) == (
        20_000_000, "approved", 8_000_000, "Zürich 电话", None)  # fmt: skip
    assert (made.evidence_hash, made.policy_from, made.decided_at) == ("h1", RULE.since, NOW)
    (out,) = rows(desk.engine, decision_outbox)
    body = json.loads(out.body)
    assert (out.state, out.created_at, body["key"], body["application_id"], body["external_number"], body["outcome"],
            body["amount_fen"], body["reasons"]) == ("pending", NOW, out.key, "1", "A-1", "approved", 8_000_000,
                                                     [{"ground": "policy", "code": "income_proven"}])  # fmt: skip
    assert kinds(desk.engine) == ["case.opened", "case.claimed", "case.decided"]
    event = rows(desk.engine, state.audit_event)[-1]
    told = json.loads(event.payload)
    assert (event.staff_email, event.subject) == (OFFICER, f"case {BOOK} 1")
    assert (told["outcome"], told["final"], told["stage"], told["evidence_hash"]) == ("approved", True, 1, "h1")
    assert "电话" not in event.payload  # words may name people: the chain holds their hash
    assert review_draft.load(desk.engine, desk.case, OFFICER) == {}
    assert audit_chain.verify(desk.engine, states.keeper(tmp_path)).broken is None


def test_the_same_action_sent_again_is_taken_once(desk):
    asked = Asked("k", desk.case, OFFICER, Claim())
    first = review.perform(desk.engine, asked, desk.lending, RULE, NOW)
    again = review.perform(desk.engine, asked, desk.lending, RULE, later(1))
    assert (first.again, again.again, again.case) == (False, True, first.case)
    decide = Asked("d", desk.case, OFFICER, desk.decision(first.case))
    assert not review.perform(desk.engine, decide, desk.lending, RULE, NOW).again
    assert review.perform(desk.engine, decide, desk.lending, RULE, later(60)).again
    assert (len(rows(desk.engine, review_decision)), len(rows(desk.engine, decision_outbox))) == (1, 1)
    assert kinds(desk.engine).count("case.decided") == 1
    other = Asked("d", desk.case, OFFICER, desk.decision(first.case, outcome=Outcome.DECLINED))
    with pytest.raises(ValueError, match="used for another action"):
        review.perform(desk.engine, other, desk.lending, RULE, NOW)


def test_a_double_click_at_the_same_moment_is_taken_once(desk):
    asked = Asked("d", desk.case, OFFICER, desk.decision(desk.claim(OFFICER)))
    done = []

    def click():
        done.append(review.perform(desk.engine, asked, desk.lending, RULE, NOW).again)

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True, True, True, True, True]
    assert len(rows(desk.engine, review_decision)) == 1


def test_a_lease_is_kept_alive_without_an_event(desk):
    desk.claim(OFFICER)
    kept = desk.claim(OFFICER, later(10))
    assert (kept.lease.until, kept.lease.token, desk.now()) == (later(25), 1, kept)
    assert kinds(desk.engine) == ["case.opened", "case.claimed"]
    with pytest.raises(NotHeld, match="officer@x holds"):
        desk.claim(OTHER, later(24))
    assert desk.claim(OTHER, later(25)).lease.token == 2


def nothing_more_is_written(desk, by, action, kind, now=NOW):
    tables = (review_case, review_decision, decision_outbox, review_note, review_action, state.audit_event)
    before = [rows(desk.engine, table) for table in tables]
    with pytest.raises(kind) as raised:
        desk.act(by, action, now)
    assert [rows(desk.engine, table) for table in tables] == before
    return raised.value


def test_the_loser_is_told_who_decided_what_and_when_and_leaves_no_trace(desk):
    mine = desk.decision(desk.claim(OFFICER))
    desk.decide(OTHER, later(15), outcome=Outcome.DECLINED)
    error = nothing_more_is_written(desk, OFFICER, mine, AlreadyDecided, later(16))
    assert (error.decision.by, error.decision.outcome, error.decision.at) == (OTHER, Outcome.DECLINED, later(15))


def test_evidence_that_has_changed_is_read_at_the_commit_and_asked_about_again(desk):
    mine = desk.decision(desk.claim(OFFICER))
    desk.lending.changed["1"] = {"hash": "h2", "amount_fen": 9_000_000}
    error = nothing_more_is_written(desk, OFFICER, mine, Changed)
    assert error.evidence.amount_fen == 9_000_000
    desk.lending.changed["1"]["open"] = False
    nothing_more_is_written(desk, OFFICER, mine, Refused)
    desk.lending.changed.clear()
    nothing_more_is_written(desk, OFFICER, desk.decision(desk.now(), version=1), Changed)
    nothing_more_is_written(desk, OFFICER, desk.decision(desk.now(), token=0), NotHeld)
    nothing_more_is_written(desk, OFFICER, desk.decision(desk.now(), reasons=()), Refused)
    nothing_more_is_written(desk, OFFICER, mine, NotHeld, later(15))
    assert desk.act(OFFICER, mine, later(14)).state is State.DECIDED


def test_rights_are_looked_up_in_the_transaction_that_uses_them(desk):
    mine = desk.decision(desk.claim(OFFICER))

    def change(**values):
        with desk.engine.begin() as connection:
            connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(values))

    change(active=False)
    assert "no access any more" in str(nothing_more_is_written(desk, OFFICER, mine, Refused))
    change(active=True, role="auditor")
    assert "not part of your role" in str(nothing_more_is_written(desk, OFFICER, mine, Refused))
    change(role="risk_officer", authority_fen=None)
    nothing_more_is_written(desk, OFFICER, mine, Refused)
    change(authority_fen=100)
    assert desk.act(OFFICER, mine).stage == 2  # no longer enough to settle it
    nothing_more_is_written(desk, "nobody@x", Claim(), Refused)


def test_a_fault_at_the_last_moment_leaves_nothing(desk, monkeypatch):
    mine = desk.decision(desk.claim(OFFICER))
    monkeypatch.setattr(review.audit, "append", lambda *_: 1 / 0)
    nothing_more_is_written(desk, OFFICER, mine, ZeroDivisionError)
    monkeypatch.undo()
    assert desk.act(OFFICER, mine).state is State.DECIDED


def test_what_the_loan_database_can_not_tell_decides_nothing(desk, monkeypatch):
    mine = desk.decision(desk.claim(OFFICER))
    monkeypatch.setattr(desk.lending, "evidence", lambda _id: 1 / 0)
    nothing_more_is_written(desk, OFFICER, mine, ZeroDivisionError)


def test_a_second_person_decides_above_the_authority(desk):
    assert desk.decide(JUNIOR).state is State.WAITING
    assert rows(desk.engine, decision_outbox) == []
    nothing_more_is_written(desk, JUNIOR, Claim(), Refused)
    after = desk.decide(SENIOR)
    assert [each.by for each in after.decisions] == [JUNIOR, SENIOR]
    assert [(row.stage, row.final) for row in rows(desk.engine, review_decision)] == [(1, False), (2, True)]
    assert after == desk.now()


def test_cases_are_parked_asked_about_escalated_and_handed_on_with_words_kept_beside_the_chain(desk):
    desk.act(OFFICER, Park(desk.claim(OFFICER).tokens, later(60), "call back at 11"))
    assert desk.now().at(later(60)) is State.WAITING
    asked = desk.act(OFFICER, Ask(desk.claim(OFFICER, later(60)).tokens, "Payslips?"), later(61))
    assert desk.now() == asked
    back = desk.act(MANAGER, Answer("came by e-mail"), later(120))
    assert (back.state, back.due_at) == (
        State.WAITING,
        later(23 * 60 + 59),
    )  # tomorrow morning
    up = desk.act(OFFICER, Escalate(desk.claim(OFFICER, later(121)).tokens, "odd employer"), later(122))
    assert (up.escalated_by, desk.now()) == (OFFICER, up)
    given = desk.act(MANAGER, Assign(Person(SENIOR, "", None), "the head is away"), later(123))
    assert given.assigned_to == SENIOR
    free = desk.act(SENIOR, GiveUp(desk.claim(SENIOR, later(124)).tokens), later(125))
    assert free.lease is None
    gone = desk.act(MANAGER, Withdraw("by phone"), later(126))
    assert (gone.state, desk.now()) == (State.WITHDRAWN, gone)
    notes = [(row.kind, row.staff_email, row.words) for row in rows(desk.engine, review_note)]
    assert notes == [
        ("case.parked", OFFICER, "call back at 11"), ("case.asked", OFFICER, "Payslips?"),
        ("case.answered", MANAGER, "came by e-mail"), ("case.escalated", OFFICER, "odd employer"),
        ("case.assigned", MANAGER, "the head is away"), ("case.withdrawn", MANAGER, "by phone"),
    ]  # fmt: skip
    chain = "".join(row.payload for row in rows(desk.engine, state.audit_event))
    assert not [words for _, _, words in notes if words in chain]
    assert json.loads(rows(desk.engine, state.audit_event)[2].payload)["until"] == later(60).isoformat()


def test_a_case_that_is_given_away_twice_with_one_key_is_given_once(desk):
    """The lead names somebody by their address alone; the rest of them is looked up in the transaction."""
    again = Asked("once", desk.case, MANAGER, Assign(Person(SENIOR, "", None), "the head is away"))
    done = [review.perform(desk.engine, again, desk.lending, RULE, later(minute)) for minute in (1, 2)]
    assert [each.again for each in done] == [False, True]
    assert kinds(desk.engine).count("case.assigned") == 1


def statements(engine, act):
    """The statements that something sends to the state database, by their first words."""
    sent = []

    def send(_connection, _cursor, statement, *_rest):
        sent.append(" ".join(statement.split()[:3]).replace('"', ""))

    event.listen(engine, "before_cursor_execute", send)
    act()
    event.remove(engine, "before_cursor_execute", send)
    return sent


def test_a_decision_is_few_statements(desk):
    """Each is a way to the database and back while the case is locked, the last four while everybody's chain is."""
    decision = desk.decision(desk.claim(OFFICER))
    sent = [each for each in statements(desk.engine, lambda: desk.act(OFFICER, decision)) if "BEGIN" not in each]
    assert len(sent) == 11, sent
    assert [each.split()[0] for each in sent[-3:]] == ["SELECT", "INSERT", "UPDATE"]


def test_notes_of_calls_are_kept_and_leave_the_case_as_it_is(desk):
    held = desk.claim(OFFICER)
    for by, words in ((OFFICER, "The employer confirmed the salary"), (MANAGER, "The applicant called back")):
        desk.act(by, Note(words), later(5))
    after = desk.now()
    assert (after.state, after.lease, after.version) == (State.WAITING, held.lease, held.version + 2)
    notes = [(row.kind, row.staff_email, row.words) for row in rows(desk.engine, review_note)]
    assert notes == [
        ("case.noted", OFFICER, "The employer confirmed the salary"),
        ("case.noted", MANAGER, "The applicant called back"),
    ]
    assert kinds(desk.engine)[-2:] == ["case.noted", "case.noted"]
    again = Asked("once", desk.case, OFFICER, Note("Twice sent, once kept"))
    for _time in range(2):
        review.perform(desk.engine, again, desk.lending, RULE, later(6))
    assert len(rows(desk.engine, review_note)) == 3


def test_a_lead_can_give_a_case_only_to_whom_the_staff_list_lets_decide(desk):
    claimed_to_be = Person(MANAGER, "senior_risk_officer", 10**12)
    nothing_more_is_written(desk, SENIOR, Assign(claimed_to_be, "please"), Refused)
    nothing_more_is_written(desk, SENIOR, Assign(Person("nobody@x", "risk_officer", 10**12), "please"), Refused)


def test_a_slip_is_corrected_by_somebody_else_before_lending_takes_it(desk):
    desk.decide(OFFICER)
    (first,) = review_outbox.pending(desk.engine, BOOK)
    nothing_more_is_written(desk, OFFICER, Correct("a slip"), Refused)
    open_ = desk.act(OTHER, Correct("the wrong button"))
    assert (open_.state, desk.now(), review_outbox.pending(desk.engine, BOOK)) == (State.WAITING, open_, ())
    with pytest.raises(Refused, match="it is corrected"):
        review_outbox.acknowledge(desk.engine, first.key, NOW)
    desk.act(OTHER, desk.decision(open_, outcome=Outcome.DECLINED))
    (second,) = review_outbox.pending(desk.engine, BOOK)
    assert second.key != first.key
    assert json.loads(second.body)["outcome"] == "declined"
    assert [(row.round, row.outcome, row.final) for row in rows(desk.engine, review_decision)] == [
        (1, "approved", True), (2, "declined", True)
    ]  # fmt: skip
    review_outbox.acknowledge(desk.engine, second.key, NOW)
    nothing_more_is_written(desk, SENIOR, Correct("too late"), Refused)


def test_the_database_itself_holds_one_final_decision_a_round(desk):
    desk.decide(OFFICER)
    (row,) = rows(desk.engine, review_decision)
    for values in ({"stage": 2}, {"stage": 1, "final": False}):
        with pytest.raises(DBAPIError), desk.engine.begin() as connection:
            connection.execute(review_decision.insert().values(row._asdict() | values))


def test_drafts_are_each_persons_own_and_outlive_the_lease(desk):
    assert review_draft.load(desk.engine, desk.case, OFFICER) == {}
    review_draft.save(desk.engine, desk.case, OFFICER, {"rationale": "half"}, NOW)
    review_draft.save(desk.engine, desk.case, OFFICER, {"rationale": "half a sentence 写到一半", "amount": "5"}, NOW)
    review_draft.save(desk.engine, desk.case, OTHER, {"rationale": "mine"}, NOW)
    desk.claim(OFFICER)
    desk.claim(OTHER, later(15))
    expected = {"rationale": "half a sentence 写到一半", "amount": "5"}
    assert review_draft.load(desk.engine, desk.case, OFFICER) == expected
    assert review_draft.load(desk.engine, desk.case, OTHER) == {"rationale": "mine"}


def test_cases_are_opened_once_for_large_and_for_referred_applications(both):
    found = [
        application(1, flagged=False), application(2, amount_fen=100_000, flagged=True),
        application(3, amount_fen=100_000, flagged=False), application(4, amount_fen=5_000_000, flagged=False),
        application(5, amount_fen=3_000_000, product="revolving", tier="ordinary", flagged=False),
        application(6, amount_fen=4_999_999, tier=None, flagged=False),
    ]  # fmt: skip
    assert review_opening.open_cases(both, BOOK, found, RULE, NOW) == 4
    assert review_opening.open_cases(both, BOOK, found, RULE, NOW) == 0
    assert [(row.application_id, row.opened_for) for row in rows(both, review_case)] == [
        ("1", "amount"), ("2", "referred"), ("4", "amount"), ("5", "amount")
    ]  # fmt: skip
    assert rows(both, review_case)[0].due_at == NOW + timedelta(hours=8)
    assert review_opening.open_cases(both, "another book", found[:1], RULE, NOW) == 1
    assert kinds(both) == ["case.opened"] * 5


def test_processes_that_open_at_once_open_each_case_once(both):
    found = [application(number) for number in range(30)]
    counts = []
    threads = [
        threading.Thread(target=lambda: counts.append(review_opening.open_cases(both, BOOK, found, RULE, NOW)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(counts), len(rows(both, review_case)), len(kinds(both))) == (30, 30, 30)


def test_what_lending_has_closed_is_closed(both):
    opened(both, 4)
    Desk(both, 4).decide(OFFICER)
    assert review_opening.undecided(both, BOOK) == ("1", "2", "3")
    statuses = {"1": "withdrawn", "2": "declined", "3": "open", "4": "approved"}
    assert review_opening.close_cases(both, BOOK, statuses, NOW) == 2
    assert review_opening.close_cases(both, BOOK, statuses, NOW) == 0
    assert [row.state for row in rows(both, review_case)] == ["withdrawn", "closed", "waiting", "decided"]
    assert kinds(both)[-2:] == ["case.withdrawn", "case.closed"]


def test_an_application_without_a_case_is_told(desk):
    with pytest.raises(Refused, match="no case for application 99"):
        review.read(desk.engine, (BOOK, "99"))


def test_an_override_that_needs_two_stands_when_both_have_agreed(desk):
    failed = (Check("rules", "blacklist", "fail"),)
    desk.lending.changed["1"] = {"checks": failed}
    first = desk.decide(SENIOR, rationale="A guarantor was found")
    assert (first.state, first.decisions[0].override) == (State.WAITING, "low_side")
    assert desk.decide(OFFICER, rationale="I agree with that").state is State.DECIDED
    assert [row.override for row in rows(desk.engine, review_decision)] == ["low_side", "low_side"]
    assert PROVEN in first.decisions[0].reasons
