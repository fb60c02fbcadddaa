"""All-in rates of listed loans, without and with the membership fee."""

import math

import pandas as pd
import pytest

from rules.loan_prices import rated


def loan(principal, dues, *, upfront=0, membership=0):
    return {
        "principal_fen": principal, "upfront_fee_fen": upfront, "membership_fee_fen": membership,
        "dues_fen": " ".join(map(str, dues)),
    }  # fmt: skip


def test_every_fee_inside():
    # 100.00 for 101.00 in a month is 12 % a year; with 1.00 upfront 2 / 99 a month; with 10.00 of membership 12 / 89.
    rows = pd.DataFrame([
        loan(10_000, [10_100]), loan(10_000, [10_100], upfront=100),
        loan(10_000, [10_100], upfront=100, membership=1000),
    ])  # fmt: skip
    found = rated(rows)
    assert list(found["rate"]) == [pytest.approx(0.12), pytest.approx(24 / 99), pytest.approx(24 / 99)]
    assert list(found["rate_with_fee"]) == [pytest.approx(0.12), pytest.approx(24 / 99), pytest.approx(12 * 12 / 89)]
    assert found["effective_with_fee"].iloc[0] == pytest.approx(1.01**12 - 1)


def test_a_flat_monthly_fee_is_no_yearly_rate():
    # Trap 16: 0.6 % of 10,000.00 a month over twelve months, principal in equal parts, is 13.03 % all-in.
    dues = [round(1_000_000 / 12 + 6_000)] * 12
    assert rated(pd.DataFrame([loan(1_000_000, dues)]))["rate"].iloc[0] == pytest.approx(0.1303, abs=2e-4)


def test_no_rate_makes_nothing_even():
    assert math.isnan(rated(pd.DataFrame([loan(10_000, [5_000, 6_000], membership=10_000)]))["rate_with_fee"].iloc[0])
    assert rated(pd.DataFrame([loan(1, [1])]).iloc[:0]).empty
