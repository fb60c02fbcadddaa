"""Lifetime value: one fixed set of cohorts as far as it goes, older cohorts beyond, worked by hand."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import lifetime_value
from rules.filters import DateRange
from rules.worth import COLUMNS, Part

NEWEST = date(2025, 6, 30)
ALWAYS = DateRange()


def cells(rows):
    """value, cohort, month, interest in fen; with a reward of a tenth."""
    columns = ["value", "cohort", "month", "interest_fen"]
    made = pd.DataFrame(rows, columns=columns)
    for name in COLUMNS:
        if name not in made:
            made[name] = made["interest_fen"] // 10 if name == "reward_fen" else 0
    return made


def cohorts(rows):
    return pd.DataFrame(rows, columns=["value", "cohort", "members"])


def curve(cells_, cohorts_, *, registered=ALWAYS, observed=2, months=12, rate=0.0, **options):
    return lifetime_value.curves(
        cells_, cohorts_, registered=registered, newest_month=NEWEST, observed_months=observed, months=months,
        discount_rate=rate, **options,
    )  # fmt: skip


def test_observed_cohorts_are_one_fixed_set_and_projected_months_those_of_older_ones():
    # April is two months old, March three, January five, June none. Asked about are March and April: followed to 2.
    made = cells([
        ("a", "2025-04", 0, 1000), ("a", "2025-04", 2, 500), ("a", "2025-03", 1, 2000), ("a", "2025-03", 3, 9000),
        ("a", "2025-01", 0, 99_000), ("a", "2025-01", 3, 700), ("a", "2025-01", 5, 400), ("a", "2025-06", 0, 5000),
    ])  # fmt: skip
    sizes = cohorts([("a", "2025-01", 4), ("a", "2025-03", 3), ("a", "2025-04", 1), ("a", "2025-06", 7)])
    asked = DateRange(date(2025, 3, 1), date(2025, 4, 30))
    found = curve(made, sizes, registered=asked, leave_out=frozenset({Part.REWARD}))
    assert list(found["month"]) == [0, 1, 2, 3, 4, 5]
    assert list(found["projected"]) == [False, False, False, True, True, True]
    assert list(found["members"]) == [4, 4, 4, 7, 4, 4]  # month 3: January and March; then January alone
    assert list(found["cohorts"]) == [2, 2, 2, 2, 1, 1]
    assert list(found["increment_fen"]) == [250, 500, 125, pytest.approx(9700 / 7), 0, 100]
    assert found["cumulative_fen"].iloc[-1] == pytest.approx(975 + 9700 / 7)


def test_cohorts_too_young_are_left_out_where_some_are_old_enough():
    sizes = cohorts([("a", "2025-01", 1), ("a", "2025-05", 100)])
    made = cells([("a", "2025-01", 0, 100), ("a", "2025-05", 0, 100_000)])
    found = curve(made, sizes, observed=3, leave_out=frozenset({Part.REWARD}))
    assert list(found.loc[~found["projected"], "members"]) == [1] * 6
    assert found["value_fen"].iloc[0] == 100
    young = curve(made, sizes, observed=12)
    assert list(young["projected"]) == [False, False, True, True, True, True]  # none is: all, as far as May has come
    assert young["members"].iloc[0] == 101


def test_later_months_are_worth_less_today_and_rewards_count():
    made = cells([("a", "2024-06", 0, 1000), ("a", "2024-06", 12, 1000)])
    found = curve(made, cohorts([("a", "2024-06", 1)]), rate=0.21)
    assert found["value_fen"].iloc[-1] == pytest.approx(900 + 900 / 1.21)
    assert found["cumulative_fen"].iloc[-1] == 1800
    assert lifetime_value.paid_back(found, 900) == 0
    assert lifetime_value.paid_back(found, 901) == 12
    assert lifetime_value.paid_back(found, 1801) is None
    assert list(lifetime_value.at_month(found, 12)["value_fen"]) == [found["value_fen"].iloc[-1]]


def test_nothing_to_follow():
    assert curve(cells([]), cohorts([])).empty
    assert curve(cells([]), cohorts([("a", "2025-07", 3)])).empty  # not a whole month yet
    assert curve(cells([]), cohorts([("a", "2025-01", 3)]), registered=DateRange(date(2026, 1, 1))).empty
    only = curve(cells([]), cohorts([("a", "2025-04", 3), ("b", "2025-05", 1)]))
    assert dict(only.groupby("value")["value_fen"].sum()) == {"a": 0, "b": 0}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True),
    st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(-5000, 5000), max_size=20),
)
def test_a_younger_cohort_never_changes_what_is_observed(ages, amounts):
    names = {age: f"2025-{6 - age:02d}" for age in range(6)}
    made = cells([("a", names[age], month, fen) for (age, month), fen in amounts.items() if month <= age])
    sizes = [("a", names[age], age + 1) for age in ages]
    oldest = max(ages)
    before = curve(made, cohorts([row for row in sizes if row[1] == names[oldest]]), observed=oldest)
    after = curve(made, cohorts(sizes), observed=oldest)
    seen = ["month", "members", "increment_fen", "value_fen"]
    pd.testing.assert_frame_equal(before.loc[~before["projected"], seen], after.loc[~after["projected"], seen])
