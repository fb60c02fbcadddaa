"""The blind sample on both kinds of state database: drawn once, asked of the uninvolved, decided unseeing."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import ClassVar

import pytest

from desk import audit_chain, blind, blind_draw, review_opening, review_record, state
from desk.blind import Second
from desk.blind_tables import review_blind, review_blind_day
from desk.review_tables import decision_outbox, review_case
from loanbook.evidence import Seen, hash_of
from rules import policy
from rules.refusal import Refused
from rules.review import Changed
from rules.review_actions import Correct
from rules.review_case import Outcome
from tests.desk.reviewing import (
    BOOK,
    DEBT,
    JUNIOR,
    MANAGER,
    NOW,
    OFFICER,
    OTHER,
    PROVEN,
    RULE,
    SENIOR,
    Desk,
    Lending,
    application,
    kinds,
    opened,
    rows,
    staffed,
)
from tests.desk.states import keeper

SEED = b"s" * 32
NEXT_DAY = NOW + timedelta(days=1)
TODAY = date(2026, 11, 18)


class Live(Lending):
    """The loan database as it is by now: the decision has been carried out."""

    content: ClassVar = {
        "application": [{"id": "1", "status": "disbursed", "decided_at": "2026-11-18 03:00:00", "decided_by": "manual",
                         "approved_amount": 8_000_000}],
        "earlier_application": [], "membership": [], "perk": [], "score": [], "product": [],
        "application_check": [
            {"layer": "model", "code": "score", "outcome": "flag", "checked_at": "2026-11-18 01:00:00"},
            {"layer": "manual", "code": "review", "outcome": "pass", "checked_at": "2026-11-18 02:00:00"},
        ],
        "loan": [{"id": "9", "application_id": "1", "disbursed_at": "2026-11-18 05:00:00", "status": "active"}],
        "instalment": [{"loan_id": "9", "number": 1}], "repayment": [],
    }  # fmt: skip

    def seen(self, application_id):
        return Seen(replace(self.evidence(application_id), open=False, hash="later"), self.content)


def versions(ratio):
    first = policy.load()[0]
    return (first.model_copy(update={"review": first.review.model_copy(update={"blind_sample_ratio": ratio})}),)


def look(engine, now=NEXT_DAY, ratio=1.0, seed=SEED):
    return blind_draw.look(engine, BOOK, seed, versions(ratio), Live(), now)


@pytest.fixture
def drawn(both):
    """One case, decided by one person, drawn, and asked of another."""
    opened(both)
    Desk(both).decide(OFFICER)
    assert look(both) == 1
    return both


def asked(engine):
    (row,) = rows(engine, review_blind)
    return row.asked_of


def second(engine, by, outcome=Outcome.DECLINED, number="1", **changes):
    shown = blind.unseeing(engine, (BOOK, number), by, Live()).seen.evidence
    amount = None if outcome is Outcome.DECLINED else shown.amount_fen
    reasons, why = ((DEBT,), "Too many loans elsewhere") if outcome is Outcome.DECLINED else ((PROVEN,), "")
    made = replace(Second(outcome, amount, reasons, why, shown.hash), **changes)
    return blind.decide(engine, (BOOK, number), by, made, Live(), RULE, NEXT_DAY)


def test_a_days_cases_are_drawn_once_when_the_day_has_ended(both):
    opened(both)
    Desk(both).decide(OFFICER)
    assert look(both, NOW + timedelta(hours=10)) == 0  # 20:00 of the same day in Shanghai
    assert look(both) == 1
    assert look(both) == 0
    assert look(both, NEXT_DAY + timedelta(hours=1)) == 0
    (day,) = rows(both, review_blind_day)
    assert (day.day, day.officer, day.outcome, day.decided, day.drawn) == (TODAY, OFFICER, "approved", 1, 1)
    told = [kind for kind in kinds(both) if kind.startswith("blind")]
    assert told == ["blind.drawn", "blind.day_drawn", "blind.asked"]
    assert audit_chain.verify(both, keeper(both_folder(both))).broken is None


def both_folder(engine):
    return engine.get_execution_options()["loanboard_audit_keeper"].file.parent


def test_each_stratum_has_its_share_over_days(both):
    opened(both, 24)
    for number in range(1, 13):
        Desk(both, number).decide(OFFICER)
    for number in range(13, 25):
        Desk(both, number).decide(OTHER, **({"outcome": Outcome.DECLINED} if number % 2 else {}))
    assert look(both, ratio=0.5) == sum(row.drawn for row in rows(both, review_blind_day))
    for row in rows(both, review_blind_day):
        assert abs(row.drawn - row.decided * 0.5) < 1
    assert {(row.officer, row.outcome, row.decided) for row in rows(both, review_blind_day)} == {
        (OFFICER, "approved", 12), (OTHER, "approved", 6), (OTHER, "declined", 6)
    }  # fmt: skip


def test_the_same_seed_draws_the_same_cases_however_often_it_is_looked(tmp_path, both):
    opened(both, 12)
    for number in range(1, 13):
        Desk(both, number).decide(OFFICER)
    look(both, ratio=0.25)
    first = [row.application_id for row in rows(both, review_blind)]
    with both.begin() as connection:
        connection.execute(review_blind.delete())
        connection.execute(review_blind_day.delete())
    look(both, NEXT_DAY + timedelta(days=3), ratio=0.25)
    assert [row.application_id for row in rows(both, review_blind)] == first


def test_what_was_corrected_before_the_draw_is_drawn_as_it_stands(both):
    desk = Desk(opened(both))
    desk.decide(OFFICER)
    desk.act(OTHER, desk.decision(desk.act(OTHER, Correct("a slip"), NOW), outcome=Outcome.DECLINED))
    assert look(both) == 1
    (day,) = rows(both, review_blind_day)
    assert (day.officer, day.outcome) == (OTHER, "declined")
    assert asked(both) not in {OFFICER, OTHER}


def test_somebody_uninvolved_is_asked_and_sees_neither_decision_nor_what_came_of_it(drawn):
    who = asked(drawn)
    assert who in {OTHER, JUNIOR, SENIOR}
    assert blind.hidden_from(drawn, BOOK, who) == {"1"}
    assert blind.is_hidden(drawn, (BOOK, "1"), who)
    others = {OFFICER, OTHER, JUNIOR, SENIOR, MANAGER} - {who}
    assert all(blind.hidden_from(drawn, BOOK, each) == frozenset() for each in others)
    shown = blind.unseeing(drawn, (BOOK, "1"), who, Live())
    assert (shown.case.decisions, shown.case.held_by(shown.at), shown.case.delivery) == ((), who, None)
    content = shown.seen.content
    assert content["application"] == [
        {"id": "1", "status": "open", "decided_at": None, "decided_by": None, "approved_amount": None}
    ]
    assert (content["loan"], content["instalment"]) == ([], [])
    assert [row["layer"] for row in content["application_check"]] == ["model"]
    assert shown.seen.evidence.open
    assert shown.seen.evidence.hash == hash_of(content)


@pytest.mark.parametrize("who", [OFFICER, MANAGER, "nobody@x"])
def test_nobody_else_gets_or_decides_it(drawn, who):
    for attempt in (
        lambda: blind.unseeing(drawn, (BOOK, "1"), who, Live()),
        lambda: blind.pass_on(drawn, (BOOK, "1"), who, "I know them", NEXT_DAY),
        lambda: blind.decide(
            drawn, (BOOK, "1"), who, Second(Outcome.APPROVED, 8_000_000, (PROVEN,), "", "h1"), Live(), RULE, NEXT_DAY
        ),
    ):
        with pytest.raises(Refused):
            attempt()


def test_a_second_look_is_recorded_once_and_changes_nothing_of_the_case(drawn):
    case, outbox = rows(drawn, review_case), rows(drawn, decision_outbox)
    who = asked(drawn)
    assert second(drawn, who) is True  # it differs
    assert (rows(drawn, review_case), rows(drawn, decision_outbox)) == (case, outbox)
    assert review_record.first_difference(drawn) is None
    assert blind.hidden_from(drawn, BOOK, who) == frozenset()
    with pytest.raises(Refused):
        second(drawn, who)
    assert kinds(drawn).count("blind.decided") == 1
    payload = json.loads(rows(drawn, state.audit_event)[-1].payload)
    assert (payload["outcome"], payload["settled"], payload["override"]) == ("declined", "approved", "high_side")
    (pair,) = blind.pairs(drawn, BOOK)
    assert (pair.first_by, pair.first, pair.settled, pair.second_by, pair.second, pair.differs) == (
        OFFICER, Outcome.APPROVED, Outcome.APPROVED, who, Outcome.DECLINED, True
    )  # fmt: skip


def test_it_must_say_what_any_decision_must_on_what_was_shown(drawn):
    who = asked(drawn)
    with pytest.raises(Refused, match="reasons"):
        second(drawn, who, reasons=())
    with pytest.raises(Refused, match="say why"):
        second(drawn, who, rationale="")
    with pytest.raises(Changed):
        second(drawn, who, evidence_hash="another")
    assert "blind.decided" not in kinds(drawn)


def test_somebody_else_is_asked_where_one_gives_it_back_leaves_or_takes_too_long(drawn):
    first = asked(drawn)
    blind.pass_on(drawn, (BOOK, "1"), first, "I know the applicant", NEXT_DAY)
    assert asked(drawn) is None
    look(drawn, NEXT_DAY)
    then = asked(drawn)
    assert then not in {None, first, OFFICER}
    look(drawn, NEXT_DAY + timedelta(days=4))
    assert asked(drawn) == then
    look(drawn, NEXT_DAY + timedelta(days=5))
    last = asked(drawn)
    assert {first, then, last} == {OTHER, JUNIOR, SENIOR}
    look(drawn, NEXT_DAY + timedelta(days=20))
    assert asked(drawn) == last  # nobody is left to relieve them
    with drawn.begin() as connection:
        connection.execute(state.staff.update().where(state.staff.c.email == last).values(active=False))
    with pytest.raises(Refused):
        second(drawn, last)


def test_nobody_in_conflict_is_asked(both):
    found = application(1, referred_by_id="80")
    review_opening.open_cases(staffed(both), BOOK, [found], RULE, NOW)
    with both.begin() as connection:
        for email, member in ((JUNIOR, "80"), (SENIOR, "70")):
            connection.execute(state.staff.update().where(state.staff.c.email == email).values(member_id=member))
    Desk(both).decide(OFFICER)
    look(both)
    assert asked(both) == OTHER


def test_a_case_that_was_reopened_is_nobodys_to_decide_again(drawn):
    who = asked(drawn)
    Desk(drawn).act(next(each for each in (OTHER, SENIOR) if each != who), Correct("a slip"), NEXT_DAY)
    assert blind.asked_of(drawn, BOOK, who) == ()
    with pytest.raises(Refused):
        second(drawn, who)


def test_those_responsible_take_note_once_of_what_differs(drawn):
    who = asked(drawn)
    second(drawn, who)
    assert [pair.external_number for pair in blind.differing(drawn, BOOK)] == ["A-1"]
    for by, raised in ((OFFICER, PermissionError), (OTHER, PermissionError)):
        with pytest.raises(raised):
            blind.take_note(drawn, (BOOK, "1"), by, "looked at it", NEXT_DAY)
    with pytest.raises(Refused, match="few words"):
        blind.take_note(drawn, (BOOK, "1"), MANAGER, " ", NEXT_DAY)
    blind.take_note(drawn, (BOOK, "1"), MANAGER, "The first was right", NEXT_DAY)
    assert blind.differing(drawn, BOOK) == ()
    with pytest.raises(Refused, match="taken note"):
        blind.take_note(drawn, (BOOK, "1"), MANAGER, "again then", NEXT_DAY)


def test_agreeing_needs_no_note(drawn):
    assert second(drawn, asked(drawn), Outcome.APPROVED) is False
    assert blind.differing(drawn, BOOK) == ()
    assert len(blind.pairs(drawn, BOOK)) == 1
    assert blind.pairs(drawn, BOOK, NEXT_DAY + timedelta(seconds=1)) == ()
