"""Empirical Bayes: by hand, in the limits, and on groups whose true means are known."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.shrinkage import Prior, prior, shrunk


def moments(groups: list[list[int]]) -> pd.DataFrame:
    """What `queries.quality.moments` returns of groups of values."""
    rows = pd.DataFrame(
        {
            "referees": [len(group) for group in groups],
            "referrers": 1,
            "value_cny": [sum(group) for group in groups],
            "value_cny_squared": [sum(group) ** 2 for group in groups],
            "own_squared": [sum(value**2 for value in group) for group in groups],
        }
    )
    return rows.groupby("referees", as_index=False).sum()


def test_variances_are_those_of_the_analysis_of_variance():
    # within: (0-5)^2 + (10-5)^2 + (20-25)^2 + (30-25)^2 = 100 over 4 - 2; between: means 5 and 25, MSB = 400,
    # (400 - 50) / 2
    assert prior(moments([[0, 10], [20, 30]])) == Prior(mean=15.0, within=50.0, between=175.0)


def test_a_mean_of_few_is_drawn_further_than_one_of_many():
    found = shrunk([1, 10, 100], [100, 1_000, 10_000], Prior(50.0, 400.0, 100.0), 0.95)
    # weight 4: (100 + 200) / 5, (1000 + 200) / 14, (10000 + 200) / 104
    assert found.mean.tolist() == pytest.approx([60, 1200 / 14, 10200 / 104])
    assert (found.high - found.mean)[0] == pytest.approx(1.959964 * math.sqrt(400 / 5), abs=1e-4)
    assert ((found.high - found.low)[:-1] > (found.high - found.low)[1:]).all()


def test_where_groups_do_not_differ_everybody_gets_the_mean_of_all():
    known = prior(moments([[0, 10], [10, 0]]))
    assert known.between == 0
    assert shrunk([1, 50], [0, 900], known, 0.95).mean.tolist() == [5.0, 5.0]


def test_without_groups_nothing_is_known():
    known = prior(moments([]))
    assert math.isnan(known.mean)
    assert len(shrunk([], [], known, 0.95).mean) == 0


@given(st.lists(st.lists(st.integers(-500, 500), min_size=1, max_size=6), min_size=1, max_size=12))
def test_a_shrunk_mean_lies_between_the_groups_own_and_that_of_all(groups):
    known = prior(moments(groups))
    n, total = [len(group) for group in groups], [sum(group) for group in groups]
    found = shrunk(n, total, known, 0.95)
    assert known.mean == pytest.approx(sum(total) / sum(n))
    own = np.array(total) / np.array(n)
    low, high = np.minimum(own, known.mean) - 1e-9, np.maximum(own, known.mean) + 1e-9
    assert ((low <= found.mean) & (found.mean <= high)).all()
    assert (found.low <= found.mean + 1e-12).all()


def test_it_is_nearer_to_the_truth_than_raw_averages_and_its_intervals_hold_it():
    rng = np.random.default_rng(11)
    truth = rng.normal(500, 100, 400)
    groups = [
        list(rng.normal(mean, 300, size).round().astype(int))
        for mean, size in zip(truth, rng.integers(1, 30, 400), strict=True)
    ]
    known = prior(moments(groups))
    n, total = np.array([len(group) for group in groups]), np.array([sum(group) for group in groups])
    found = shrunk(n, total, known, 0.95)
    assert math.sqrt(known.between) == pytest.approx(100, rel=0.15)
    assert math.sqrt(known.within) == pytest.approx(300, rel=0.05)
    assert ((found.mean - truth) ** 2).mean() < 0.5 * ((total / n - truth) ** 2).mean()
    assert 0.92 < ((found.low <= truth) & (truth <= found.high)).mean() < 0.98
