"""How loans are repaid: lateness that cures, default, early payoff, write-off, recovery.

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
    visit_seconds,
)
from loanbook.demo.loans import ACTIVE, PAID_OFF, WRITTEN_OFF, Loans, Schedule

KINDS = ("scheduled", "early", "recovery")
_SCHEDULED, _EARLY, _RECOVERY = range(3)

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
