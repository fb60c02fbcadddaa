from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.price import all_in_rate
from tests import vectors


def test_the_published_rates():
    monthly, after_18_months, yearly = vectors.case("apr")["cases"]
    found = all_in_rate([5000, *[-230] * 24])
    assert (found.nominal, found.effective) == pytest.approx((monthly["irr_x12"], monthly["effective"]), abs=5e-8)
    assert all_in_rate([1000, *[0] * 17, -1200]).effective == pytest.approx(after_18_months["effective"], abs=5e-8)
    assert all_in_rate([6000, *[-1852] * 4], 1).effective == pytest.approx(yearly["effective"], abs=5e-8)


def test_a_flat_monthly_fee_is_no_yearly_rate():
    # 0.6 % of the first principal each month, twelve months: 7.2 % flat, 13.03 % all-in.
    flows = [Decimal("12000.00"), *[Decimal("-1072.00")] * 12]
    assert round(100 * all_in_rate(flows).nominal, 2) == 13.03


def test_an_upfront_fee_raises_the_rate():
    assert all_in_rate([4900, *[-230] * 24]).nominal > all_in_rate([5000, *[-230] * 24]).nominal


def test_the_lenders_side_has_the_same_rate():
    lent, borrowed = all_in_rate([-5000, *[230] * 24]), all_in_rate([5000, *[-230] * 24])
    assert (lent.nominal, lent.effective) == pytest.approx((borrowed.nominal, borrowed.effective))


@pytest.mark.parametrize("flows", [[], [100], [0, 0], [100, 50], [-100, -50]])
def test_no_rate(flows):
    found = all_in_rate(flows)
    assert np.isnan([found.nominal, found.effective]).all()


@settings(deadline=None)
@given(st.floats(0.001, 0.05), st.integers(1, 60))
def test_the_rate_of_equal_payments_comes_back(monthly, months):
    payment = 1000 * monthly / (1 - (1 + monthly) ** -months)
    found = all_in_rate([1000, *[-payment] * months])
    assert found.nominal == pytest.approx(12 * monthly, rel=1e-6)
    assert found.effective == pytest.approx((1 + monthly) ** 12 - 1, rel=1e-6)
