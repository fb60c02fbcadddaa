"""Stays on a tier that are counted as far as they were seen, against statsmodels and by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from rules import survival, tier_time


def stays(*drawn):
    return pd.DataFrame(drawn, columns=["tier", "days", "ended", "stays"])


JUDGE = {"thin_stays": 2, "confidence": 0.95}


def test_by_hand():
    # Ten stays: four end on day 10, two are last seen on day 15, two end on day 20, two go on at day 40.
    drawn = stays(("gold", 10, True, 4), ("gold", 15, False, 2), ("gold", 20, True, 2), ("gold", 40, False, 2))
    (row,) = tier_time.summary(drawn, **JUDGE).itertuples()
    assert (row.stays, row.ended, row.thin) == (10, 6, False)
    # 0.6 after day 10, 0.6 x (1 - 2/4) = 0.3 after day 20.
    assert row.median_days == 20
    # Of the first 40 days: 10 whole, 10 at 0.6, 20 at 0.3.
    assert (row.horizon_days, row.mean_days) == (40, pytest.approx(10 + 6 + 6))
    found = tier_time.curves(drawn, **JUDGE)
    assert found[["days", "at_risk", "staying"]].to_numpy().tolist() == [[0, 10, 1.0], [30, 2, pytest.approx(0.3)]]


def test_a_median_that_is_not_reached_is_not_known_and_the_mean_has_one_horizon():
    drawn = stays(("silver", 100, False, 9), ("gold", 50, False, 5), ("gold", 5, True, 1), ("platinum", 7, True, 1))
    found = tier_time.summary(drawn, **JUDGE).set_index("tier")
    assert np.isnan(found.loc["silver", "median_days"])
    assert found["horizon_days"].tolist() == [50, 50, 50]  # platinum has too few stays to shorten it
    assert found.loc["silver", "mean_days"] == 50
    assert found.loc["gold", "mean_days"] == pytest.approx(5 + 45 * 5 / 6)
    assert found["thin"].tolist() == [False, False, True]


def test_stays_that_have_just_begun():
    found = tier_time.summary(stays(("gold", 0, False, 3)), **JUDGE)
    assert found.loc[0, ["stays", "ended", "mean_days"]].tolist() == [3, 0, 0.0]
    assert tier_time.curves(stays(("gold", 0, False, 3)), **JUDGE)["staying"].tolist() == [1.0]


def test_no_stays():
    assert tier_time.curves(stays(), **JUDGE).empty
    assert tier_time.summary(stays(), **JUDGE).empty


TIMES = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=3, max_size=60)


@settings(max_examples=60, deadline=None)
@given(TIMES)
def test_the_curve_its_median_and_their_intervals_are_statsmodels(drawn):
    days, ended = np.array([day for day, _ in drawn]), np.array([end for _, end in drawn])
    length = int(days.max()) + 1
    left, going = (np.bincount(days[which], minlength=length) for which in (ended, ~ended))
    followed = survival.at_risk(left, going)
    if not ended.any():
        assert survival.restricted_mean(followed, left, length) == (length, 0.0)
        return
    theirs = SurvfuncRight(days + 1, ended.astype(int))  # theirs counts from 1
    ours = survival.kaplan_meier(followed, left)
    assert ours[theirs.surv_times.astype(int) - 1] == pytest.approx(theirs.surv_prob)
    median = survival.median_time(np.arange(length), ours)
    assert np.isnan(median) == (ours.min() > 0.5)
    low, high = survival.band(followed, left, 0.95)
    inner = (ours > 0) & (ours < 1)
    assert (low[inner] <= ours[inner]).all()
    assert (high[inner] >= ours[inner]).all()
    errors = np.asarray(theirs.surv_prob_se)
    places = theirs.surv_times.astype(int) - 1
    inside = (theirs.surv_prob > 0) & (theirs.surv_prob < 1)
    spread = 1.959963984540054 * errors[inside] / (theirs.surv_prob[inside] * np.abs(np.log(theirs.surv_prob[inside])))
    assert low[places][inside] == pytest.approx(theirs.surv_prob[inside] ** np.exp(spread))
    first, last = survival.median_interval(np.arange(length), followed, left, 0.95)
    if not np.isnan(median):
        assert first <= median
        assert np.isnan(last) or median <= last


@settings(max_examples=40, deadline=None)
@given(TIMES.map(lambda drawn: [day for day, _ in drawn]), st.integers(1, 40))
def test_without_censoring_the_restricted_mean_is_that_of_the_days_cut_off(days, horizon):
    left = np.bincount(days, minlength=41)
    mean, error = survival.restricted_mean(survival.at_risk(left, np.zeros_like(left)), left, horizon)
    cut = np.minimum(days, horizon)
    assert mean == pytest.approx(cut.mean())
    assert error == pytest.approx(cut.std() / np.sqrt(len(days)), abs=1e-9)
