"""What review has done, read from both kinds of state database: decisions, cases that wait, pauses."""

from datetime import timedelta

import pytest

from components.review import quality_frames
from desk import review_opening, review_outbox, review_quality
from rules.review_actions import Answer, Ask, Correct, Moment, Park, Withdraw
from rules.review_case import Check, Outcome
from tests.desk.reviewing import (
    BOOK,
    JUNIOR,
    NOW,
    OFFICER,
    OTHER,
    RULE,
    SENIOR,
    Desk,
    Lending,
    application,
    opened,
    staffed,
)

SINCE = NOW - timedelta(days=1)
HOUR = 3600


def later(hours):
    return NOW + timedelta(hours=hours)


def work(engine, now=None, since=SINCE, **options):
    return review_quality.work(engine, BOOK, since, now or later(6), **options)


def frame(engine, now=None):
    return quality_frames.made(work(engine, now), RULE.review).set_index(["application_id", "round", "stage"])


def test_a_decision_is_read_with_its_deadline_its_time_and_whether_it_was_late(both):
    opened(both, 2)
    Desk(both, 1).decide(OFFICER, later(3))
    Desk(both, 2).decide(OFFICER, later(25), outcome=Outcome.DECLINED)  # 11:00 the next day: 8 h at 18:00, then 2
    rows = frame(both, later(30))
    first, second = rows.loc[("1", 1, 1)], rows.loc[("2", 1, 1)]
    assert (first["took_s"], bool(first["late"]), first["override"], bool(first["settled"])) == (
        3 * HOUR,
        False,
        "",
        True,
    )
    assert (second["took_s"], bool(second["late"]), second["override"]) == (10 * HOUR, True, "high_side")
    assert second["reasons"] == ("policy:too_much_debt",)
    assert (first["external_number"], first["staff_email"], first["opened_for"]) == ("A-1", OFFICER, "amount")


def test_time_does_not_run_while_information_is_awaited(both):
    desk = Desk(opened(both))
    desk.act(OFFICER, Ask(desk.claim(OFFICER, later(1)).tokens, "Which income?"), later(1))
    waits = work(both, later(3)).waiting[0]
    assert (waits.hand, waits.ended, waits.until) == (OFFICER, False, later(3))
    asked = quality_frames.cases(work(both, later(3)), frame(both).reset_index(), SINCE, RULE.review)
    assert asked[["took_s", "decided"]].to_numpy().tolist() == [[1 * HOUR, False]]
    desk.act(OFFICER, Answer("payslip"), later(4))
    desk.decide(OFFICER, later(6))
    assert frame(both, later(7)).loc[("1", 1, 1), "took_s"] == 3 * HOUR  # six hours less three


def test_corrections_settle_nothing_anew_and_refusals_begin_anew(both):
    opened(both, 2)
    desk = Desk(both, 1)
    desk.decide(OFFICER, later(1))
    desk.act(OTHER, desk.decision(desk.act(OTHER, Correct("a slip"), later(2)), outcome=Outcome.DECLINED), later(2))
    refused = Desk(both, 2)
    refused.decide(OFFICER, later(1))
    (pending,) = (each for each in review_outbox.pending(both, BOOK) if each.case[1] == "2")
    review_outbox.refuse(both, pending.key, "account closed", Moment(later(3), RULE.review))
    refused.decide(OTHER, later(4))
    rows = frame(both, later(5))
    assert rows["settled"].to_dict() == {("1", 1, 1): True, ("1", 2, 1): False, ("2", 1, 1): True, ("2", 2, 1): True}
    assert rows.loc[("2", 2, 1), "took_s"] == 1 * HOUR  # from the refusal on
    assert review_quality.granted(both, BOOK) == {"2": ""}  # the correction declined the first


def test_two_people_are_two_decisions_of_which_the_last_settles(both):
    opened(both)
    Desk(both).decide(JUNIOR, later(1))
    Desk(both).decide(SENIOR, later(2))
    rows = frame(both)
    assert rows["settled"].tolist() == [False, True]
    assert review_quality.decided_ever(both, BOOK) == 2
    assert review_quality.decided_ever(both, "another book") == 0


def test_cases_that_ended_without_a_decision_are_followed_until_then(both):
    opened(both, 3)
    Desk(both, 1).act(OFFICER, Withdraw("bought elsewhere"), later(2))
    review_opening.close_cases(both, BOOK, {"2": "declined"}, later(3))
    found = {each.application_id: (each.ended, each.until, each.hand) for each in work(both).waiting}
    assert found == {"1": (True, later(2), ""), "2": (True, later(3), ""), "3": (False, later(6), "")}


def test_what_somebody_has_in_hand_is_read_however_old_it_is(both):
    opened(both, 2)
    desk = Desk(both, 1)
    desk.act(OFFICER, Park(desk.claim(OFFICER).tokens, later(90), "call back"))
    old = work(both, later(50), since=later(40))
    assert [(each.application_id, each.hand) for each in old.waiting] == [("1", OFFICER)]
    assert quality_frames.held(old.waiting)["staff_email"].tolist() == [OFFICER]
    assert quality_frames.cases(old, quality_frames.made(old, RULE.review), later(40), RULE.review).empty


def test_what_somebody_must_not_see_yet_is_left_out(both):
    opened(both, 2)
    for number in (1, 2):
        Desk(both, number).decide(OFFICER, later(1))
    assert [each.application_id for each in work(both, hidden=frozenset({"1"})).made] == ["2"]
    assert review_quality.granted(both, BOOK, frozenset({"1"})) == {"2": ""}


def test_overrides_are_told_by_what_checks_said(both):
    failed = Lending()
    failed.changed["1"] = {"checks": (Check("model", "score", "fail"),)}
    review_opening.open_cases(staffed(both), BOOK, [application(1)], RULE, NOW)
    desk = Desk(both, 1, failed)
    desk.decide(OFFICER, rationale="the guarantor covers it")
    desk.decide(SENIOR, rationale="the guarantor covers it")
    assert frame(both)["override"].tolist() == ["low_side", "low_side"]
    assert review_quality.granted(both, BOOK) == {"1": "low_side"}


@pytest.mark.parametrize("since", [later(1), later(24)])
def test_only_the_period_is_read(both, since):
    opened(both, 2)
    Desk(both, 1).decide(OFFICER, NOW)
    Desk(both, 2).decide(OFFICER, later(2))
    assert len(work(both, later(30), since).made) == (1 if since == later(1) else 0)
