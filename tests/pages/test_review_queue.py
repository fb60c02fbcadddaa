"""The queue on its page: what is listed in which state, search, the next case, cases given to others, empty states."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from desk import audit, review, review_holders, review_opening, review_queue, review_source, staff
from desk.review import Asked
from desk.review_tables import review_case
from desk.staff import DEMO, Role
from loanbook.connection import SourceError
from loanbook.evidence import ReviewBook
from rules.review_actions import Ask, Assign, Claim, Park
from rules.review_case import Person
from tests import test_app
from tests.desk.reviewing import RULE, Lending, application, key
from tests.test_app import opened, publish, texts

OFFICER, SENIOR, MANAGER, AUDITOR = (
    Role.RISK_OFFICER, Role.SENIOR_RISK_OFFICER, Role.MANAGER, Role.AUDITOR
)  # fmt: skip
own, started = test_app.own, test_app.started  # an installation of the test's own, and no refresh that is really run
PAGE = "review_queue"


class Cases:
    """Cases of the installation's book, and what its staff do with them."""

    def __init__(self, installed):
        self.engine, self.source = audit.open_state(installed), review_source.of(installed)
        staff.add_demo(self.engine)

    def open(self, *found):
        review_opening.open_cases(self.engine, self.source, found, RULE, datetime.now(UTC))

    def act(self, role, number, action):
        asked = Asked(key(), (self.source, str(number)), DEMO[role].email, action)
        return review.perform(self.engine, asked, Lending(), RULE, datetime.now(UTC)).case

    def of(self, number):
        return review.read(self.engine, (self.source, str(number)))


@pytest.fixture
def queue(own):
    publish(own)
    cases = Cases(own)
    yield cases
    cases.engine.dispose()


@pytest.fixture
def four(queue):
    """1 came ten days ago and is late; 2 to 4 have just come, 3 of another product and referred by a rule."""
    now = datetime.now(UTC)
    queue.open(
        application(1, applied_at=now - timedelta(days=10), default_probability=0.02),
        application(2, applied_at=now, default_probability=0.09, amount_fen=30_000_000),
        application(3, applied_at=now, amount_fen=900_000, product="instalment", signals=("many_lenders",)),
        application(4, applied_at=now, default_probability=0.05),
    )
    return queue


def table(at, column="due"):
    return next((each.value for each in at.dataframe if column in each.value.columns), None)


def listed(at):
    rows = table(at)
    return [] if rows is None else list(rows["number"])


def has(at, name):
    return any(button.key == name for button in at.button)


def states(at):
    return at.get("button_group")[0].options if at.get("button_group") else []


def test_cases_are_listed_by_deadline_with_a_mark_and_words_for_those_that_are_late(four):
    at = opened(PAGE, OFFICER)
    rows = table(at)
    assert listed(at)[:2] == ["A-1", "A-2"]
    assert rows["due"][0].startswith("● ")
    assert rows["due"][0].replace("\u00a0", " ").endswith(" late")
    assert not any(due.startswith("●") for due in rows["due"][1:])
    assert list(rows["amount"])[:2] == [80_000, 300_000]
    assert list(rows["state"]) == ["open"] * 4
    assert "Many lenders" in list(rows["signals"])
    assert "● past the deadline" in texts(at)


@pytest.mark.parametrize(
    ("link", "numbers"),
    [
        ({"sort": "amount"}, ["A-2", "A-1", "A-4", "A-3"]),
        ({"sort": "risk"}, ["A-2", "A-4", "A-1", "A-3"]),
        ({"state": "overdue"}, ["A-1"]),
        ({"of_product": "instalment"}, ["A-3"]),
        ({"cause": "referred"}, ["A-3"]),
        ({"state": "nonsense", "sort": "nonsense"}, ["A-1", "A-2", "A-4", "A-3"]),
    ],
)
def test_the_link_says_which_cases_are_shown_and_in_which_order(four, link, numbers):
    at = opened(PAGE, OFFICER, **link)
    assert listed(at) == numbers


