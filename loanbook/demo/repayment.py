"""How loans are repaid: default under a monthly hazard, lateness that cures, early payoff, write-off, recovery.

Days past due, default and write-off are nowhere stored: they follow from the instalments and repayments made here.
"""

from dataclasses import dataclass

import numpy as np

from loanbook.demo.draw import (
    DAY,
    HOUR,
    NEVER,
    NONE,
    Bools,
    Floats,
    Ints,
    Streams,
    Window,
    add_months,
    month_of_year,
    systematic,
    take,
    visit_seconds,
)
from loanbook.demo.loans import ACTIVE, PAID_OFF, WRITTEN_OFF, Loans, Schedule
from loanbook.demo.people import People

KINDS = ("scheduled", "early", "recovery")
_SCHEDULED, _EARLY, _RECOVERY = range(3)

_BASE = 0.0076  # monthly hazard of stopping to pay, before all factors
_SHAPE = np.array([0.8, 1.1, 1.25, 1.25, 1.15, 1.05, 1.0, 0.9, 0.8, 0.7, 0.65, 0.6] + [0.45] * 12 + [0.3] * 12)
_SEASON = np.array([1.1, 1.3, 1.1, 0.95, 0.95, 0.95, 1.0, 0.95, 0.9, 0.95, 0.9, 0.95])  # by month of the due date
_TIER = (1.1, 1.0, 1.24, 0.6, 0.5)
_PRODUCT = (1.4, 0.24, 0.6)
_TERM = {3: 2.0, 6: 1.25, 12: 1.0, 24: 1.0, 36: 1.0}
_CHANNEL = (0.9, 0.85, 1.1, 1.2, 0.95, 1.0)
_LEVEL = (1.0, 0.85, 0.95, 1.15, 1.35, 1.5)
_RISK = 0.6  # log-hazard per standard deviation of the member's risk
_DEAR = 1.7
_SMALL_DEFAULTS_EACH = 8  # of the small province's planned borrowers one in so many defaults on the first loan
_EARLY_PAYOFF = 0.028  # monthly
_CURED = 0.25  # of those who default
_SORT = 2**32


@dataclass(frozen=True)
class Outcome:
    """One row per loan: what became of it by the end of the window."""

    status: Ints
    closed_at: Ints
    written_off_at: Ints
    stops_at: Ints  # number of the first instalment that is not paid in time for good; 0: none
    halfway_at: Ints  # when the instalment in the middle of the term was paid (NEVER: not)


@dataclass(frozen=True)
class Repayments:
    """One row per repayment."""

    loan: Ints  # row
    at: Ints
    amount: Ints
    kind: Ints


@dataclass(frozen=True)
class Settled:
    """One row per instalment: when it was paid in full (NEVER: not within the window)."""

    at: Ints


