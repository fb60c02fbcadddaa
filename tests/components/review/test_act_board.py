"""What is done with a case on the screen: each state of it, for each role, with what the screen says."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from components import access
from components.language import LANGUAGES
from components.review import draft
from desk import audit, blind, review, review_draft, review_outbox, staff, state
from desk.review_store import subject
from desk.review_tables import decision_outbox, review_decision, review_note
from desk.review_tables import review_draft as drafts
from loanbook.connection import SourceError
from rules.review_actions import Answer, Ask, Correct, Escalate, GiveUp, Moment, Note, Park, Withdraw
from rules.review_case import Check, Delivery, Ground, Outcome, Reason, State
from tests.components.review.scene import button, field_of, press, texts
from tests.desk.reviewing import BOOK, JUNIOR, MANAGER, NOW, OFFICER, OTHER, RULE, SENIOR, kinds, rows

AUDITOR = "auditor@x"
PROVEN, DEBT = ("policy", "income_proven"), ("policy", "too_much_debt")
FAILED = {"checks": (Check("rules", "blacklist", "pass"), Check("model", "score", "fail"))}


def choose(at, outcome, *codes):
    """Choose reasons by their codes, in that order."""
    press(at, f"do-{outcome}")
    found = field_of(at, "multiselect", f"reasons-{outcome}")
    found.set_value([Reason(Ground(ground), code) for ground, code in codes]).run()
    return at


def write(at, name, text):
    found = field_of(at, "text_area", name) or field_of(at, "text_input", name)
    found.set_value(text).run()
    return at


def decided(at, outcome, *codes, rationale="", amount=None):
    """From the case in one's hands to the record."""
    choose(at, outcome, *codes)
    if amount is not None:
        write(at, "amount", amount)
    if rationale:
        write(at, "rationale", rationale)
    press(at, "check")
    assert button(at, "confirm-yes") is not None, texts(at)
    return press(at, "confirm-yes")


def taken(scene, by=OFFICER):
    return press(scene.look(by), "claim")


def test_a_case_is_taken_decided_and_told_to_lending(scene):
    at = taken(scene)
    assert "Yours until 10:15 · 15 minutes left" in texts(at)
    choose(at, "approved", PROVEN)
    press(at, "check")
    said = texts(at)
    assert "**A-1** is **approved** for **¥80,000**, all that was asked for." in said
    assert "1. Policy: The income is proven" in said
    assert "It settles the case: lending is told at once." in said
    assert "By officer@x as Risk officer, who may decide up to ¥200,000; policy of 1 Jan 2000; evidence `h1`" in said
    assert rows(scene.desk.engine, review_decision) == []
    press(at, "confirm-yes")
    (made,) = rows(scene.desk.engine, review_decision)
    assert (made.outcome, made.amount_fen, made.final, made.evidence_hash) == ("approved", 8_000_000, True, "h1")
    assert len(rows(scene.desk.engine, decision_outbox)) == 1
    said = texts(at)
    assert "Recorded. The case is decided, and lending is told." in said
    assert "Waits for lending's acknowledgement for 1 min." in said.replace("\u00a0", " ")
    assert "officer@x approved ¥80,000 on 18 Nov 2026, 10:00" in said


def test_the_order_of_reasons_is_kept_and_other_is_never_alone(scene):
    at = taken(scene)
    press(choose(at, "approved", ("other", "other")), "check")
    assert "Say what else there is, in 10 characters or more." in texts(at) or "no reason alone" in texts(at)
    write(at, "other", "The employer was called and confirmed it")
    press(at, "check")
    assert "“Other” is no reason alone" in texts(at)
    choose(at, "approved", ("other", "other"), ("check", "blacklist"), PROVEN)
    press(press(at, "check"), "confirm-yes")
    (made,) = rows(scene.desk.engine, review_decision)
    assert [each["code"] for each in json.loads(made.reasons)] == ["other", "blacklist", "income_proven"]
    assert json.loads(made.reasons)[0]["words"] == "The employer was called and confirmed it"