def test_each_state_is_counted_and_its_cases_say_how_they_stand(four):
    four.act(OFFICER, 1, Claim())
    token = four.act(OFFICER, 4, Claim()).tokens
    four.act(OFFICER, 4, Park(token, datetime.now(UTC) + timedelta(days=9), "call back"))
    token = four.act(SENIOR, 2, Claim()).tokens
    four.act(SENIOR, 2, Ask(token, "Payslips?"))
    at = opened(PAGE, OFFICER)
    assert {"Waiting 2", "Past deadline 1", "Claimed 1", "Parked 1", "Information asked 1"} <= set(states(at))
    assert list(table(at)["state"]) == ["yours", "open"]
    holders = table(at, "held")
    assert [list(holders[name]) for name in ("who", "held", "given", "away")] == [
        ["Risk officer", "Senior risk officer"], [1, 0], [0, 0], [1, 1],
    ]  # fmt: skip
    parked = table(opened(PAGE, OFFICER, state="parked"))
    assert parked["state"][0].startswith("until ")
    assert parked["state"][0].endswith(" · for you")
    asked = opened(PAGE, OFFICER, state="asked")
    assert table(asked)["due"][0].startswith("‖ ")
    assert "the clock stands while information is awaited" in texts(asked)
    mine = opened(PAGE, OFFICER, mine="1")
    assert listed(mine) == ["A-1"]
    assert "held by Risk officer" in list(table(opened(PAGE, AUDITOR))["state"])


def test_the_switch_to_ones_own_cases_is_kept_in_the_link(four):
    at = opened(PAGE, OFFICER)
    at.button(key="queue-mine").click().run()
    assert at.query_params["mine"] == "1"
    assert "Nothing is yours just now" in texts(at)
    at.button(key="queue-mine").click().run()
    assert len(listed(at)) == 4


def test_long_lists_come_a_page_at_a_time(queue):
    queue.open(*(application(number, applied_at=datetime.now(UTC)) for number in range(1, 61)))
    at = opened(PAGE, OFFICER)
    assert len(listed(at)) == 50
    assert "1–50 of 60" in texts(at)
    at.button(key="queue-page+1").click().run()
    assert (len(listed(at)), at.query_params["page"]) == (10, "2")
    assert "51–60 of 60" in texts(at)
    at.query_params["page"] = "99"  # of a link to a list that has become shorter
    assert len(listed(at.run())) == 10


def test_search_opens_a_case_by_its_number_and_says_where_there_is_none(four):
    at = opened(PAGE, OFFICER)
    at.text_input(key="queue-search").set_value(" a-9 ").run()
    assert at.query_params["case"] == "A-9"
    at.run()
    assert "No application with the number A-9 is under review" in texts(at)
    assert len(listed(at)) == 4


def test_the_next_case_is_claimed_and_opened(four):
    at = opened(PAGE, OFFICER)
    at.button(key="review-next").click().run()
    assert at.query_params["case"] == "A-1"
    assert four.of(1).held_by(datetime.now(UTC)) == DEMO[OFFICER].email


def test_where_nothing_waits_for_somebody_that_is_said(four):
    with four.engine.begin() as connection:
        connection.execute(update(review_case).values(assigned_to=DEMO[SENIOR].email))
    at = opened(PAGE, OFFICER)
    at.button(key="review-next").click().run()
    assert [each.value for each in at.toast] == ["Nothing waits that you may decide."]
    assert "case" not in at.query_params


@pytest.mark.parametrize("role", [OFFICER, SENIOR, MANAGER, AUDITOR])
def test_officers_take_cases_leads_give_them_auditors_read(four, role):
    four.act(SENIOR, 1, Claim())
    at = opened(PAGE, role)
    assert has(at, "review-next") == (role in {OFFICER, SENIOR})
    assert has(at, "hand-give") == (role in {SENIOR, MANAGER})
    assert len(listed(at)) == 4


