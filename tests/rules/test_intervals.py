import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.intervals import jeffreys, normal_quantile, rate, wilson
from tests import vectors


@pytest.mark.parametrize(("interval", "name"), [(wilson, "wilson95_newcombe1998"), (jeffreys, "jeffreys95")])
def test_the_worked_cases_hold(interval, name):
    cases = vectors.case(name)["cases"]
    k, n, low, high = np.array(cases).T
    found_low, found_high = interval(k, n)
    assert found_low == pytest.approx(low, abs=5e-5)
    assert found_high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize("interval", [wilson, jeffreys])
def test_nobody_gives_no_interval_and_leaves_the_others(interval):
    low, high = interval([0, 1, 0], [0, 29, 20])
    assert np.isnan([low[0], high[0]]).all()
    assert low[2] < 1e-4
    assert not np.isnan([*low[1:], *high[1:]]).any()


@pytest.mark.parametrize("interval", [wilson, jeffreys])
def test_one_rate_and_none(interval):
    low, high = interval(1, 2)
    assert float(low) < 0.5 < float(high)
    assert interval([], [])[0].shape == (0,)


def test_a_narrower_confidence_gives_a_narrower_interval():
    low95, high95 = wilson(15, 148, 0.95)
    low80, high80 = wilson(15, 148, 0.80)
    assert low95 < low80 < 15 / 148 < high80 < high95
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)


def test_a_rate_of_nobody_is_nan():
    assert rate([1, 0], [4, 0]).tolist()[0] == 0.25
    assert np.isnan(rate(0, 0))


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_rate_within_0_and_1(counts):
    k, n = counts
    for interval in (wilson, jeffreys):
        low, high = interval(k, n)
        assert 0 <= low <= high <= 1
    low, high = wilson(k, n)
    assert low <= k / n + 1e-12
    assert high >= k / n - 1e-12