@pytest.mark.parametrize(
    ("outcome", "amount", "told"),
    [
        ("approved", None, "Give one to 4 reasons"),
        ("approved_less", "", "Write an amount above zero"),
        ("approved_less", "80000", "Write an amount above zero"),
        ("approved_less", "a lot", "Write an amount above zero"),
        ("approved_less", "12.345", "Write an amount above zero"),
        ("declined", None, "Give one to 4 reasons"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_laid_out(scene, outcome, amount, told):
    at = press(taken(scene), f"do-{outcome}")
    if amount:
        write(at, "amount", amount)
    press(at, "check")
    assert told in texts(at)
    assert button(at, "confirm-yes") is None


def test_less_is_approved_with_its_amount_and_the_notice_in_both_languages(scene):
    at = choose(taken(scene), "approved_less", DEBT, ("policy", "income_not_proven"))
    write(at, "amount", "¥50,000")
    told = " ".join(str(each.proto.body) for each in at.get("html"))
    assert "we can lend you ¥50,000" in told
    assert (
        "<li>All obligations together are too high for the income</li><li>The income could not be proven</li>" in told
    )
    assert "现有债务合计超出收入可承受范围" in told
    press(press(at, "check"), "confirm-yes")
    (made,) = rows(scene.desk.engine, review_decision)
    assert (made.outcome, made.amount_fen) == ("approved_less", 5_000_000)


def test_declining_what_passed_is_an_override_that_needs_a_rationale(scene):
    at = choose(taken(scene), "declined", DEBT)
    assert "declined though no check failed (high-side override)" in texts(at)
    press(at, "check")
    assert "say why, in 10 characters or more" in texts(at)
    write(at, "rationale", "Three employers in four months, none confirmed")
    press(press(at, "check"), "confirm-yes")
    (made,) = rows(scene.desk.engine, review_decision)
    assert (made.override, made.rationale) == ("high_side", "Three employers in four months, none confirmed")


def test_above_the_authority_a_second_person_decides_and_sees_the_first_decision(scene):
    at = choose(taken(scene, JUNIOR), "approved", PROVEN)
    above = "¥80,000 is above your authority of ¥10,000: a second, different person decides after you."
    assert above in texts(at)
    press(at, "check")
    assert "It does not settle the case: it is above your authority" in texts(at)
    press(at, "confirm-yes")
    assert "a second, different person decides now" in texts(at)
    assert scene.desk.now().state is State.WAITING
    assert button(scene.look(JUNIOR), "claim") is None
    assert "You have decided on this case; now somebody else has to." in texts(scene.look(JUNIOR))
    at = taken(scene, SENIOR)
    said = texts(at)
    assert "What do you decide, as the second person?" in said
    assert "junior@x approved ¥80,000" in said
    assert "Policy: The income is proven" in said
    decided(at, "approved", PROVEN)
    assert scene.desk.now().state is State.DECIDED
    said = texts(scene.look(AUDITOR))
    assert "as first decision, by the policy of 1 Jan 2000" in said
    assert "as second decision" in said
    assert "It did not settle the case" in said


def test_an_override_that_the_policy_names_needs_two(scene):
    scene.book.changed["1"] = FAILED
    at = choose(taken(scene), "approved", PROVEN)
    assert "granted though a check failed (low-side override)" in texts(at)
    assert "The policy has such a decision taken by two people" in texts(at)
    write(at, "rationale", "A guarantor was found meanwhile")
    press(at, "check")
    assert "the policy has such an override decided by a second, different person" in texts(at)
    press(at, "confirm-yes")
    decided(taken(scene, OTHER), "approved", PROVEN, rationale="I have called the guarantor")
    assert scene.desk.now().state is State.DECIDED


@pytest.mark.parametrize("by", [MANAGER, AUDITOR])
def test_who_decides_nothing_sees_who_holds_it_and_no_form(scene, by):
    taken(scene)
    at = scene.look(by)
    assert "officer@x holds it until 10:15 · 15 minutes left, then it can be taken" in texts(at)
    assert all(button(at, key) is None for key in ("claim", "give-up", "do-approved", "check"))
    assert (button(at, "take-assign-note") is not None) == (by == MANAGER)
    assert (button(at, "withdraw") is not None) == (by == MANAGER)


def test_a_hold_is_taken_over_only_after_it_has_run_out(scene):
    taken(scene)
    scene.later(14)
    assert button(scene.look(OTHER), "claim") is None
    scene.later(1)
    at = taken(scene, OTHER)
    assert "Yours until 10:30" in texts(at)
    assert scene.desk.now().lease.token == 2


def test_the_hold_is_kept_alive_while_the_case_is_open(scene):
    at = taken(scene)
    for _tick in range(10):
        scene.later(3)
        at.run()
    assert scene.desk.now().lease.until == NOW + timedelta(minutes=45)
    assert kinds(scene.desk.engine) == ["case.opened", "case.claimed"]


def test_a_hold_that_ran_out_is_not_taken_up_by_itself_and_what_was_typed_is_kept(scene):
    at = write(choose(taken(scene), "declined", DEBT), "rationale", "Half a sentence")
    scene.later(16)
    at.run()
    assert scene.desk.now().held_by(scene.now) is None
    press(at, "claim")
    assert field_of(at, "text_area", "rationale").value == "Half a sentence"


def test_it_is_let_go_of(scene):
    at = press(taken(scene), "give-up")
    assert scene.desk.now().lease is None
    assert "Nobody holds it." in texts(at)
    assert "officer@x let go of it." in texts(at)


def test_each_field_is_kept_once_it_is_left_and_comes_back_in_another_browser(scene):
    at = choose(taken(scene), "declined", DEBT, ("check", "score"))
    write(at, "rationale", "电话无人接听")
    kept = review_draft.load(scene.desk.engine, scene.desk.case, OFFICER)
    assert (kept["rationale"], kept["doing"]) == ("电话无人接听", "declined")
    other = scene.look(OFFICER)
    assert field_of(other, "text_area", "rationale").value == "电话无人接听"
    assert [each.code for each in field_of(other, "multiselect", "reasons-declined").value] == [
        "too_much_debt",
        "score",
    ]
    assert field_of(scene.look(OTHER), "text_area", "rationale") is None
    decided(other, "declined", DEBT, rationale="电话无人接听，一共打了三次")
    assert rows(scene.desk.engine, drafts) == []


def test_two_browsers_of_one_person_keep_each_others_fields(scene):
    one = choose(taken(scene), "declined", DEBT)
    two = scene.look(OFFICER)
    write(one, "rationale", "from the first browser")
    choose(two, "approved", PROVEN)
    kept = review_draft.load(scene.desk.engine, scene.desk.case, OFFICER)
    assert kept["rationale"] == "from the first browser"
    assert "income_proven" in kept["reasons-approved"]


def test_changed_evidence_is_shown_field_by_field_and_asked_about_again(scene):
    at = write(choose(taken(scene), "approved", PROVEN), "rationale", "All is well")
    scene.book.change("1", "h2")
    scene.book.changed["1"]["amount_fen"] = 9_000_000
    at.run()
    assert "The application was changed since you looked: 1 change." in texts(at)
    (table,) = [each.value for each in at.dataframe]
    assert table.values.tolist() == [["Application", "Asked", "¥80,000", "¥90,000"]]
    assert button(at, "check") is None
    again = scene.look(OFFICER)  # in another browser, which remembers by the draft
    assert "1 change" in texts(again)
    press(at, "changed-seen")
    assert field_of(at, "text_area", "rationale").value == "All is well"
    press(press(at, "check"), "confirm-yes")
    (made,) = rows(scene.desk.engine, review_decision)
    assert (made.evidence_hash, made.amount_fen) == ("h2", 9_000_000)


def test_evidence_that_changes_at_the_very_end_is_noticed_when_it_is_recorded(scene):
    at = press(choose(taken(scene), "approved", PROVEN), "check")
    pressed = button(at, "confirm-yes").click()
    scene.book.change("1", "h2", purpose="gambling")
    pressed.run()
    assert "The application was changed meanwhile" in texts(at)
    assert "1 change" in texts(at)
    assert rows(scene.desk.engine, review_decision) == []


def test_who_loses_a_race_is_told_who_decided_what_and_when(scene):
    at = press(choose(taken(scene), "approved", PROVEN), "check")
    pressed = button(at, "confirm-yes").click()
    scene.later(16)
    scene.desk.decide(OTHER, scene.now, outcome=Outcome.DECLINED)
    pressed.run()
    told = "other@x decided this case on 18 Nov 2026, 10:16: declined. Nothing of yours was recorded."
    assert told in texts(at)
    assert len(rows(scene.desk.engine, review_decision)) == 1


def test_pressing_twice_records_once(scene):
    at = press(choose(taken(scene), "approved", PROVEN), "check")
    pressed = button(at, "confirm-yes")
    pressed.click().run()
    pressed.click().run()
    assert kinds(scene.desk.engine).count("case.decided") == 1


@pytest.mark.parametrize("lost", ["loans", "state"])
def test_a_database_that_is_lost_at_that_moment_loses_nothing(scene, monkeypatch, lost):
    at = press(choose(taken(scene), "approved", PROVEN), "check")
    with monkeypatch.context() as broken:
        gone = SourceError("gone") if lost == "loans" else OperationalError("COMMIT", {}, Exception("gone"))
        broken.setattr(review, "perform", _raise(gone))
        press_safely(at, "confirm-yes")
        told = "loan database can't be read" if lost == "loans" else "own database can't be reached"
        assert told in texts(at)
    assert rows(scene.desk.engine, review_decision) == []
    press(at, "confirm-yes")
    assert len(rows(scene.desk.engine, review_decision)) == 1


def test_a_decision_whose_answer_was_lost_is_not_taken_twice(scene, monkeypatch):
    at = press(choose(taken(scene), "approved", PROVEN), "check")
    real = review.perform

    def lost(*args):
        real(*args)
        raise OperationalError("COMMIT", {}, Exception("connection lost after the commit"))

    with monkeypatch.context() as broken:
        broken.setattr(review, "perform", lost)
        press_safely(at, "confirm-yes")
    assert "nothing is recorded twice" in texts(at)
    if button(at, "confirm-yes") is not None:
        press(at, "confirm-yes")
    assert kinds(scene.desk.engine).count("case.decided") == 1
    assert len(rows(scene.desk.engine, decision_outbox)) == 1


def test_a_field_opens_with_what_was_kept_at_every_run(scene):
    """A browser that misses one message must not open it empty, for it would say that it was emptied."""
    write(choose(taken(scene), "declined", DEBT), "rationale", "电话无人接听")
    again = scene.look(OFFICER)
    for _run in range(2):
        words, reasons = field_of(again, "text_area", "rationale"), field_of(again, "multiselect", "reasons-declined")
        assert (words.proto.default, words.proto.set_value) == ("电话无人接听", False)
        assert (len(reasons.proto.default), reasons.proto.set_value) == (1, False)
        again.run()


def test_what_a_browser_knows_after_a_restart_is_kept(scene, monkeypatch):
    """Its fields come with its first run, before anything is known of which were left."""
    at = press(taken(scene), "do-declined")
    monkeypatch.setattr(draft.Draft, "left", lambda *_field: None)
    write(at, "rationale", "Written while nobody listened")
    kept = review_draft.load(scene.desk.engine, scene.desk.case, OFFICER)
    assert kept["rationale"] == "Written while nobody listened"


def test_a_draft_that_can_not_be_written_stays_in_the_session_and_is_written_later(scene, monkeypatch):
    at = choose(taken(scene), "declined", DEBT)
    with monkeypatch.context() as broken:
        broken.setattr(review_draft, "save", _raise(OperationalError("INSERT", {}, Exception("gone"))))
        write(at, "rationale", "Kept in the session")
        assert "Not saved yet" in texts(at)
        assert field_of(at, "text_area", "rationale").value == "Kept in the session"
    at.run()
    assert review_draft.load(scene.desk.engine, scene.desk.case, OFFICER)["rationale"] == "Kept in the session"


def test_information_is_asked_for_and_its_coming_is_recorded_by_anybody_of_the_team(scene):
    at = press(taken(scene), "do-ask")
    press(write(at, "ask-note", "Please send three payslips"), "take-ask-note")
    assert scene.desk.now().state is State.ASKED
    assert "officer@x asked the applicant on 18 Nov 2026, 10:00: “Please send three payslips”" in texts(at)
    scene.later(60)
    at = scene.look(MANAGER)
    press(write(at, "answer-note", "Payslips came by mail"), "take-answer-note")
    assert scene.desk.now().state is State.WAITING
    assert "manager@x recorded what came: “Payslips came by mail”" in texts(at)
    assert "It was given to you; nobody holds it." in texts(scene.look(OFFICER))


def test_it_is_parked_until_a_time_with_a_note(scene):
    at = press(taken(scene), "do-park")
    press(at, "take-park-note")
    assert "Write in a few words what this is about." in texts(at)
    press(write(at, "park-note", "Call back at noon"), "take-park-note")
    case = scene.desk.now()
    assert (case.state, case.parked_until) == (State.PARKED, NOW + timedelta(hours=2))
    assert "officer@x put it aside until 18 Nov 2026, 12:00: “Call back at noon”" in texts(at)
    scene.later(121)
    assert "It was given to you" in texts(scene.look(OFFICER))


def test_it_is_left_to_a_senior_who_sees_why(scene):
    at = press(taken(scene), "do-escalate")
    press(write(at, "escalate-note", "The guarantor is a colleague"), "take-escalate-note")
    assert "This case was escalated; another senior risk officer decides it." in texts(scene.look(OTHER))
    at = scene.look(SENIOR)
    assert "officer@x left it to a senior risk officer: “The guarantor is a colleague”" in texts(at)
    assert button(at, "claim") is not None


def test_a_withdrawal_closes_the_case_after_a_confirmation(scene):
    at = press(taken(scene), "do-withdraw")
    press(at, "withdraw")
    assert "Write in a few words" in texts(at)
    press(write(at, "withdraw-note", "By telephone this morning"), "withdraw")
    assert "The applicant has withdrawn, and the case is closed: “By telephone this morning”" in texts(at)
    press(at, "confirm-yes")
    assert scene.desk.now().state is State.WITHDRAWN
    assert "the case is closed without a decision" in texts(at)


def test_a_lead_gives_it_to_somebody_who_may_decide_it(scene):
    at = scene.look(MANAGER)
    to = next(each for each in at.selectbox if each.key.endswith("assign-to"))
    assert to.options == ["Whoever comes next", "junior@x", "officer@x", "other@x", "senior@x"]
    to.set_value(OTHER).run()
    press(write(at, "assign-note", "Officer is ill"), "take-assign-note")
    assert scene.desk.now().assigned_to == OTHER
    assert "manager@x gave it to other@x: “Officer is ill”" in texts(at)
    assert "This case was given to other@x." in texts(scene.look(OFFICER))
    assert button(scene.look(OTHER), "claim") is not None


def test_a_call_is_noted_by_whoever_holds_the_case_and_by_others(scene):
    at = press(taken(scene), "do-note")
    press(write(at, "call-note", "The employer confirmed *the* salary"), "take-call-note")
    said = texts(at)
    assert ":material/call: 10:00, officer@x: “The employer confirmed \\*the\\* salary”" in said
    assert "officer@x noted of a call: “The employer" in said
    assert "Yours until" in said
    at = scene.look(MANAGER)
    press(write(at, "call-note", "The applicant called back"), "take-call-note")
    assert "10:00, manager@x: “The applicant called back”" in texts(at)
    at = scene.look(OFFICER)
    decided(at, "approved", PROVEN)
    assert [row.outcome for row in rows(scene.desk.engine, review_decision)] == ["approved"]


def test_a_slip_is_corrected_by_a_second_person_while_lending_has_not_acknowledged(scene):
    decided(taken(scene), "approved", PROVEN)
    assert "A decision is corrected by somebody who did not take it." in texts(scene.look(OFFICER))
    at = scene.look(OTHER)
    press(write(at, "correct-note", "The wrong button"), "take-correct-note")
    assert scene.desk.now().held_by(NOW) == OTHER
    assert button(at, "do-declined") is not None
    decided(at, "declined", DEBT, rationale="Debts are far above the income")
    said = texts(at)
    assert "other@x took the decision back to correct a slip: “The wrong button”" in said
    assert "declined" in said
    assert scene.desk.now().delivery is Delivery.PENDING


def test_what_lending_answers_is_shown(scene):
    decided(taken(scene), "approved", PROVEN)
    (sent,) = review_outbox.pending(scene.desk.engine, BOOK)
    review_outbox.refuse(scene.desk.engine, sent.key, "credit line exceeded", Moment(NOW, RULE.review))
    said = texts(scene.look(OTHER))
    assert "Lending refused it on 18 Nov 2026, 10:00: “credit line exceeded” The case waits for a new decision." in said
    assert "Lending refused the decision: “credit line exceeded” The case waits again." in said
    decided(taken(scene, OTHER), "approved", PROVEN)
    (sent,) = review_outbox.pending(scene.desk.engine, BOOK)
    review_outbox.acknowledge(scene.desk.engine, sent.key, NOW)
    said = texts(scene.look(OFFICER))
    assert "Lending acknowledged it on 18 Nov 2026, 10:00." in said
    assert button(scene.look(OTHER), "take-correct-note") is None


def test_words_that_were_changed_in_the_database_are_not_told_as_said(scene):
    scene.desk.act(OFFICER, Ask(scene.desk.claim(OFFICER).tokens, "Send payslips"))
    with scene.desk.engine.begin() as connection:
        connection.execute(update(review_note).values(words="Send money"))
    said = texts(scene.look(MANAGER))
    assert "Send money" not in said
    assert "the words are not those that were said" in said


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_whole_history_reads_as_sentences(scene, language):
    desk, at = scene.desk, [NOW + timedelta(minutes=count) for count in range(10)]
    desk.act(OFFICER, GiveUp(desk.claim(OFFICER).tokens))
    desk.act(OFFICER, Park(desk.claim(OFFICER).tokens, at[1], "a call"))
    desk.act(OFFICER, Ask(desk.claim(OFFICER, at[2]).tokens, "payslips?"), at[3])
    desk.act(MANAGER, Answer("came"), at[4])
    desk.act(MANAGER, Note("they called"), at[4])
    desk.act(OFFICER, Escalate(desk.claim(OFFICER, at[5]).tokens, "kin"), at[6])
    desk.decide(SENIOR, at[7])
    desk.act(OTHER, Correct("slip"), at[8])
    desk.act(OTHER, Withdraw("by phone"), at[9])
    at = scene.look(AUDITOR, language)
    told = next(each.value for each in at.markdown if ":small[" in each.value)
    lines = told.splitlines()
    assert len(lines) == len(kinds(desk.engine)) == 15
    assert not re.search(r"case\.[a-z]|\{", told)
    assert ("took the case" in told) == (language == "en")


def test_a_right_that_was_taken_away_is_noticed_when_something_is_pressed(scene):
    at = press(choose(taken(scene), "approved", PROVEN), "check")
    pressed = button(at, "confirm-yes").click()
    with scene.desk.engine.begin() as connection:
        connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(active=False))
    pressed.run()
    assert rows(scene.desk.engine, review_decision) == []
    assert "This page is not part of your role" in texts(at)


def test_a_state_database_that_is_gone_is_told_and_what_was_left_comes_back_with_it(scene, monkeypatch):
    at = write(choose(taken(scene), "declined", DEBT), "rationale", "Nobody answered the telephone")
    gone, shown = OperationalError("SELECT", {}, Exception("gone")), scene.opened(OFFICER)
    with monkeypatch.context() as broken:
        broken.setattr(access, "visitor", _raise(gone))
        broken.setattr(scene, "opened", lambda: shown)
        at.run()
        assert not at.exception
        assert "own database can't be reached just now" in texts(at)
    at.run()
    assert field_of(at, "text_area", "rationale").value == "Nobody answered the telephone"


def test_who_is_to_decide_again_unseeing_sees_neither_decision_nor_history(scene, monkeypatch):
    decided(taken(scene), "approved", PROVEN)
    monkeypatch.setattr(blind, "is_hidden", lambda _engine, _case, email: email == OTHER)
    said = texts(scene.look(OTHER))
    assert "how it was decided and its history are shown once you have" in said
    assert "approved" not in said
    assert "approved ¥80,000" in texts(scene.look(AUDITOR))


def test_reveals_stand_in_the_history(scene):
    for kind, payload in (
        ("case.revealed", {"field": "phone", "purpose": "call"}),
        ("case.reveal_refused", {"field": "id_number", "purpose": "fraud", "why": "not yours"}),
        ("case.informed", {"version": 2}),
        ("some.other", {}),
    ):
        with scene.desk.engine.begin() as connection:
            audit.append(connection, audit.Event(NOW, OFFICER, kind, subject(scene.desk.case), payload))
    said = texts(scene.look(AUDITOR))
    assert "officer@x was shown a field that is masked, Phone number. To call the applicant:" in said
    assert "officer@x asked for a field that is masked, Identity number, and was refused it." in said
    assert "has come to lending" in said
    assert "officer@x: some.other" in said


def test_who_may_act_on_nothing_reads_the_history(scene):
    at = scene.look(AUDITOR)
    assert "The case was opened for its amount" in texts(at)
    assert not at.button


def test_staff_are_named(scene):
    with scene.desk.engine.begin() as connection:
        connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(name="Wang *Min*"))
        connection.execute(update(state.staff).where(state.staff.c.email == OTHER).values(name="Risk officer"))
    taken(scene)
    assert r"Wang \*Min\* holds it until" in texts(scene.look(OTHER))
    assert staff.lookup(scene.desk.engine, OTHER).name == "Risk officer"


def press_safely(at, key):
    button(at, key).click().run()
    assert not at.exception, at.exception


def _raise(error):
    def raises(*_args, **_kwargs):
        raise error

    return raises
