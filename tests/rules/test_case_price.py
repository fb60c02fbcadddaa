"""What an application costs: schedules by hand, the all-in rate with every fee, the caps, the fee that was required."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import loan_prices
from rules.case_price import Caps, FeePaid, Terms, equal_payments, priced, required_fee
from rules.price import all_in_rate

CAPS = Caps(0.24, 0.12)


def terms(**changes):
    values = {"amount_fen": 1_200_000, "term_months": 12, "annual_rate": 0.12, "upfront_fee_fen": 0,
              "monthly_fee_fen": 0, "membership_fee_fen": 0}  # fmt: skip
    return Terms(**values | changes)


def test_equal_payments_by_hand():
    schedule = equal_payments(terms(term_months=3, amount_fen=300_000))
    # one percent a month: 300,000 x 0.01 / (1 - 1.01^-3) = 102,006.63
    assert schedule.interest_fen == (3_000, 2_010, 1_010)
    assert schedule.principal_fen == (99_007, 99_997, 100_996)
    assert schedule.due_fen == (102_007, 102_007, 102_006)
    assert schedule.balance_fen == (300_000, 200_993, 100_996)


def test_without_interest_the_amount_is_repaid_in_equal_parts():
    schedule = equal_payments(terms(annual_rate=0.0, term_months=7, amount_fen=100, monthly_fee_fen=5))
    assert schedule.principal_fen == (14, 14, 14, 14, 14, 14, 16)
    assert schedule.interest_fen == (0,) * 7
    assert schedule.due_fen == (19, 19, 19, 19, 19, 19, 21)


def test_a_flat_monthly_fee_is_no_yearly_rate():
    # 0.6 % of the amount each month beside equal parts of it: 13.03 % all-in (metrics.md, trap 16)
    price = priced(terms(annual_rate=0.0, monthly_fee_fen=7_200), CAPS)
    assert price.all_in.nominal == pytest.approx(0.1303, abs=5e-5)
    assert price.own == price.all_in


@given(
    amount_fen=st.integers(10_000, 10**9),
    term=st.integers(1, 60),
    rate=st.floats(0, 0.36),
    upfront=st.integers(0, 500),
    monthly=st.integers(0, 500),
    fee=st.integers(0, 300),
)
def test_all_is_repaid_and_the_rates_are_those_of_loans(amount_fen, term, rate, upfront, monthly, fee):
    of = amount_fen // 10_000
    asked = terms(amount_fen=amount_fen, term_months=term, annual_rate=rate, upfront_fee_fen=upfront * of,
                  monthly_fee_fen=monthly * of, membership_fee_fen=fee * of)  # fmt: skip
    price = priced(asked, CAPS)
    schedule = price.schedule
    assert sum(schedule.principal_fen) == amount_fen
    assert len(schedule.due_fen) == term
    assert min(schedule.principal_fen) >= 0
    assert max(schedule.due_fen[:-1], default=0) - min(schedule.due_fen[:-1], default=0) <= 1
    row = {"dues_fen": " ".join(map(str, schedule.due_fen)), "principal_fen": amount_fen,
           "upfront_fee_fen": asked.upfront_fee_fen, "membership_fee_fen": asked.membership_fee_fen}  # fmt: skip
    found = loan_prices.rated(pd.DataFrame([row])).iloc[0]
    assert price.own.nominal == pytest.approx(found["rate"], nan_ok=True)
    assert price.all_in.nominal == pytest.approx(found["rate_with_fee"], nan_ok=True)
    if price.all_in.nominal > CAPS.cap + 0.02:
        assert price.over_cap
    if price.all_in.nominal < CAPS.cap - 0.0001:
        assert not price.over_cap


def test_caps_are_told_apart():
    dear = priced(terms(annual_rate=0.2, membership_fee_fen=0), CAPS)
    assert (dear.over_cap, dear.over_prime) == (False, True)
    lifted = priced(terms(annual_rate=0.2, membership_fee_fen=30_000), CAPS)
    assert (lifted.over_cap, lifted.own.nominal < CAPS.cap) == (True, True)
    assert priced(terms(), Caps(0.24, None)).over_prime is None


def test_a_rate_at_the_cap_is_not_over_it():
    at_cap = priced(terms(annual_rate=0.24, amount_fen=12_345_678, term_months=36), CAPS)
    assert not at_cap.over_cap
    assert priced(terms(annual_rate=0.2401, amount_fen=12_345_678, term_months=36), CAPS).over_cap


FEE = FeePaid("gold", date(2026, 5, 1), 29_800)


@pytest.mark.parametrize(
    ("tier", "applied_on", "before", "expected"),
    [
        ("gold", date(2026, 5, 1), [], 29_800),  # on the day itself
        ("gold", date(2026, 5, 31), [], 29_800),  # thirty days after
        ("gold", date(2026, 6, 1), [], 0),
        ("gold", date(2026, 4, 30), [], 0),  # before it was paid
        ("silver", date(2026, 5, 2), [], 0),  # for another tier
        (None, date(2026, 5, 2), [], 0),
        ("gold", date(2026, 5, 9), [("gold", date(2026, 5, 3))], 0),  # the loan before required it
        ("gold", date(2026, 5, 9), [("gold", date(2026, 4, 3)), ("silver", date(2026, 5, 3))], 29_800),
    ],
)
def test_which_membership_fee_was_required(tier, applied_on, before, expected):
    assert required_fee([FEE], tier, applied_on, before, 30) == expected


def test_several_fees_add_up():
    again = FeePaid("gold", date(2026, 5, 3), 100)
    assert required_fee([FEE, again], "gold", date(2026, 5, 9), [], 30) == 29_900


def test_the_rate_is_that_of_the_flows():
    price = priced(terms(upfront_fee_fen=24_000, monthly_fee_fen=1_000, membership_fee_fen=6_800), CAPS)
    flows = [1_200_000 - 24_000 - 6_800, *(-due for due in price.schedule.due_fen)]
    assert price.all_in == all_in_rate(flows)
    assert price.instalment_fen == price.schedule.due_fen[0]
