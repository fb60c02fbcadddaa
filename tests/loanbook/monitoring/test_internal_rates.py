"""Internal rates of many loans at once, against the rule for one loan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook.monitoring.internal_rates import charged, level_dues
from rules.price import all_in_rate
from tests import vectors

_LOANS = st.lists(
    st.tuples(st.integers(10_000, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=24)),
    min_size=1, max_size=6,
)  # fmt: skip


def solved(loans, within=(None,)):
    place = np.repeat(np.arange(len(loans)), [len(dues) for _, dues in loans])
    number = np.concatenate([np.arange(1, len(dues) + 1) for _, dues in loans])
    dues = np.concatenate([dues for _, dues in loans]).astype(float)
    return charged(np.array([got for got, _ in loans]), place, number, dues, list(within))


def test_the_worked_case():
    case = vectors.case("apr")["cases"][0]  # 5000 against 24 times 230
    assert solved([(500_000, [23_000] * 24)]).rate[0] == pytest.approx(case["irr_x12"], abs=5e-8)


@settings(deadline=None, max_examples=80)
@given(_LOANS)
def test_each_rate_is_that_of_the_rule_for_one_loan(loans):
    loans = [(got, dues) for got, dues in loans if 0.6 * got < sum(dues) < 6 * got]
    if not loans:
        return
    found = solved(loans)
    for (got, dues), rate, years in zip(loans, found.rate, found.lent_year_fen[None], strict=True):
        assert rate == pytest.approx(all_in_rate([got, *(-due for due in dues)]).nominal, abs=1e-8)
        assert rate * years == pytest.approx(sum(dues) - got, rel=1e-6, abs=1)


@settings(deadline=None, max_examples=60)
@given(st.integers(1_000, 10**6), st.integers(1, 36), st.floats(0, 0.4), st.integers(1, 40))
def test_money_years_are_what_is_owed_month_by_month(got, term, rate, within):
    month = rate / 12
    due = level_dues(np.array([got]), np.array([month]), np.array([term]), np.array([0]))[0]
    found = solved([(got, [due] * term)], (None, within))
    assert found.rate[0] == pytest.approx(rate, abs=1e-9)
    owed, walked = float(got), []
    for _ in range(term):
        walked.append(owed)
        owed = owed * (1 + month) - due
    assert found.lent_year_fen[None][0] == pytest.approx(sum(walked) / 12, rel=1e-6, abs=1e-3)
    assert found.lent_year_fen[within][0] == pytest.approx(sum(walked[:within]) / 12, rel=1e-6, abs=1e-3)


def test_what_is_never_paid_back_has_no_rate():
    assert np.isnan(solved([(100, [0, 0])]).rate[0])
    assert np.isnan(charged(np.array([100]), *(np.zeros(0, int) for _ in range(2)), np.zeros(0), [None]).rate[0])