def test_a_lead_gives_all_cases_of_a_colleague_who_fell_ill_to_another(four):
    for number in (1, 4):
        four.act(MANAGER, number, Assign(Person(DEMO[OFFICER].email, "", None), "please"))
    four.act(OFFICER, 1, Claim())
    at = opened(PAGE, MANAGER)
    assert at.button(key="hand-give").disabled  # nobody has said why
    at.selectbox(key="hand-to").select(DEMO[SENIOR].email).run()
    at.text_input(key="hand-note").set_value("Ill until Friday").run()
    at.button(key="hand-give").click().run()
    assert [each.value for each in at.success] == ["2 cases were given."]
    assert {four.of(number).assigned_to for number in (1, 4)} == {DEMO[SENIOR].email}
    assert four.of(1).held_by(datetime.now(UTC)) is None
    at.text_input(key="hand-note").set_value("Back to everybody").run()
    at.button(key="hand-give").click().run()
    assert [four.of(number).assigned_to for number in (1, 4)] == [None, None]


def test_what_can_not_be_given_is_named(four):
    four.act(MANAGER, 1, Assign(Person(DEMO[SENIOR].email, "", None), "please"))
    with four.engine.begin() as connection:
        connection.execute(update(review_case).values(escalated_by=DEMO[SENIOR].email))
    at = opened(PAGE, MANAGER)
    at.selectbox(key="hand-to").select(DEMO[OFFICER].email).run()
    at.text_input(key="hand-note").set_value("Ill").run()
    at.button(key="hand-give").click().run()
    assert len(at.error) == 1
    assert at.error[0].value.startswith("A-1: ")
    assert four.of(1).assigned_to == DEMO[SENIOR].email


def test_a_right_taken_away_is_noticed_when_cases_are_given(four):
    four.act(OFFICER, 1, Claim())
    at = opened(PAGE, MANAGER)
    at.text_input(key="hand-note").set_value("Ill").run()
    with four.engine.begin() as connection:
        change = test_app.state.staff.update().where(test_app.state.staff.c.email == DEMO[MANAGER].email)
        connection.execute(change.values(role=Role.AUDITOR.value))
    at.button(key="hand-give").click().run()
    assert four.of(1).held_by(datetime.now(UTC)) == DEMO[OFFICER].email


def test_an_empty_queue_says_what_that_means(queue):
    assert "Nothing waits for a decision" in texts(opened(PAGE, OFFICER))
    assert "No case stands so" in texts(opened(PAGE, OFFICER, state="closed"))
    assert "Nobody holds a case just now" in texts(opened(PAGE, OFFICER))


def test_a_queue_whose_cases_are_all_away_says_where(four):
    for number in range(1, 5):
        token = four.act(SENIOR, number, Claim()).tokens
        four.act(SENIOR, number, Ask(token, "Payslips?"))
    assert "Away for now: information asked 4." in texts(opened(PAGE, OFFICER))


def test_while_the_loan_database_is_away_the_queue_goes_on(four, monkeypatch):
    def away(*_):
        raise SourceError("The loan database can't be read: gone.")

    monkeypatch.setattr(ReviewBook, "seen", away)
    at = opened(PAGE, OFFICER, case="A-1")
    assert "this case can't be shown; the queue goes on without it" in texts(at)
    assert len(listed(at)) == 4


def test_while_the_state_database_is_away_that_is_said(four, monkeypatch):
    def away(*_):
        raise OperationalError("select", {}, Exception("gone"))

    at = opened(PAGE, OFFICER)
    with monkeypatch.context() as patched:
        patched.setattr(review_queue, "tally", away)
        patched.setattr(review_holders, "holders", away)
        assert "Loanboard's own database can't be reached just now" in texts(at.run())
        assert not at.exception
    with monkeypatch.context() as patched:
        patched.setattr(staff, "lookup", away)
        assert "This page opens by itself as soon as the database answers" in texts(at.run())
        assert not at.exception
    assert len(listed(at.run())) == 4


def test_the_queue_speaks_chinese(four):
    four.act(SENIOR, 1, Claim())
    at = opened(PAGE, SENIOR, lang="zh")
    assert not at.exception
    assert listed(at)[0] == "A-1"
