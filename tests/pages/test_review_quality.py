"""The part on quality on its page: what each role sees of whom, both records, choices of the link, empty states."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from sqlalchemy import insert

from desk import blind_draw, policy_versions, state
from desk.review import Asked, perform
from desk.staff import DEMO, Role
from pages.parts import quality_of_review
from rules import policy
from rules.review_actions import Claim
from rules.review_case import Outcome
from tests import test_app
from tests.desk.reviewing import RULE, Desk, Lending, application, key
from tests.pages.test_review_queue import AUDITOR, MANAGER, OFFICER, PAGE, SENIOR, Cases
from tests.test_app import opened, publish, texts

own, started = test_app.own, test_app.started
CHEN, LIU = "chen@x", "liu@x"


@pytest.fixture
def cases(own):
    publish(own)
    made = Cases(own)
    staffed = [
        {"email": email, "name": name, "role": "risk_officer", "authority_fen": 10**9, "active": True}
        for email, name in ((CHEN, "Chen Jing"), (LIU, "Liu Yang"))
    ]
    with made.engine.begin() as connection:
        connection.execute(insert(state.staff), staffed)
    yield made
    made.engine.dispose()


@pytest.fixture
def decided(cases):
    """Three cases that came today: Chen declined one and approved one, the risk officer approved one; one waits."""
    now = datetime.now(UTC)
    cases.open(*(application(number, applied_at=now) for number in range(1, 5)))
    by(cases, 1, CHEN, Outcome.DECLINED)
    by(cases, 2, CHEN)
    by(cases, 3, DEMO[OFFICER].email)
    return cases


def by(cases, number, email, outcome=Outcome.APPROVED, now=None):
    desk, now = Desk(cases.engine, number), now or datetime.now(UTC)
    desk.case = (cases.source, str(number))
    claimed = perform(cases.engine, Asked(key(), desk.case, email, Claim()), Lending(), RULE, now).case
    decision = desk.decision(claimed, **({} if outcome.grants else {"outcome": outcome}))
    return perform(cases.engine, Asked(key(), desk.case, email, decision), Lending(), RULE, now).case


def look(role, *, tables=(), **parameters):
    at = opened(PAGE, role, part="quality", **parameters)
    for table in tables:
        at.button(key=f"quality-{table}-switch").click().run()
        assert not at.exception
    return at


def all_shown(at):
    return texts(at) + "".join(frame.value.to_csv() for frame in at.dataframe)


@pytest.mark.parametrize("role", [SENIOR, AUDITOR])
def test_those_responsible_see_officers_by_name(decided, role):
    at = look(role, tables=["load", "overrides"], record="loanboard")
    shown = all_shown(at)
    assert "**3** decided in 13 weeks" in shown
    assert "Chen Jing" in shown
    assert "**1** of 3 applications that no check failed were declined" in shown
    assert "No officer differs from the others by more than noise." in shown


def test_an_officer_sees_the_whole_and_their_own_and_nobody_else(decided):
    at = look(OFFICER, tables=["load", "overrides"], record="loanboard")
    shown = all_shown(at)
    assert "**3** decided in 13 weeks" in shown
    assert "Everybody else" in shown
    assert "My own" in shown
    assert "Chen Jing" not in shown
    assert CHEN not in shown
    options = next(each.options for each in at.selectbox if each.key == "linked-officer")
    assert options == ["All officers", "My own"]
    own_alone = look(OFFICER, record="loanboard", officer=DEMO[OFFICER].email)
    assert "**1** decided in 13 weeks" in texts(own_alone)
    asked_for_another = look(OFFICER, record="loanboard", officer=CHEN)  # by hand, in the link
    assert "**3** decided in 13 weeks" in texts(asked_for_another)


def test_second_looks_that_differ_are_for_those_responsible(decided):
    assert "Which second looks decided otherwise?" not in texts(look(OFFICER, record="loanboard"))
    assert "Which second looks decided otherwise?" in texts(look(SENIOR, record="loanboard"))


def test_without_decisions_each_card_says_so(cases):
    said = texts(look(MANAGER))
    for sentence in (
        "Nothing was decided in this time.", "No case that was opened in this time is decided yet.",
        "No application that no check failed was decided in this time.",
        "No loan that a person granted has been observed for long enough.",
    ):  # fmt: skip
        assert sentence in said or "This needs the table" in said
    assert "No case was decided by two people in this time." in texts(look(MANAGER, record="loanboard"))


def test_hostile_choices_are_read_as_the_opening_ones(decided):
    hostile = dict.fromkeys(("record", "days", "officer", "side"), "'; drop table review_decision; --")
    assert texts(look(MANAGER, **hostile)) == texts(look(MANAGER))


@pytest.mark.parametrize("days", ["14", "364"])
def test_it_is_drawn_over_every_period_in_chinese(decided, days):
    at = look(MANAGER, record="loanboard", days=days, lang="zh")
    assert not at.exception


def test_whoever_decides_again_unseeing_is_asked_in_the_queue_and_has_the_decision_in_no_file(decided):
    first = policy.load()[0]
    every = (first.model_copy(update={"review": first.review.model_copy(update={"blind_sample_ratio": 1.0})}),)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert blind_draw.look(decided.engine, decided.source, b"s" * 32, every, Lending(), tomorrow) == 3
    with state.reading(decided.engine) as connection:
        looks = connection.execute(blind_draw.standing(decided.source)).all()
    mine = [row.application_id for row in looks if row.asked_of == DEMO[SENIOR].email]
    assert mine
    assert "**Second look**" in texts(opened(PAGE, SENIOR))
    assert "**Second look**" not in texts(opened(PAGE, MANAGER))
    shown = all_shown(look(SENIOR, record="loanboard"))
    assert f"**{3 - len(mine)}** decided in 13 weeks" in shown


def test_versions_of_the_policy_are_told_in_words(cases):
    first = policy.load()[0]
    later = first.model_copy(
        update={
            "effective_from": datetime(2099, 1, 1, tzinfo=UTC).date(), "changed_by": "Li", "approved_by": "Wang",
            "review": first.review.model_copy(update={"amount_cny": 80_000}),
        }
    )  # fmt: skip
    policy_versions.record(cases.engine, (first, later), datetime.now(UTC))
    shown = all_shown(look(AUDITOR))
    assert "The version of **1 Jan 2000** holds." in shown
    assert "review.amount_cny,50000,80000,Li,Wang" in shown


def test_files_name_officers_only_to_whom_may_know(decided, monkeypatch):
    caught = {}
    monkeypatch.setattr(
        quality_of_review.quality_board, "draw", lambda shown, quality, *_rest: caught.update(quality=quality)
    )

    def rows(role):
        look(role, record="loanboard")
        batch = pa.Table.from_batches(caught["quality"].stream()).to_pandas()
        return set(batch["officer"]), len(batch)

    assert rows(Role.MANAGER) == ({"Chen Jing", "Risk officer"}, 3)
    assert rows(OFFICER) == ({"", "My own"}, 3)
