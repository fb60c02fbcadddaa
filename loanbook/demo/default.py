"""Which loans stop being repaid, and when: a monthly hazard by who borrows what, where and in which season."""

import numpy as np

from loanbook.demo.draw import Floats, Ints, Streams, Window, add_months, day_number, month_of_year, systematic, take
from loanbook.demo.loans import Loans, Schedule
from loanbook.demo.people import People
from loanbook.demo.truth import TRUTH

_BASE = 0.0072  # monthly hazard of stopping to pay, before all factors
_SHAPE = np.array([0.8, 1.1, 1.25, 1.25, 1.15, 1.05, 1.0, 0.9, 0.8, 0.7, 0.65, 0.6] + [0.45] * 12 + [0.3] * 12)
_SEASON = np.array([1.1, 1.3, 1.1, 0.95, 0.95, 0.95, 1.0, 0.95, 0.9, 0.95, 0.9, 0.95])  # by month of the due date
# Rows: tiers; columns: products. Silver is above gold in each product, and gold mostly takes cash: the Simpson pair.
_TIER_PRODUCT = np.array([[1.54, 0.26, 0.66], [1.4, 0.24, 0.6], [2.6, 0.21, 0.74], [1.18, 0.1, 0.36], [0.7, 0.12, 0.3]])
_TERM = {3: 2.0, 6: 1.25, 12: 1.0, 24: 1.0, 36: 1.0}
_CHANNEL = (0.9, 0.85, 1.1, 1.2, 0.95, 1.0)
_LEVEL = (1.0, 0.85, 0.95, 1.15, 1.35, 1.5)
_RISK = 0.6  # log-hazard per standard deviation of the member's risk
_DEAR = 1.7
_SMALL_DEFAULTS_EACH = 8  # of the small province's planned borrowers one in so many defaults on the first loan


def hazard_ratio(people: People, loans: Loans, window: Window) -> Floats:
    """Each loan's monthly hazard of default over the base."""
    member, day = loans.member, loans.disbursed_day
    first, last = map(day_number, TRUTH.bad_vintage(window.as_of))
    result: Floats = (
        np.exp(_RISK * people.risk[member])
        * _TIER_PRODUCT[loans.tier, loans.product]
        * take([_TERM.get(months, 1.0) for months in range(37)], loans.term)
        * take(_CHANNEL, people.channel[member])
        * take(_LEVEL, people.level[member])
        * np.where(people.dear[member], _DEAR, 1.0)
        * np.where(people.bad_province[member], TRUTH.bad_province_hazard, 1.0)
        * np.where((day >= first) & (day <= last), TRUTH.bad_vintage_hazard, 1.0)
    )
    return result


def onset(streams: Streams, people: People, loans: Loans, plan: Schedule, ratio: Floats, *, number: int) -> Ints:
    """The number of the instalment from which a loan is not paid any more; 0 for none.

    Who defaults within twelve months is a systematic sample within tier, product and bad province in order of
    disbursement, with each loan's own probability; when, follows from the hazard.
    """
    members = len(people.registered)
    first = np.cumsum(loans.term) - loans.term
    rate = _BASE * _SHAPE[plan.number - 1] * _SEASON[month_of_year(plan.due)] * ratio[plan.loan]
    total = np.cumsum(rate)
    within = total - np.repeat(total[first] - rate[first], loans.term)
    year_on = add_months(loans.disbursed_day, 12)
    in_year = np.add.reduceat((plan.due + 91 <= year_on[plan.loan]).astype(np.int64), first)
    natural = -np.expm1(-within[first + in_year - 1])
    order = people.planned_borrower[loans.member]
    ring = people.in_ring[loans.member]
    planned_default = (order % _SMALL_DEFAULTS_EACH == _SMALL_DEFAULTS_EACH // 2) & (number == 0)
    probability = np.where(order >= 0, planned_default, np.where(ring, 0.0, natural))
    # Planned outcomes stand in a cell of their own, so that they shift nobody else's.
    fixed = ring | (order >= 0)
    cell = np.where(fixed, 30, (loans.tier * 3 + loans.product) * 2 + people.bad_province[loans.member])
    chosen = systematic(probability, loans.disbursed_at, cell, streams("default cells", number).random(31) * 0.999)
    v = streams("default instalment", number).random(members)[loans.member]
    uniform = np.where(chosen, natural * v, natural + (1 - natural) * v)
    stops = 1 + np.add.reduceat((within < -np.log1p(-uniform)[plan.loan]).astype(np.int64), first)
    return np.where((stops > loans.term) | ring, 0, stops)
