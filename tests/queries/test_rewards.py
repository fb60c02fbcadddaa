"""The ledger, what is owed, what was not paid in time, and the rows behind: by hand, and re-summing to the ledger."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries import abuse, rewards
from queries.rewards import Behind
from rules.filters import DateRange
from rules.reward_simulator import Rule
from tests.queries import drawn_rewards as drawn
from tests.queries.drawn_rewards import AS_OF, EVERYBODY, Member, Reward

FIRST = Rule("1", "one_off", "first_loan", 8_000, level=1)
SECOND = Rule("2", "levelled", "first_loan", 2_000, level=2)
TREE = [
    Member(registered_on=date(2025, 1, 5), channel="organic"),
    Member(1, registered_on=date(2025, 2, 5)),
    Member(2, registered_on=date(2025, 3, 5)),
]
JUNE = date(2026, 6, 28)
LEDGER = [
    Reward(FIRST, 1, 2, date(2026, 4, 1), 8_000, paid_on=date(2026, 4, 2)),
    Reward(FIRST, 2, 3, date(2026, 4, 1), 8_000, paid_on=date(2026, 4, 3)),
    Reward(SECOND, 1, 3, date(2026, 4, 1), 2_000, level=2, paid_on=date(2026, 4, 2), reversed_on=date(2026, 5, 1)),
    Reward(FIRST, 2, 3, date(2026, 5, 1), 8_000, reversed_on=date(2026, 5, 2)),
    Reward(FIRST, 2, 3, date(2026, 5, 1), 8_000, reversed_on=date(2026, 5, 3)),
    Reward(FIRST, 1, 2, JUNE, 8_000, form="points"),
    Reward(FIRST, 1, 2, AS_OF - timedelta(days=1), 8_000),
    Reward(FIRST, 1, 2, AS_OF, 8_000),
    Reward(FIRST, 1, None, AS_OF, 500),
]


@pytest.fixture(scope="module")
def book():
    return drawn.Book()


@pytest.fixture
def full(book):
    return book.draw(TREE, LEDGER)


def test_each_reward_of_the_ledger_is_paid_open_or_reversed(full):
    rows = full.ask(rewards.ledger(EVERYBODY))
    parts = ("rewards", "fen", "paid_fen", "reversed_fen", "open_fen", "taken_back_fen")
    assert {(row["rule_id"], row["level"], row["form"]): tuple(row[part] for part in parts) for row in rows} == {
        ("1", 1, "cash"): (7, 48_500, 16_000, 16_000, 16_500, 0),
        ("1", 1, "points"): (1, 8_000, 0, 0, 8_000, 0),
        ("2", 2, "cash"): (1, 2_000, 0, 2_000, 0, 2_000),
    }


def test_a_reward_belongs_to_the_cohort_of_its_referee(full):
    march = replace(EVERYBODY, registered=DateRange(date(2025, 3, 1), date(2025, 3, 31)))
    assert sum(row["rewards"] for row in full.ask(rewards.ledger(march))) == 4
    organic = replace(EVERYBODY, choices=(("channel", ("organic",)),))
    assert full.ask(rewards.ledger(organic)) == []  # the beneficiary's channel does not matter


def test_what_is_owed_by_age_and_what_is_overdue(full):
    rows = full.ask(rewards.liability(EVERYBODY, AS_OF, (0, 1, 2)))
    assert [tuple(row.values()) for row in rows] == [
        (0, "cash", 2, 8_500, 0, 0),
        (1, "cash", 1, 8_000, 1, 8_000),  # due today: the day is closed
        (2, "points", 1, 8_000, 1, 8_000),
    ]


def test_a_promise_is_kept_late_or_not_and_what_was_reversed_by_then_is_not_due(full):
    assert full.ask(rewards.promises(EVERYBODY, AS_OF)) == [
        {"month": "2026-04", "due": 3, "kept": 2, "late": 1, "unpaid": 0},
        {"month": "2026-05", "due": 1, "kept": 0, "late": 0, "unpaid": 1},  # one was reversed on the day it was due
        {"month": "2026-06", "due": 2, "kept": 0, "late": 0, "unpaid": 2},
    ]


def test_the_rows_behind_are_those_that_are_counted(full):
    def ids(which, **given):
        return [row["reward_id"] for row in full.ask(rewards.behind(EVERYBODY, which, AS_OF, **given))]

    assert ids(Behind.LEDGER) == [f"R{number}" for number in range(1, 10)]
    assert ids(Behind.OPEN) == ["R6", "R7", "R8", "R9"]
    assert ids(Behind.LATE) == ["R2", "R5", "R6", "R7"]
    assert ids(Behind.LATE, first=2) == ["R2", "R5"]
    row = full.ask(rewards.behind(EVERYBODY, Behind.LEDGER, AS_OF))[2]
    assert (row["beneficiary_id"], row["referee_id"], row["level"], row["fen"]) == ("M1", "M3", 2, 2_000)
    assert full.ask(rewards.behind(EVERYBODY, Behind.LEDGER, AS_OF))[8]["referee_id"] is None


def test_in_how_few_hands(full):
    (row,) = full.ask(abuse.concentration(EVERYBODY))
    # 1 has 80 + 80 + 80 + 80 + 5, 2 has 80; what was reversed is left out.
    assert (row["beneficiaries"], row["fen"], row["top_1_fen"], row["top_10_fen"]) == (2, 40_500, 32_500, 40_500)
    assert row["top_percent_fen"] == 32_500  # at least one


def test_an_empty_ledger(book):
    empty = book.draw(TREE, [])
    assert empty.ask(rewards.ledger(EVERYBODY)) == []
    assert empty.ask(rewards.promises(EVERYBODY, AS_OF)) == []
    assert empty.ask(abuse.concentration(EVERYBODY))[0]["beneficiaries"] == 0


days = st.integers(0, 60).map(lambda back: AS_OF - timedelta(days=back))
maybe = st.one_of(st.none(), days)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), days, maybe, maybe, st.sampled_from(["cash", "points"])), max_size=10))
def test_every_figure_re_sums_to_the_ledger(book, rows):
    ledger = sorted(
        (Reward(FIRST, 1, 2, on, fen, back, paid, form=form) for fen, on, paid, back, form in rows),
        key=lambda each: each.accrued_on,
    )
    book.draw(TREE, ledger)
    found = book.ask(rewards.ledger(EVERYBODY))
    assert sum(row["fen"] for row in found) == sum(each.fen for each in ledger)
    for row in found:
        assert row["fen"] == row["paid_fen"] + row["reversed_fen"] + row["open_fen"]
    owed = book.ask(rewards.liability(EVERYBODY, AS_OF, (0, 7, 30)))
    behind = book.ask(rewards.behind(EVERYBODY, Behind.OPEN, AS_OF))
    assert sum(row["fen"] for row in owed) == sum(row["open_fen"] for row in found) == sum(row["fen"] for row in behind)
    assert sum(row["rewards"] for row in owed) == len(behind)
    promised = book.ask(rewards.promises(EVERYBODY, AS_OF))
    for row in promised:
        assert row["due"] == row["kept"] + row["late"] + row["unpaid"]
    late = book.ask(rewards.behind(EVERYBODY, Behind.LATE, AS_OF))
    assert sum(row["late"] + row["unpaid"] for row in promised) == len(late)
