"""Draws and calendar arithmetic against plain Python."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loanbook.demo import draw, pricing
from rules import calendar

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@given(st.lists(st.tuples(DAYS, st.integers(0, 60)), min_size=1, max_size=20))
def test_months_are_added_as_the_calendar_rule_adds_them(cases):
    days = np.array([draw.day_number(day) for day, _ in cases])
    added = draw.add_months(days, np.array([months for _, months in cases]))
    assert [date(1970, 1, 1) + timedelta(days=int(d)) for d in added] == [calendar.add_months(*case) for case in cases]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=60),
    st.integers(0, 2**32 - 1),
)
def test_a_systematic_sample_is_within_one_of_its_expectation_in_every_stretch(rows, seed):
    probability = np.array([p for p, _, _ in rows])
    cells, order = np.array([c for _, c, _ in rows]), np.array([o for _, _, o in rows])
    chosen = draw.systematic(probability, order, cells, np.random.default_rng(seed).random(4))
    for cell in range(4):
        inside = np.flatnonzero(cells == cell)
        inside = inside[np.argsort(order[inside], kind="stable")]
        gap = np.concatenate([[0.0], np.cumsum(chosen[inside] - probability[inside])])
        assert gap.max() - gap.min() < 1 + 1e-9


def test_a_systematic_sample_takes_each_row_as_often_as_asked():
    probability = np.array([0.1, 0.5, 0.9, 0.25])
    starts = (np.arange(1000) + 0.5) / 1000
    taken = [draw.systematic(probability, np.arange(4), np.zeros(4, int), np.array([s])) for s in starts]
    assert np.allclose(np.mean(taken, axis=0), probability, atol=0.002)


def test_pick_takes_in_proportion():
    assert list(draw.pick(np.array([0.0, 0.249, 0.25, 0.999]), [1, 0, 2, 1])) == [0, 0, 2, 3]
    assert list(draw.pick_by_row(np.array([0.6, 0.6]), [[1, 1], [3, 1]], np.array([0, 1]))) == [1, 0]


@given(st.integers(1_500_000_000, 1_900_000_000), st.floats(0, 0.999))
def test_an_office_instant_is_later_and_within_staffed_hours(earliest, uniform):
    (instant,) = draw.office_instant(np.array([earliest]), np.array([uniform]))
    day, second = divmod(int(instant), draw.DAY)
    assert instant > earliest
    assert 9 * 3600 <= second < 18 * 3600
    assert (date(1970, 1, 1) + timedelta(days=day)).weekday() < 6
    assert instant - earliest < 3 * draw.DAY


def test_streams_are_independent_of_each_other_and_start_anew():
    streams = draw.Streams(7, 0)
    assert streams("a").random() == streams("a").random()
    assert len({streams("a").random(), streams("b").random(), draw.Streams(8, 0)("a").random()}) == 3


def test_the_all_in_rate_is_the_rate_at_which_the_flows_balance_however_a_loan_is_repaid():
    principal, upfront, monthly = np.full(3, 1_000_000), np.array([20_000, 0, 10_000]), np.array([0, 5_000, 0])
    rate, term, method = np.full(3, 0.18), np.array([6, 12, 10]), np.arange(3)
    month = pricing.all_in_rate(principal, upfront, monthly, rate, term, method) / 12
    i = 0.18 / 12
    level = 1_000_000 * i / (1 - (1 + i) ** -6)
    paid = [
        [level] * 6,
        [1_000_000 / 12 + i * (1_000_000 - k * 1_000_000 / 12) + 5_000 for k in range(12)],
        [1_000_000 * i] * 9 + [1_000_000 * (1 + i)],
    ]
    for k, flows in enumerate(paid):
        worth = sum(flow / (1 + month[k]) ** n for n, flow in enumerate(flows, start=1))
        assert abs(worth - (principal[k] - upfront[k])) < 0.01
    assert (month * 12 > rate).all()
