"""Next case on both kinds of state database: whom which case is handed to, and what happens when others are faster."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk import review_next, review_opening, staff, staff_changes
from desk.review import Rule
from desk.review_next import Turn
from desk.staff import Role, Staff
from rules.refusal import Refused
from rules.review_actions import Ask, Assign, Escalate
from rules.review_case import Person
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
    kinds,
    staffed,
)


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def open_cases(engine, *found):
    review_opening.open_cases(staffed(engine), BOOK, found, RULE, NOW)
    return engine


@pytest.fixture
def queue(both):
    """Four cases: 2 is due first, then 1, 4 (the larger) and 3."""
    return open_cases(
        both,
        application(1, applied_at=later(10)),
        application(2),
        application(3, applied_at=later(20)),
        application(4, applied_at=later(20), amount_fen=9_000_000, member_id="80", referred_by_id=None),
    )


def following(engine, email, now=NOW, rule=RULE, good=None):
    key = review_next.next_for(engine, Turn("k", BOOK, email, good), Lending(), rule, now)
    return None if key is None else key[1]


def take(engine, by, key="k", now=NOW):
    return review_next.take(engine, Turn(key, BOOK, by), Lending(), RULE, now)[1]


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
    assert following(queue, JUNIOR) == "4"
    staff_changes.add_first_administrator(queue, "admin@x", "A", NOW)
    kin = replace(Staff(OFFICER, "An Officer", Role.RISK_OFFICER, 20_000_000), member_id="80")
    seen = next(person for person, _active in staff.listed(queue) if person.email == OFFICER)
    staff_changes.change(queue, "admin@x", seen, kin, NOW)
    Desk(queue, 2).decide(SENIOR)
    assert following(queue, OFFICER) == "3"  # 1 is for a senior, 4 is their own


def test_one_is_handed_what_one_can_settle_and_first_what_nobody_below_can(both):
    open_cases(
        both,
        application(1, amount_fen=900_000_00, applied_at=later(-60)),
        application(2, amount_fen=70_000_00),
        application(3, amount_fen=60_000_00, applied_at=later(5)),
    )
    assert [following(both, who) for who in (OFFICER, SENIOR)] == ["2", "1"]  # 900,000 is for the senior
    late = NOW + timedelta(days=1)
    assert [following(both, who, late) for who in (OFFICER, SENIOR)] == ["2", "1"]
    Desk(both, 1).claim(SENIOR)
    Desk(both, 2).claim(OTHER)
    assert following(both, OFFICER) == "3"
    Desk(both, 3).claim(JUNIOR)
    assert following(both, OFFICER) is None


def test_late_cases_come_before_what_only_one_can_settle(both):
    open_cases(
        both,
        application(1, amount_fen=900_000_00, applied_at=later(120)),
        application(2, amount_fen=70_000_00, applied_at=later(-600)),
    )
    at = later(60 * 8)
    assert following(both, SENIOR, at) == "2"


def test_who_has_much_in_hand_is_handed_only_that(queue):
    rule = Rule(RULE.review.model_copy(update={"most_in_hand": 1}), RULE.since)
    desk = Desk(queue, 1)
    desk.act(OFFICER, Ask(desk.claim(OFFICER).tokens, "Payslips?"))
    with pytest.raises(Refused, match="You have 1 cases in hand"):
        following(queue, OFFICER, rule=rule)
    assert following(queue, OTHER, rule=rule) == "2"
    Desk(queue, 4).act(MANAGER, Assign(Person(OFFICER, "", None), "please"))
    assert following(queue, OFFICER, rule=rule) == "4"


def test_taking_the_next_case_claims_it_once_however_often_it_is_sent(queue):
    assert take(queue, OFFICER) == "2"
    assert take(queue, OFFICER) == "2"
    assert Desk(queue, 2).now().held_by(NOW) == OFFICER
    assert kinds(queue).count("case.claimed") == 1
    assert take(queue, OTHER, "another") == "1"


def test_when_somebody_is_faster_the_next_one_is_handed_out(queue, monkeypatch):
    looked = review_next.next_for

    def slow(engine, turn, *rest):
        found = looked(engine, turn, *rest)
        if found == (BOOK, "2"):
            Desk(queue, 2).claim(OTHER)
        return found

    monkeypatch.setattr(review_next, "next_for", slow)
    assert take(queue, OFFICER) == "1"


def test_when_nothing_waits_that_is_said(queue):
    with pytest.raises(Refused, match="Nothing waits that you may decide"):
        take(queue, MANAGER)
    for number, who in ((1, OTHER), (2, OTHER), (3, SENIOR), (4, JUNIOR)):
        Desk(queue, number).claim(who)
    with pytest.raises(Refused, match="Nothing waits"):
        take(queue, OFFICER)


def test_of_cases_with_one_deadline_those_of_good_lines_come_first_where_the_policy_says_so(both):
    open_cases(
        both,
        application(1),
        application(2, amount_fen=9_000_000, referred_by_id="50"),
        application(3, amount_fen=7_000_000, referred_by_id="51"),
        application(4, amount_fen=6_000_000, referred_by_id=None),
        application(5, amount_fen=5_000_000, referred_by_id="52", applied_at=later(10)),
    )
    asked = []

    def good(*known):
        return lambda referrers: asked.append(set(referrers)) or set(referrers) & set(known)

    assert following(both, OFFICER, good=good("51", "52")) == "3"
    assert asked == [{"69", "50", "51"}], "those of one deadline alone are looked at"
    assert following(both, OFFICER, good=good("52")) == "2", "another deadline is not passed"
    assert following(both, OFFICER) == "2"
    kept = Rule(RULE.review.model_copy(update={"good_lines_first": False}), RULE.since)
    assert following(both, OFFICER, rule=kept, good=good("51")) == "2"
    assert len(asked) == 2, "without the policy nothing is asked"
    Desk(both, 4).claim(OFFICER)
    assert following(both, OFFICER, good=good("51")) == "4", "what somebody holds comes before"
    taken = review_next.take(both, Turn("t", BOOK, OTHER, good("51")), Lending(), RULE, NOW)
    assert taken == (BOOK, "3")
