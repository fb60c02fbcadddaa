from collections import Counter
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import calendar, roll_rates
from rules.ageing import BUCKETS, STATES
from rules.default_rates import Verdict
from rules.intervals import wilson
from tests.rules.drawn_months import parts

FEB, MARCH = date(2026, 2, 28), date(2026, 3, 31)

DRAWN = parts(
    ("2026-02-28", "", "M0", 50, 0, 500),  # new: no transition
    ("2026-02-28", "M0", "M0", 90, 900, 880),
    ("2026-02-28", "M0", "M1", 10, 100, 100),
    ("2026-03-31", "", "M1", 3, 0, 30),  # back after a gap: no transition
    ("2026-03-31", "M0", "M0", 130, 1200, 1150),
    ("2026-03-31", "M0", "M1", 8, 90, 90),
    ("2026-03-31", "M0", "paid_off", 2, 90, 0),
    ("2026-03-31", "M1", "M0", 5, 40, 39, 1),
    ("2026-03-31", "M1", "M2", 4, 50, 50),
    ("2026-03-31", "M1", "written_off", 1, 10, 0),
)


def matrix(drawn, months, thin_loans=11):
    found = roll_rates.matrix(drawn, months, significance=0.05, thin_loans=thin_loans)
    return found.set_index(["from_bucket", "to_bucket"])


def test_a_month_by_hand():
    found = matrix(DRAWN, [MARCH])
    assert len(found) == len(BUCKETS) * len(STATES)
    assert found.loc[("M0", "M1"), ["loans", "of_loans", "balance_fen"]].tolist() == [8, 140, 90]
    assert found.loc[("M0", "M1"), "rate"] == 8 / 140
    assert found.loc[("M0", "M1"), ["low", "high"]].tolist() == [float(end) for end in wilson(8, 140)]
    assert found.loc[("M0", "M1"), "balance_share"] == 90 / (1200 + 90 + 90)
    assert found.loc[("M1", "written_off"), ["loans", "of_loans", "rate", "thin"]].tolist() == [1, 10, 0.1, True]
    assert found.loc[("M1", "M0"), "rescheduled"] == 1
    assert found.loc[("M0", "M2"), ["loans", "of_loans", "rate"]].tolist() == [0, 140, 0]
    assert not found.loc["M0", "thin"].any()
    assert np.isnan(found.loc["M2", "rate"]).all()


def test_months_together_are_summed_not_averaged():
    found = matrix(DRAWN, [FEB, MARCH])
    assert found.loc[("M0", "M1"), "rate"] == (10 + 8) / (100 + 140)
    assert matrix(DRAWN, []).loc["M0", "of_loans"].tolist() == [0] * len(STATES)


def test_a_cell_over_time_and_the_months_that_can_be_chosen():
    found = roll_rates.over_time(DRAWN, "M1", "M2", significance=0.05, thin_loans=11)
    assert found["loans"].tolist() == [0, 4]
    assert found["of_loans"].tolist() == [0, 10]
    assert found["rate"].isna().tolist() == [True, False]
    assert found["thin"].tolist() == [True, True]
    assert roll_rates.month_ends(DRAWN) == [FEB, MARCH]
    assert roll_rates.month_ends(parts(("2026-02-28", "", "M0", 5), ("2026-03-31", "M0", "M0", 5))) == [MARCH]


def year_of(k, n, newest_k, newest_n):
    """Twelve months of k of n from M1 to M2, with one of another rate long before, and a newest month."""
    months = [calendar.last_of_month(calendar.add_months(MARCH, -back)) for back in range(13, 0, -1)]
    rows = [
        (months[0], "M1", "M2", n),
        *[(m, "M1", "M2", k) for m in months[1:]],
        *[(m, "M1", "M0", n - k) for m in months[1:]],
    ]
    return parts(*rows, (MARCH, "M1", "M2", newest_k), (MARCH, "M1", "M0", newest_n - newest_k))


def test_the_newest_month_is_held_against_the_twelve_before():
    found = roll_rates.change(year_of(20, 100, 45, 100), "M1", "M2", significance=0.05)
    assert (found.rate, found.before_rate, found.months) == (0.45, 0.2, 12)  # the month of 100 % lies thirteen back
    assert found.difference == pytest.approx(0.25)
    assert found.low > 0
    assert found.verdict is Verdict.HIGHER
    assert roll_rates.change(year_of(20, 100, 25, 100), "M1", "M2", significance=0.05).verdict is Verdict.NOISE
    assert roll_rates.change(year_of(20, 100, 2, 100), "M1", "M2", significance=0.05).verdict is Verdict.LOWER


def test_an_earlier_month_can_be_asked_for():
    found = roll_rates.change(DRAWN, "M0", "M1", significance=0.05, month_end=FEB)
    assert (found.rate, found.months, found.verdict) == (0.1, 0, Verdict.NOT_COMPARED)
    missing = roll_rates.change(DRAWN, "M0", "M1", significance=0.05, month_end=date(2026, 1, 31))
    assert np.isnan(missing.rate)


def test_no_rolls_no_change():
    assert roll_rates.change(parts(), "M0", "M1", significance=0.05) is None
    assert matrix(parts(), [MARCH])["loans"].sum() == 0
    assert roll_rates.over_time(parts(), "M0", "M1", significance=0.05, thin_loans=1).empty


STATE_OR_GONE = st.sampled_from([*STATES, None])
LIVES = st.lists(st.lists(STATE_OR_GONE, min_size=4, max_size=4), max_size=12)
MONTHS = [calendar.last_of_month(date(2026, month, 1)) for month in range(1, 5)]


def as_parts(lives):
    """Loans by their state at four month ends, None where there is none; an exit ends the life."""
    counted = Counter()
    for life in lives:
        before = None
        for month_end, state in zip(MONTHS, life, strict=True):
            if state is not None:
                counted[str(month_end), before or "", state] += 1
            before = state
            if state not in {*BUCKETS, None}:
                break
    return parts(*((*key, loans) for key, loans in sorted(counted.items())))


@settings(max_examples=40, deadline=None)
@given(LIVES, st.sets(st.sampled_from(MONTHS)))
def test_rows_sum_to_one_and_a_gap_is_no_transition(lives, months):
    found = matrix(as_parts(lives), sorted(months))
    expected = Counter()
    for life in lives:
        for number in range(1, 4):
            before, now = life[number - 1 : number + 1]
            gone = any(state in STATES[len(BUCKETS) :] for state in life[:number])
            if before in BUCKETS and now is not None and not gone and MONTHS[number] in months:
                expected[before, now] += 1
    assert {key: loans for key, loans in found["loans"].items() if loans} == dict(expected)
    sums = found.groupby("from_bucket")[["loans", "rate"]].sum()
    of_loans = found.groupby("from_bucket")["of_loans"].first()
    assert (sums["loans"] == of_loans).all()
    assert sums.loc[of_loans > 0, "rate"].to_numpy() == pytest.approx(1.0, abs=1e-12)
