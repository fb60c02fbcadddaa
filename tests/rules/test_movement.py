import numpy as np
import pytest

from rules.default_rates import Verdict
from rules.movement import movement
from rules.proportions import difference


def test_quiet_months_are_judged_by_the_plain_test():
    found = movement(30, 100, [20, 20, 20], [100, 100, 100], 0.05)
    plain = difference(30, 100, 60, 300).iloc[0]
    assert (found.rate, found.before_rate, found.months) == (0.3, 0.2, 3)
    assert (found.difference, found.low, found.high, found.p_value) == tuple(plain)
    assert found.verdict is Verdict.HIGHER


def test_months_that_differ_among_themselves_make_the_same_gap_noise():
    # 10, 30, 10, 30 of 100: Pearson 4 x 10^2 / (100 x 0.2 x 0.8) = 25 over 3 degrees of freedom.
    found = movement(32, 100, [10, 30, 10, 30], [100] * 4, 0.05)
    plain = difference(32, 100, 80, 400).iloc[0]
    assert plain["p_value"] < 0.05
    assert found.verdict is Verdict.NOISE
    assert found.low < 0 < found.difference
    # The interval's arms are the plain one's, the variance times 25 / 3, and t of 3 degrees instead of the normal.
    assert (found.high - found.difference) / (plain["high"] - plain["difference"]) == pytest.approx(
        np.sqrt(25 / 3) * 3.18245 / 1.95996, rel=1e-4
    )


def test_a_fall_and_months_without_anybody():
    found = movement(2, 100, [0, 20, 20, 20], [0, 100, 100, 100], 0.05)
    assert (found.months, found.verdict) == (3, Verdict.LOWER)
    assert found.high < 0


@pytest.mark.parametrize(("n", "before"), [(0, [100]), (100, []), (100, [0, 0])])
def test_nothing_to_compare(n, before):
    found = movement(0, n, before, before, 0.05)
    assert found.verdict is Verdict.NOT_COMPARED
    assert np.isnan(found.difference)


def test_months_without_a_single_case_are_no_more_certain():
    found = movement(1, 100, [0, 0], [100, 100], 0.05)
    assert found.verdict is Verdict.NOISE
