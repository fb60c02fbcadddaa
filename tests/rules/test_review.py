"""Review as a state machine, worked by hand: who may do what, when, and what becomes of the case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules import review
from rules.refusal import Refused
from rules.review import AlreadyDecided, Changed, NotHeld
from rules.review_actions import Answer, Ask, Assign, Claim, Correct, Escalate, GiveUp, Note, Park, Withdraw
from rules.review_case import Check, Delivery, Ground, Outcome, Override, Person, Reason, State
from tests.rules.reviewing import (
    ADMINISTRATOR,
    ASKED_FEN,
    AUDITOR,
    DEBT,
    EVERYBODY,
    FAILED,
    HEAD,
    JUNIOR,
    MANAGER,
    MARKETING,
    NOW,
    OFFICER,
    OTHER,
    PASSED,
    PROVEN,
    RULE,
    SENIOR,
    WHY,
    case,
    claimed,
    decided,
    decision,
    moment,
    seen,
    with_rule,
)


def minutes(number):
    return timedelta(minutes=number)


def refused(match, on, by, action, at=None, kind=Refused):
    with pytest.raises(kind, match=match) as raised:
        review.act(on, by, action, at or moment())
    return raised.value


def test_an_officer_with_the_authority_decides_alone():
    after = decided(case(), OFFICER)
    assert (after.state, after.delivery, after.lease, after.version) == (State.DECIDED, Delivery.PENDING, None, 3)
    (made,) = after.decisions
    assert (made.by, made.role, made.authority_fen, made.outcome, made.amount_fen, made.reasons, made.override,
            made.evidence_hash, made.at) == (OFFICER.email, "risk_officer", 10_000_000, Outcome.APPROVED, ASKED_FEN,
                                             (PROVEN,), None, "h1", NOW)  # fmt: skip


def test_above_the_authority_a_second_and_different_person_with_authority_decides():
    first = decided(case(), JUNIOR)
    assert (first.state, first.stage, first.delivery) == (State.WAITING, 2, None)
    refused("You have decided on this case", first, JUNIOR, Claim())
    refused("authority over the whole amount", first, replace(JUNIOR, email="junior2@x"), Claim())
    assert decided(first, OFFICER).state is State.DECIDED
    assert decided(first, OFFICER, outcome=Outcome.DECLINED).state is State.DECIDED  # the second settles it


def test_an_override_that_the_policy_names_needs_two_who_agree_whatever_their_authority():
    bad = seen(checks=FAILED)
    first = decided(case(), HEAD, bad, rationale=WHY)
    assert (first.state, first.decisions[0].override) == (State.WAITING, Override.LOW_SIDE)
    assert decided(first, SENIOR, bad, rationale=WHY).state is State.DECIDED


def test_who_turns_a_decision_into_a_named_override_needs_a_third():
    bad = seen(checks=FAILED)
    first = decided(case(), JUNIOR, bad, outcome=Outcome.DECLINED, rationale="")
    second = decided(first, SENIOR, bad, rationale=WHY)
    assert (second.state, second.stage) == (State.WAITING, 3)
    refused("You have decided", second, SENIOR, Claim())
    third = decided(second, HEAD, bad, rationale=WHY)
    assert third.state is State.DECIDED
    declined = decided(second, HEAD, bad, outcome=Outcome.DECLINED, rationale="")
    assert (declined.state, declined.decisions[-1].outcome) == (State.DECIDED, Outcome.DECLINED)


def test_two_who_agree_on_different_evidence_do_not_settle_an_override():
    before, after = seen(checks=FAILED), seen(checks=FAILED, hash="h2")
    first = decided(case(), HEAD, before, rationale=WHY)
    second = decided(first, SENIOR, after, rationale=WHY)
    assert second.state is State.WAITING
    refused("You have decided", second, SENIOR, Claim())
    settled = decided(second, HEAD, after, rationale=WHY)  # who decided on what is no longer so
    assert settled.state is State.DECIDED


def test_an_override_that_the_policy_does_not_name_needs_a_rationale_and_one_person():
    plain = seen(checks=PASSED)
    held = claimed(case(), OFFICER)
    refused("say why, in 10 characters", held, OFFICER, decision(held, plain, outcome=Outcome.DECLINED, rationale=" "),
            moment(evidence=plain))  # fmt: skip
    after = decided(case(), OFFICER, plain, outcome=Outcome.DECLINED)
    assert (after.state, after.decisions[0].override) == (State.DECIDED, Override.HIGH_SIDE)
    named = with_rule(second_decision_overrides=(Override.HIGH_SIDE,))
    after = review.act(held, OFFICER, decision(held, plain, outcome=Outcome.DECLINED), moment(NOW, plain, named))
    assert after.state is State.WAITING


@pytest.mark.parametrize("person", [MANAGER, AUDITOR, ADMINISTRATOR, MARKETING])
def test_other_roles_decide_nothing(person):
    for action in (
        Claim(),
        GiveUp(1),
        decision(case()),
        Ask(1, "?"),
        Park(1, NOW, "?"),
        Escalate(1, "?"),
        Correct("?"),
    ):
        refused("not part of your role", case(), person, action)
    paid = replace(person, authority_fen=10**12)
    refused("not part of your role", case(), paid, Claim())


def test_an_officer_without_authority_decides_nothing():
    refused("no authority to decide", case(), replace(OFFICER, authority_fen=None), Claim())


@pytest.mark.parametrize(
    ("member", "referrer", "conflict"),
    [("70", None, True), ("69", None, True), ("5", "70", True), ("5", "69", False), ("5", None, False),
     (None, None, False), (None, "70", False)],
)  # fmt: skip
def test_nobody_decides_for_themselves_or_somebody_they_referred_or_who_referred_them(member, referrer, conflict):
    person = replace(OFFICER, member_id=member, referred_by_id=referrer)
    if not conflict:
        assert decided(case(), person).state is State.DECIDED
        return
    refused("referred", case(), person, Claim())
    refused("may not decide this case", case(), MANAGER, Assign(person, "ill"))
    held = claimed(case(), OFFICER)
    refused("referred", held, replace(person, email=OFFICER.email), decision(held), moment(evidence=seen()))
    refused("referred", decided(case(), OTHER), person, Correct("a slip"))


def test_a_conflict_that_only_the_evidence_shows_is_found_at_the_decision():
    held = claimed(case(referred_by_id=None), replace(OFFICER, member_id="69"))
    refused("referred", held, replace(OFFICER, member_id="69"), decision(held), moment(evidence=seen()))


def test_a_case_is_held_by_one_until_the_lease_runs_out():
    held = claimed(case(), OFFICER)
    assert (held.lease.holder, held.lease.token, held.lease.until) == (OFFICER.email, 1, NOW + minutes(15))
    error = refused("officer@x holds this case", held, OTHER, Claim(), moment(NOW + minutes(14)), NotHeld)
    assert error.holder == OFFICER.email
    kept = claimed(held, OFFICER, NOW + minutes(10))
    assert (kept.lease.token, kept.lease.until, kept.version) == (1, NOW + minutes(25), held.version)
    taken = claimed(kept, OTHER, NOW + minutes(25))
    assert (taken.lease.holder, taken.lease.token, taken.version) == (OTHER.email, 2, held.version + 1)
    late = moment(NOW + minutes(26), seen())
    refused("other@x holds this case", taken, OFFICER, decision(held), late, NotHeld)
    refused("run out; claim it again", kept, OFFICER, decision(kept), moment(NOW + minutes(25), seen()), NotHeld)
    again = claimed(taken, OFFICER, NOW + minutes(40))
    refused("run out", again, OFFICER, decision(held), moment(NOW + minutes(41), seen()), NotHeld)  # the old token


def test_who_gives_up_a_case_leaves_it_to_others_and_gets_a_new_token_later():
    held = claimed(case(), OFFICER)
    free = review.act(held, OFFICER, GiveUp(1), moment())
    assert free.lease is None
    assert claimed(free, OTHER).lease.token == 2
    refused("holds this case", held, OTHER, GiveUp(1), kind=NotHeld)
    refused("run out", free, OFFICER, GiveUp(1), kind=NotHeld)


def test_the_loser_is_told_who_decided_what_and_when():
    held = claimed(case(), OFFICER)
    mine = decision(held)
    lost = claimed(held, OTHER, NOW + minutes(15))
    after = review.act(lost, OTHER, decision(lost, outcome=Outcome.DECLINED), moment(NOW + minutes(16), seen()))
    error = refused(
        "other@x decided this case", after, OFFICER, mine, moment(NOW + minutes(17), seen()), AlreadyDecided
    )
    assert (error.decision.by, error.decision.outcome, error.decision.at) == ("other@x", "declined", NOW + minutes(16))
    for action in (Claim(), GiveUp(1), Ask(1, "?"), Escalate(1, "?"), Answer("?"), Withdraw("?"), Assign(None, "?"),
                   Note("?")):  # fmt: skip
        refused("other@x decided", after, SENIOR, action, kind=AlreadyDecided)


@pytest.mark.parametrize("person", [OFFICER, OTHER, SENIOR, MANAGER])
def test_a_call_is_noted_by_whoever_works_on_cases_and_whoever_holds_the_case_looks_again(person):
    held = claimed(case(), OFFICER)
    noted = review.act(held, person, Note("The employer confirmed the salary"), moment())
    assert noted == replace(held, version=held.version + 1)
    refused("This case was changed", noted, OFFICER, decision(held), moment(evidence=seen()), Changed)
    refused("Write in a few words", held, person, Note(" "))
    parked = review.act(held, OFFICER, Park(1, NOW + minutes(60), "call back"), moment())
    assert review.act(parked, person, Note("Nobody answered"), moment()).state is State.PARKED


@pytest.mark.parametrize("person", [AUDITOR, ADMINISTRATOR, MARKETING])
def test_others_note_nothing(person):
    refused("not part of your role", case(), person, Note("They called me"))


def test_changed_cases_and_changed_evidence_ask_again():
    held = claimed(case(), OFFICER)
    refused("This case was changed", held, OFFICER, decision(held, version=held.version - 1), moment(evidence=seen()),
            Changed)  # fmt: skip
    new = seen(hash="h2")
    error = refused("application was changed", held, OFFICER, decision(held), moment(evidence=new), Changed)
    assert error.evidence is new
    refused("no longer waits", held, OFFICER, decision(held), moment(evidence=seen(open=False)))
    for wrong in (None, seen(application_id="8")):
        with pytest.raises(ValueError, match="needs the evidence"):
            review.act(held, OFFICER, decision(held), moment(evidence=wrong))


CHECK, SCORE, POLICY, OTHERWISE = Ground.CHECK, Ground.SCORE, Ground.POLICY, Ground.OTHER


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"reasons": ()}, "one to 4 reasons"),
        ({"reasons": (PROVEN, Reason(POLICY, "guarantor_found"), Reason(POLICY, "long_standing_member"),
                      Reason(SCORE, "months_a_member"), Reason(CHECK, "blacklist"))}, "one to 4 reasons"),
        ({"reasons": (PROVEN, PROVEN)}, "each reason once"),
        ({"reasons": (Reason(OTHERWISE, "", "a good feeling about it"),)}, "no reason alone"),
        ({"reasons": (PROVEN, Reason(OTHERWISE, "", "short"))}, "Say what else"),
        ({"reasons": (Reason(CHECK, "horoscope"),)}, "has no check"),
        ({"reasons": (Reason(SCORE, "horoscope"),)}, "has no reason"),
        ({"reasons": (Reason(POLICY, "horoscope"),)}, "policy has no reason"),
        ({"reasons": (DEBT,)}, "none for this outcome"),
        ({"reasons": (Reason(CHECK, "score"),), "checks": FAILED}, "failed; it is no reason to approve"),
        ({"outcome": Outcome.DECLINED, "reasons": (Reason(CHECK, "blacklist"),)}, "no reason to decline"),
        ({"outcome": Outcome.DECLINED, "amount_fen": 1}, "has no amount"),
        ({"amount_fen": ASKED_FEN - 1}, "approve less"),
        ({"amount_fen": None}, "approve less"),
        ({"outcome": Outcome.APPROVED_LESS, "amount_fen": ASKED_FEN}, "below the one"),
        ({"outcome": Outcome.APPROVED_LESS, "amount_fen": 0}, "below the one"),
        ({"outcome": Outcome.APPROVED_LESS, "amount_fen": None}, "below the one"),
        ({"rationale": "x" * 2001}, "or fewer"),
        ({"reasons": (Reason(POLICY, "income_proven", "x" * 2001),)}, "or fewer"),
        ({"checks": FAILED}, "goes against"),
    ],
)  # fmt: skip
def test_a_decision_that_does_not_say_all_it_must_is_refused(changes, match):
    evidence = seen(checks=changes.pop("checks", PASSED))
    held = claimed(case(), OFFICER)
    refused(match, held, OFFICER, decision(held, evidence, **changes), moment(evidence=evidence))


@pytest.mark.parametrize(
    "changes",
    [
        {"reasons": (PROVEN, Reason(SCORE, "months_a_member"), Reason(CHECK, "score"), Reason(OTHERWISE, "", WHY))},
        {"outcome": Outcome.APPROVED_LESS, "amount_fen": 1},
        {"outcome": Outcome.DECLINED, "reasons": (Reason(CHECK, "score"),)},
    ],
)
def test_a_decision_that_says_all_it_must_is_taken_in_the_order_of_its_reasons(changes):
    after = decided(case(), OFFICER, **changes)
    assert after.state is State.DECIDED
    assert after.decisions[0].reasons == changes.get("reasons", (PROVEN,))


def test_a_check_that_two_providers_answered_differently_binds_both_ways():
    both = seen(checks=(Check("rules", "blacklist", "pass"), Check("rules", "blacklist", "fail")))
    reasons = (Reason(CHECK, "blacklist"),)
    assert (
        decided(case(), OFFICER, both, outcome=Outcome.DECLINED, reasons=reasons, rationale="").state is State.DECIDED
    )
    assert decided(case(), OFFICER, both, reasons=reasons, rationale=WHY).stage == 2


def test_information_asked_for_puts_the_deadline_off_and_comes_back_to_who_asked():
    held = claimed(case(due_at=NOW + timedelta(hours=4)), OFFICER, NOW + timedelta(hours=1))  # due at 14:00
    asked = review.act(held, OFFICER, Ask(1, "Payslips of three months"), moment(NOW + timedelta(hours=1)))
    assert (asked.state, asked.lease, asked.assigned_to) == (State.ASKED, None, OFFICER.email)
    refused("does not wait for anybody now", asked, OFFICER, Claim())
    refused("run out", asked, OFFICER, decision(asked), moment(evidence=seen()), NotHeld)
    back = review.act(asked, MANAGER, Answer("They came by e-mail"), moment(NOW + timedelta(days=1)))
    assert (back.state, back.due_at) == (State.WAITING, NOW + timedelta(days=1, hours=3))  # three hours were left
    refused("was given to officer@x", back, OTHER, Claim())
    assert decided(back, OFFICER, now=NOW + timedelta(days=1)).state is State.DECIDED
    refused("No information is awaited", back, OFFICER, Answer("again"))
    late = replace(asked, due_at=NOW, left=timedelta(hours=-2))
    assert review.act(late, OFFICER, Answer("at last"), moment(NOW + timedelta(days=1))).due_at == NOW


def test_a_parked_case_comes_back_by_itself_to_who_parked_it():
    held = claimed(case(), OFFICER)
    until = NOW + timedelta(hours=3)
    parked = review.act(held, OFFICER, Park(1, until, "call back"), moment())
    assert (parked.state, parked.at(until - minutes(1)), parked.at(until)) == (State.PARKED, "parked", "waiting")
    refused("comes back by itself", parked, OFFICER, Claim(), moment(until - minutes(1)))
    refused("was given to", parked, OTHER, Claim(), moment(until))
    assert claimed(parked, OFFICER, until).state is State.WAITING
    refused("still to come", held, OFFICER, Park(1, NOW, "call back"))
    refused("in a few words", held, OFFICER, Park(1, until, " "))


def test_an_escalated_case_is_decided_by_another_senior():
    held = claimed(case(), SENIOR)
    up = review.act(held, SENIOR, Escalate(1, "an odd employer"), moment())
    for person in (OFFICER, SENIOR):
        refused("was escalated", up, person, Claim())
    assert decided(up, HEAD).state is State.DECIDED


def test_a_lead_gives_a_case_to_others_and_takes_it_from_who_holds_it():
    held = claimed(case(), OFFICER)
    given = review.act(held, MANAGER, Assign(OTHER, "fell ill"), moment())
    refused("was given to other@x", given, OFFICER, decision(held), moment(evidence=seen()))
    assert claimed(given, OTHER).lease.token == 2
    free = review.act(given, SENIOR, Assign(None, "no hurry"), moment())
    assert claimed(free, OFFICER).assigned_to is None
    refused("Only senior risk officers and managers", held, OFFICER, Assign(OTHER, "please"))
    for wrong in (MANAGER, AUDITOR, replace(OFFICER, authority_fen=None)):
        refused("may not decide this case", held, MANAGER, Assign(wrong, "please"))
    refused("may not decide this case", decided(case(), JUNIOR), MANAGER, Assign(JUNIOR, "please"))
    parked = review.act(held, OFFICER, Park(1, NOW + minutes(60), "call back"), moment())
    assert claimed(review.act(parked, MANAGER, Assign(OTHER, "fell ill"), moment()), OTHER).parked_until is None


def test_a_withdrawal_closes_the_case():
    held = claimed(case(), OFFICER)
    gone = review.act(held, MANAGER, Withdraw("by phone"), moment())
    assert (gone.state, gone.lease) == (State.WITHDRAWN, None)
    assert review.closed(held, State.WITHDRAWN) == gone
    refused("has withdrawn", gone, OFFICER, decision(held), moment(evidence=seen()))
    elsewhere = review.closed(held, State.CLOSED)
    refused("Lending has closed", elsewhere, OFFICER, decision(held), moment(evidence=seen()))
    for over in (gone, elsewhere, decided(case(), OFFICER)):
        with pytest.raises(Refused, match="closed already"):
            review.closed(over, State.CLOSED)


def test_a_slip_is_corrected_by_somebody_else_until_lending_has_acknowledged_it():
    done = decided(case(), OFFICER)
    refused("who did not take it", done, OFFICER, Correct("a slip"))
    refused("no authority", done, replace(OTHER, authority_fen=None), Correct("a slip"))
    refused("in a few words", done, OTHER, Correct(""))
    open_ = review.act(done, OTHER, Correct("the wrong amount"), moment())
    assert (open_.state, open_.delivery, open_.decisions, open_.lease.holder) == (
        State.WAITING, Delivery.CORRECTED, (), OTHER.email)  # fmt: skip
    again = review.act(open_, OTHER, decision(open_, outcome=Outcome.DECLINED), moment(evidence=seen()))
    assert (again.state, again.delivery, again.decisions[-1].outcome) == (State.DECIDED, "pending", "declined")
    late = NOW + minutes(30)
    refused("You have decided", open_, OFFICER, Claim(), moment(late))
    assert claimed(open_, SENIOR, late).lease.token == 3
    refused("has acknowledged", review.acknowledge(done), OTHER, Correct("a slip"))
    refused("no decision to correct", case(), OTHER, Correct("a slip"))
    assert review.act(again, OFFICER, Correct("no, it was right"), moment()).corrected == {OTHER.email}


def test_everybody_who_decided_is_kept_from_correcting():
    done = decided(decided(case(), JUNIOR), OFFICER)
    for person in (JUNIOR, OFFICER):
        refused("who did not take it", done, person, Correct("a slip"))
    open_ = review.act(done, SENIOR, Correct("a slip"), moment())
    assert open_.corrected == {JUNIOR.email, OFFICER.email}


def test_lending_acknowledges_once_or_refuses_and_the_case_waits_again():
    done = decided(case(), OFFICER)
    taken = review.acknowledge(done)
    assert taken.delivery is Delivery.ACKNOWLEDGED
    back = review.refuse(done, moment(NOW + timedelta(days=1)))
    assert (back.state, back.delivery, back.decisions, back.due_at) == (
        State.WAITING, Delivery.REFUSED, (), NOW + timedelta(days=1, hours=8))  # fmt: skip
    assert decided(back, OFFICER).state is State.DECIDED
    for wrong in (taken, back, case()):
        with pytest.raises(Refused, match="to be acknowledged"):
            review.acknowledge(wrong)
        with pytest.raises(Refused, match="to be acknowledged"):
            review.refuse(wrong, moment())


def test_the_amount_that_counts_is_the_one_read_at_the_decision():
    grown = seen(amount_fen=20_000_000, hash="h2")
    after = decided(case(), OFFICER, grown)
    assert (after.state, after.amount_fen) == (State.WAITING, 20_000_000)
    refused("authority over the whole amount", after, OTHER, Claim())
    assert decided(after, SENIOR, grown).state is State.DECIDED


def test_the_time_for_a_decision_is_the_policys():
    assert review.span(RULE) == timedelta(hours=8)
    assert len({person.email for person in EVERYBODY}) == len(EVERYBODY)
    assert Person("a", "b", None).in_conflict("1", None) is False


def test_a_case_comes_back_by_itself_once_its_application_says_something_new():
    held = claimed(case(due_at=NOW + timedelta(hours=4)), OFFICER)
    asked = review.act(held, OFFICER, Ask(1, "Payslips?"), moment(evidence=seen()))
    tomorrow = moment(NOW + timedelta(days=1))
    assert review.informed(asked, "h1", tomorrow) is None
    back = review.informed(asked, "h2", tomorrow)
    assert (back.state, back.due_at, back.assigned_to) == (
        State.WAITING,
        NOW + timedelta(days=1, hours=4),
        OFFICER.email,
    )
    assert (back.asked_at, back.asked_hash, back.left, back.version) == (None, None, None, asked.version + 1)
    assert review.informed(back, "h3", tomorrow) is None