def hazard_ratio(people: People, loans: Loans, bad_province_hazard: float) -> Floats:
    """Each loan's monthly hazard of default over the base."""
    member = loans.member
    result: Floats = (
        np.exp(_RISK * people.risk[member])
        * take(_TIER, loans.tier)
        * take(_PRODUCT, loans.product)
        * take([_TERM.get(months, 1.0) for months in range(37)], loans.term)
        * take(_CHANNEL, people.channel[member])
        * take(_LEVEL, people.level[member])
        * np.where(people.dear[member], _DEAR, 1.0)
        * np.where(people.bad_province[member], bad_province_hazard, 1.0)
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
    ring = np.isin(loans.member, people.ring)
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


def repay(
    streams: Streams, window: Window, loans: Loans, plan: Schedule, *, ratio: Floats, stops: Ints, number: int
) -> tuple[Outcome, Repayments, Settled]:
    """All that is paid until the end of the window, and what becomes of each loan."""
    rng = streams("repayment", number)
    count = len(loans.term)
    first = np.cumsum(loans.term) - loans.term
    defaults = stops > 0
    cured = defaults & (rng.random(count) < _CURED)
    lost = defaults & ~cured
    stop_row = first + np.where(defaults, stops, 1) - 1

    late = _lateness(rng, ratio, plan)
    late[stop_row[cured]] = rng.integers(92, 172, int(cured.sum()))
    paid = (plan.due + late) * DAY + visit_seconds(rng.random(len(late)))
    paid = np.maximum.accumulate(paid + plan.loan * _SORT) - plan.loan * _SORT

    keeps = np.floor(np.log(rng.random(count)) / np.log1p(-_EARLY_PAYOFF)).astype(np.int64) + 1
    early = ~defaults & (keeps < loans.term)
    last_paid = np.where(lost, stops - 1, np.where(early, keeps, loans.term))
    keep_row = first + last_paid.clip(1) - 1
    payoff = (plan.due[keep_row] + rng.integers(2, 26, count)) * DAY + visit_seconds(rng.random(count))
    payoff = np.maximum(payoff, paid[keep_row] + HOUR)
    early &= payoff < window.end
    remaining = np.add.reduceat(np.where(plan.number > last_paid[plan.loan], plan.principal, 0), first)

    closed_at = np.where(early, payoff, np.where(lost, NEVER, paid[first + loans.term - 1]))
    closed_at = np.where(closed_at < window.end, closed_at, NONE)
    written_off_at = (plan.due[stop_row] + 181 + rng.integers(0, 30, count)) * DAY + 18 * HOUR
    written_off_at = np.where(lost & (written_off_at < window.end), written_off_at, NONE)
    is_paid = (plan.number <= last_paid[plan.loan]) & (paid < window.end)
    parts = [
        _scheduled(rng, plan, paid, late, is_paid),
        Repayments(*(column[early] for column in (np.arange(count), payoff, remaining, np.full(count, _EARLY)))),
        _part_of_lost(rng, plan, stop_row, lost),
        _recoveries(rng, written_off_at, remaining),
    ]
    halfway = first + (loans.term + 1) // 2 - 1
    outcome = Outcome(
        status=np.select([written_off_at != NONE, closed_at != NONE], [WRITTEN_OFF, PAID_OFF], ACTIVE),
        closed_at=closed_at,
        written_off_at=written_off_at,
        stops_at=stops,
        halfway_at=np.where(is_paid[halfway], paid[halfway], NEVER),
    )
    repayments = Repayments(*(np.concatenate(columns) for columns in zip(*(_columns(p) for p in parts), strict=True)))
    happened = repayments.at < window.end
    return (
        outcome,
        Repayments(*(column[happened] for column in _columns(repayments))),
        Settled(np.where(is_paid, paid, np.where(early[plan.loan], payoff[plan.loan], NEVER))),
    )


def _columns(rows: Repayments) -> tuple[Ints, Ints, Ints, Ints]:
    return rows.loan, rows.at, rows.amount, rows.kind


def _lateness(rng: np.random.Generator, ratio: Floats, plan: Schedule) -> Ints:
    """Days from due date to payment: mostly none, sometimes late up to 88, the riskier the oftener."""
    rows = len(plan.loan)
    share = (0.085 * np.sqrt(ratio)).clip(0.02, 0.4)[plan.loan]
    kind = rng.random(rows) / share  # below 1: late
    spread = rng.random(rows)
    days = np.select(
        [kind < 0.68, kind < 0.86, kind < 0.95, kind < 1.0],
        [1 + 10 * spread, 11 + 19 * spread, 31 + 30 * spread, 61 + 28 * spread],
        np.where(spread < 0.2, -3 * spread / 0.2, 0.0),
    )
    result: Ints = np.floor(days).astype(np.int64)
    return result


def _scheduled(rng: np.random.Generator, plan: Schedule, paid: Ints, late: Ints, is_paid: Bools) -> Repayments:
    """Instalments paid in full, some of the late ones in two parts."""
    rows = np.flatnonzero(is_paid)
    loan, at, amount = plan.loan[rows], paid[rows], plan.total[rows]
    split = (late[rows] >= 5) & (rng.random(len(rows)) < 0.12)
    before = np.where(split, (amount * rng.uniform(0.3, 0.7, len(rows))).astype(np.int64), 0)
    at_before = (plan.due[rows] + 2) * DAY + visit_seconds(rng.random(len(rows)))
    return Repayments(
        loan=np.concatenate([loan, loan[split]]),
        at=np.concatenate([at, at_before[split]]),
        amount=np.concatenate([amount - before, before[split]]),
        kind=np.full(len(rows) + int(split.sum()), _SCHEDULED),
    )


def _part_of_lost(rng: np.random.Generator, plan: Schedule, stop_row: Ints, lost: Bools) -> Repayments:
    """Some who stop paying still pay a part of the instalment that they stop at."""
    loan = np.flatnonzero(lost & (rng.random(len(lost)) < 0.3))
    row = stop_row[loan]
    at = (plan.due[row] + rng.integers(3, 60, len(loan))) * DAY + visit_seconds(rng.random(len(loan)))
    amount = (plan.total[row] * rng.uniform(0.2, 0.6, len(loan))).astype(np.int64)
    return Repayments(loan, at, amount, np.full(len(loan), _SCHEDULED))


def _recoveries(rng: np.random.Generator, written_off_at: Ints, remaining: Ints) -> Repayments:
    """After a write-off a third pays something back, in one or two sums."""
    paying = np.flatnonzero((written_off_at != NONE) & (rng.random(len(remaining)) < 0.35))
    loan = np.concatenate([paying, paying[rng.random(len(paying)) < 0.4]])
    at = (
        written_off_at[loan] // DAY * DAY + rng.integers(8, 320, len(loan)) * DAY + visit_seconds(rng.random(len(loan)))
    )
    amount = np.rint(remaining[loan] * rng.uniform(0.04, 0.22, len(loan)) / 100).astype(np.int64) * 100
    return Repayments(loan, at, amount.clip(100), np.full(len(loan), _RECOVERY))
