"""Contribution per member and month: worked by hand, and against the members themselves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import worth
from rules.worth import COLUMNS, Part, Verdict

JUDGE = {"significance": 0.05, "thin_members": 2}


def of_members(months, contributions_fen, value="gold"):
    """A row of `queries.worth.by_tier` of members with these months and contributions, all of it interest."""
    n, c = np.array(months, float), np.array(contributions_fen, float) / 100
    row = {"value": value, "members": len(n), "months": int(n.sum()), **dict.fromkeys(COLUMNS, 0)}
    row["interest_fen"] = int(sum(contributions_fen))
    return row | {"cny_squared": (c * c).sum(), "cny_months": (c * n).sum(), "months_squared": (n * n).sum()}


def test_income_less_costs_by_months():
    amounts = dict(zip(COLUMNS, [900, 80, 200, 300, 150, 20, 5, 5], strict=True))
    parts = pd.DataFrame([of_members([2, 2], [0, 0]) | amounts])
    found = worth.per_member_month(parts, **JUDGE).iloc[0]
    assert found["contribution_fen"] == 700
    assert found["contribution_each"] == 175
    assert found["funding_fen_each"] == 75
    without = worth.contribution(parts, leave_out=frozenset({Part.REWARD}))
    assert list(without) == [705]


def test_the_interval_is_clustered_by_member():
    # Two members of ten months each, 10.00 and 30.00 CNY: 2.00 a month; residuals -10 and +10, variance 200 / 20^2,
    # widened by 2 / 1: the error is 1.00 CNY.
    found = worth.per_member_month(pd.DataFrame([of_members([10, 10], [1000, 3000])]), **JUDGE).iloc[0]
    assert found["contribution_each"] == 200
    assert found["error_each"] == pytest.approx(100)
    assert found["low"] == pytest.approx(200 - 195.996, abs=0.01)
    assert found["verdict"] == Verdict.EARNS


def test_verdicts():
    rows = [
        of_members([1, 1, 1], [100, 110, 90]), of_members([1, 1, 1], [-100, -110, -90]),
        of_members([1, 1, 1], [-1000, 1000, 10]), of_members([1], [100]), of_members([], []),
    ]  # fmt: skip
    found = worth.per_member_month(pd.DataFrame(rows), **JUDGE)
    assert list(found["verdict"]) == [Verdict.EARNS, Verdict.LOSES, Verdict.UNSURE, Verdict.THIN, Verdict.THIN]
    assert np.isnan(found["contribution_each"].iloc[4])
    assert worth.differs(found.iloc[0], found.iloc[1], 0.05)
    assert not worth.differs(found.iloc[0], found.iloc[2], 0.05)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(-100_000, 100_000)), min_size=2, max_size=30))
def test_the_error_is_that_of_a_ratio_of_sums_over_members(members):
    months, contributions = zip(*members, strict=True)
    found = worth.per_member_month(pd.DataFrame([of_members(months, contributions)]), **JUDGE).iloc[0]
    n, c = np.array(months, float), np.array(contributions, float)
    ratio = c.sum() / n.sum()
    expected = np.sqrt(((c - ratio * n) ** 2).sum() * len(n) / (len(n) - 1)) / n.sum()
    assert found["contribution_each"] == pytest.approx(ratio)
    assert found["error_each"] == pytest.approx(expected, rel=1e-6, abs=1e-3 * (1 + abs(c).max()))


def test_the_interval_holds_what_it_should():
    # Members with 12 months each, whose contribution depends on the member: 95 % of intervals hold the mean.
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        c = np.rint(rng.normal(50_000, 40_000, 60))
        row = worth.per_member_month(pd.DataFrame([of_members([12] * 60, list(c))]), **JUDGE).iloc[0]
        held += row["low"] <= 50_000 / 12 <= row["high"]
    assert 0.91 <= held / 200 <= 0.985
