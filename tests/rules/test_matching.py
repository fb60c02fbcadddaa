"""Means of the like against each other: by hand, against regression on the strata, and how alike two groups are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching import Group, matched_means, standardised_difference


def group(*strata):
    """A group from the values in each stratum."""
    return Group([len(s) for s in strata], [sum(s) for s in strata], [sum(v * v for v in s) for s in strata])


def test_the_first_groups_mix_weighs_the_strata_that_both_have():
    # 1: mean 4 against 2, three of the first; 2: mean 10 against 9, one; 3: the second has nobody.
    found = matched_means(group([3, 4, 5], [10], [99]), group([1, 3], [8, 10], []), confidence=0.95)
    assert found.first == pytest.approx((3 * 4 + 10) / 4)
    assert found.difference == pytest.approx((3 * 2 + 1) / 4)
    assert found.matched_ratio == pytest.approx(0.8)
    # Within strata the first varies by (1 + 0 + 1) / 2 = 1, the second by (2 + 2) / 2 = 2.
    error = np.sqrt((3 / 4) ** 2 * (1 / 3 + 2 / 2) + (1 / 4) ** 2 * (1 / 1 + 2 / 2))
    assert found.high - found.difference == pytest.approx(1.959964 * error)


def test_nothing_in_common():
    found = matched_means(group([1, 2], []), group([], [3]), confidence=0.95)
    assert np.isnan([found.first, found.difference, found.low, found.p_value]).all()
    assert found.matched_ratio == 0
    assert np.isnan(standardised_difference(group([]), group([1, 2]), matched=False))


def test_standardised_difference():
    # Means 3 and 1, variances 1 and 1.
    assert standardised_difference(group([2, 3, 4]), group([0, 1, 2]), matched=False) == pytest.approx(2)
    # Within each stratum the two are the same: all of the difference was in the mix.
    first, second = group([0, 1, 2] * 3, [10, 11, 12]), group([0, 1, 2], [10, 11, 12] * 3)
    assert abs(standardised_difference(first, second, matched=False)) > 0.5
    assert standardised_difference(first, second, matched=True) == pytest.approx(0)


values = st.lists(st.integers(-50, 50), min_size=0, max_size=5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(values, values), min_size=1, max_size=4), st.integers(-20, 20))
def test_a_shift_of_the_first_group_is_found(strata, shift):
    first, second = zip(*strata, strict=True)
    plain = matched_means(group(*first), group(*second), confidence=0.95)
    moved = matched_means(group(*([v + shift for v in s] for s in first)), group(*second), confidence=0.95)
    if np.isnan(plain.difference):
        assert np.isnan(moved.difference)
    else:
        assert moved.difference - plain.difference == pytest.approx(shift, abs=1e-9)
        assert moved.high - moved.low == pytest.approx(plain.high - plain.low, abs=1e-6)


def test_the_interval_holds_the_effect_when_chance_decides_within_strata():
    rng, held = np.random.default_rng(3), 0
    for _ in range(300):
        levels = rng.normal(0, 5, 40)
        strata = rng.integers(0, 40, 400)
        granted = rng.random(400) < 0.4
        y = levels[strata] + 1.5 * granted + rng.normal(0, 3, 400)
        sides = [group(*(list(y[(strata == s) & (granted == side)]) for s in range(40))) for side in (True, False)]
        found = matched_means(*sides, confidence=0.95)
        held += found.low <= 1.5 <= found.high
    assert 0.91 <= held / 300 <= 0.985
