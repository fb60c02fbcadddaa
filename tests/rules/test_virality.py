"""How a network spreads: by hand, against the published cases, and against plain Python."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import virality
from rules.default_rates import Verdict
from tests import vectors


def cohorts(*rows: tuple[str, list[int], int, int]) -> pd.DataFrame:
    """month, referees of each member, invitations, days for which the youngest has been followed."""
    return pd.DataFrame(
        [
            {
                "month": month,
                "members": len(brought),
                "referrers": sum(n > 0 for n in brought),
                "referees": sum(brought),
                "referees_squared": sum(n * n for n in brought),
                "invitations": invitations,
                "youngest_days": youngest,
            }
            for month, brought, invitations, youngest in rows
        ]
    )


def coefficients(parts: pd.DataFrame, window_days: int = 90) -> pd.DataFrame:
    return virality.coefficients(parts, window_days=window_days, confidence=0.95, thin_members=3)


def test_skoks_customers_are_the_published_ones():
    case = vectors.case("viral_growth_skok")
    grown = virality.customers(case["c0"], case["K"], np.arange(4))
    assert grown.tolist() == case["customers_after_cycles_0_3"]


def test_at_k_of_one_each_cycle_adds_as_many_and_below_it_growth_ends():
    assert virality.customers(10, 1.0, [0, 1, 5]).tolist() == [10, 20, 60]
    assert virality.customers(100, 0.5, 60) == pytest.approx(200)
    assert virality.customers(100, 0.0, [1, 3]).tolist() == [100, 100]
    assert math.isnan(virality.customers(100, float("nan"), 3))


@given(st.integers(1, 50), st.floats(0, 3), st.integers(0, 12))
def test_customers_are_what_adding_up_the_cycles_gives(first, k, cycles):
    assert virality.customers(first, k, cycles) == pytest.approx(first * sum(k**t for t in range(cycles + 1)), rel=1e-6)


def test_k_is_referees_per_member_and_the_product_of_its_two_parts():
    found = coefficients(cohorts(("2026-01", [0, 0, 1, 3], 8, 90), ("2026-02", [0, 1], 0, 89)))
    assert found["k"].tolist() == [1.0, 0.5]
    assert found["invited"].tolist() == [2.0, 0.0]
    assert found["converted"].iloc[0] == 0.5
    assert math.isnan(found["converted"].iloc[1])
    assert found["maturing"].tolist() == [False, True]  # the youngest was followed for a day less
    assert found["thin"].tolist() == [False, True]
    # variance of 0, 0, 1, 3 is 2; of their mean 0.5
    assert found["high"].iloc[0] == pytest.approx(1 + 1.959964 * math.sqrt(0.5), abs=1e-6)
    assert found["low"].iloc[0] == 0.0


def test_an_empty_cohort_has_no_k():
    found = coefficients(cohorts(("2026-01", [], 0, 90)))
    assert found[["k", "low", "high"]].isna().to_numpy().all()


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40))
def test_the_standard_error_is_that_of_the_members_themselves(brought):
    error = virality.standard_error(len(brought), sum(brought), sum(n * n for n in brought))
    assert error == pytest.approx(np.std(brought, ddof=1) / math.sqrt(len(brought)), abs=1e-9)


SOME, MORE = [0, 0, 1] * 100, [0, 1, 2] * 100


def test_a_change_is_one_only_where_it_is_more_than_noise():
    before = [(f"2025-{month:02}", SOME, 0, 400) for month in range(1, 13)]
    change = virality.change(coefficients(cohorts(*before, ("2026-01", MORE, 0, 90))), significance=0.05)
    assert (change.cohort, change.k, change.cohorts, change.verdict) == ("2026-01", 1.0, 12, Verdict.HIGHER)
    assert change.before_k == pytest.approx(1 / 3)
    down = virality.change(
        coefficients(cohorts(("2025-01", MORE, 0, 400), ("2026-01", SOME, 0, 90))), significance=0.05
    )
    assert down.verdict is Verdict.LOWER
    same = virality.change(coefficients(cohorts(*before, ("2026-01", SOME, 0, 90))), significance=0.05)
    assert same.verdict is Verdict.NOISE


def test_months_that_differ_among_themselves_make_a_change_harder_to_claim():
    wild = [(f"2025-{month:02}", MORE if month % 2 else SOME, 0, 400) for month in range(1, 13)]
    change = virality.change(coefficients(cohorts(*wild, ("2026-01", MORE, 0, 90))), significance=0.05)
    assert change.verdict is Verdict.NOISE


def test_the_newest_cohort_that_is_told_of_is_the_newest_mature_one():
    parts = cohorts(("2026-01", SOME, 0, 120), ("2026-02", SOME, 0, 90), ("2026-03", MORE, 0, 30))
    assert virality.change(coefficients(parts), significance=0.05).cohort == "2026-02"
    assert virality.change(coefficients(parts.tail(1)), significance=0.05) is None
    alone = virality.change(coefficients(parts.head(1)), significance=0.05)
    assert alone.verdict is Verdict.NOT_COMPARED


def cycle(followed: dict[int, int], came: dict[int, int], window: int = 10) -> virality.Cycle:
    members = pd.DataFrame({"observed_days": list(followed), "members": list(followed.values())})
    referrals = pd.DataFrame({"day": list(came), "referees": list(came.values())})
    return virality.cycle(members, referrals, window_days=window, confidence=0.95)


def test_the_cycle_allows_for_members_who_have_not_been_followed_for_long():
    # 4 members: 2 followed for 10 days and more, 1 for 5, 1 for 2. At day 1: 1 of 4; day 4: 1 of 3; day 8: 1 of 2.
    found = cycle({2: 1, 5: 1, 10: 1, 30: 1}, {1: 1, 4: 1, 8: 1, 25: 1})
    assert found.curve["followed"].tolist() == [4, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2]
    assert found.coefficient == pytest.approx(1 / 4 + 1 / 3 + 1 / 2)
    assert found.days == 4  # 0.583 of 1.083 is past the half of it, 0.25 is not
    assert found.low <= found.days <= found.high
    assert found.coefficient_low < found.coefficient < found.coefficient_high
    # Counting whom young members have not brought yet as nobody would have said 3 / 4 and day 4 of it.
    assert found.coefficient > 3 / 4


def test_referees_who_registered_before_their_referrer_count_on_the_first_day():
    assert cycle({10: 2}, {-3: 1, 9: 1}).curve["brought"].tolist() == [0.5] * 9 + [1.0] * 2


def test_without_referees_there_is_no_cycle():
    found = cycle({10: 2}, {})
    assert (found.coefficient, found.coefficient_low, found.coefficient_high) == (0, 0, 0)
    assert math.isnan(found.days)
    assert math.isnan(cycle({}, {}).days)


def test_the_interval_of_the_cycle_covers_the_day_that_members_were_drawn_with():
    # Whom members bring comes evenly over the ten days 0-9: half of them by day 4 or 5.
    rng, covered = np.random.default_rng(7), 0
    for _ in range(200):
        days = rng.integers(0, 10, rng.poisson(60))
        came = dict(zip(*np.unique(days, return_counts=True), strict=True))
        found = cycle({10: 100}, {int(day): int(n) for day, n in came.items()})
        covered += found.low <= 4 <= found.high or found.low <= 5 <= found.high
    assert covered >= 185


@given(
    st.lists(st.tuples(st.integers(0, 25), st.lists(st.integers(0, 25), max_size=3)), min_size=1, max_size=15),
    st.integers(1, 20),
)
def test_the_curve_is_what_walking_through_the_days_gives(drawn, window):
    seen = [(observed, [day for day in days if day <= observed]) for observed, days in drawn]
    members = pd.Series([observed for observed, _ in seen]).value_counts()
    came = pd.Series([day for _, days in seen for day in days], dtype="int64").value_counts()
    found = virality.cycle(
        pd.DataFrame({"observed_days": members.index, "members": members.to_numpy()}),
        pd.DataFrame({"day": came.index, "referees": came.to_numpy()}),
        window_days=window,
        confidence=0.95,
    )
    total = 0.0
    for day in range(window + 1):
        followed = sum(observed >= day for observed, _ in seen)
        total += sum(days.count(day) for _, days in seen) / followed if followed else 0.0
        assert found.curve["brought"].iloc[day] == pytest.approx(total)
    if total:
        reached = [day for day in range(window + 1) if found.curve["brought"].iloc[day] >= total / 2 - 1e-12]
        assert found.days == pytest.approx(reached[0], abs=1)


def test_what_members_bring_now_is_told_by_the_last_days_alone():
    # In the last 4 days members of age 2 were: those observed for 2 to 5 days. Two of them brought one on that day.
    members = pd.DataFrame({"observed_days": [1, 2, 5, 6, 50], "members": [7, 3, 1, 9, 9]})
    referrals = pd.DataFrame({"day": [2, 40], "referees": [30, 5], "recent": [2, 5]})
    found = virality.cycle(members, referrals, window_days=10, confidence=0.95, recent_days=4)
    assert found.curve["followed"].tolist()[:4] == [3 + 7, 3 + 7 + 0, 3 + 1, 1 + 9]
    assert found.coefficient == pytest.approx(2 / 4)
