"""How loans are repaid: lateness that cures, default, early payoff, write-off, recovery.

Days past due, default and write-off are nowhere stored: they follow from the instalments and repayments made here.
"""

from dataclasses import dataclass

import numpy as np

from loanbook.demo import payments
from loanbook.demo.draw import DAY, HOUR, NEVER, NONE, Bools, Floats, Ints, Streams, Window, visit_seconds
from loanbook.demo.lateness import Fates, draw_fates, paid_instants
from loanbook.demo.loans import ACTIVE, PAID_OFF, WRITTEN_OFF, Loans, Schedule
from loanbook.demo.payments import EARLY, Repayments
from loanbook.demo.rescheduling import Rescheduled

_EARLY_PAYOFF = 0.028  # monthly


@dataclass(frozen=True)
class Outcome:
    """One row per loan: what became of it by the end of the window."""

    status: Ints
    closed_at: Ints
    written_off_at: Ints
    stops_at: Ints  # number of the first instalment that is not paid in time for good or for very long; 0: none
    gives_up_at: Ints  # number of the first instalment that is never paid; 0: none
    halfway_at: Ints  # when the instalment in the middle of the term was paid (NEVER: not)
    held_out: Bools  # not reminded of its first due date
    moved_at: Ints  # when its due dates were moved (NONE: not)
    moved_as: Ints  # one of rescheduling.KINDS; -1: not
    cured: Bools  # paid all that was due after 90 days, early enough in its term and in the window to fail again
    boundary: Ints  # see Fates


@dataclass(frozen=True)
class Settled:
    """One row per instalment: when it was paid in full (NEVER: not within the window)."""

    at: Ints


def repay(
    streams: Streams,
    window: Window,
    loans: Loans,
    plan: Schedule,
    moved: Rescheduled,
    *,
    ratio: Floats,
    stops: Ints,
    exempt: Bools,
    number: int,
    planted: bool,
) -> tuple[Outcome, Repayments, Settled]:
    """All that is paid until the end of the window, and what becomes of each loan."""
    rng = streams("repayment", number)
    count = len(loans.term)
    first = np.cumsum(loans.term) - loans.term
    fates = draw_fates(rng, loans, stops, moved, exempt=exempt, planted=planted)
    paid, late = paid_instants(rng, plan, fates, moved, ratio, window)
    lost = fates.gives_up > 0
    stop_row = first + fates.gives_up.clip(1) - 1

    keeps = np.floor(np.log(rng.random(count)) / np.log1p(-_EARLY_PAYOFF)).astype(np.int64) + 1
    early = (stops == 0) & (keeps < loans.term) & (keeps >= moved.number) & (fates.boundary == 0)
    last_paid = np.where(lost, fates.gives_up - 1, np.where(early, keeps, loans.term))
    keep_row = first + last_paid.clip(1) - 1
    payoff = (plan.due[keep_row] + rng.integers(2, 26, count)) * DAY + visit_seconds(rng.random(count))
    payoff = np.maximum(payoff, paid[keep_row] + HOUR)
    early &= payoff < window.end
    remaining = np.add.reduceat(np.where(plan.number > last_paid[plan.loan], plan.principal, 0), first)

    closes_at = np.where(early, payoff, np.where(lost, NEVER, paid[first + loans.term - 1]))
    written_off_at = (plan.due[stop_row] + 181 + rng.integers(0, 30, count)) * DAY + 18 * HOUR
    written_off_at = np.where(lost & (written_off_at < window.end), written_off_at, NONE)
    is_paid = (plan.number <= last_paid[plan.loan]) & (paid < window.end)
    repayments = payments.joined(
        [
            payments.scheduled(
                rng, plan, paid, late, is_paid, closes_at=closes_at, sound=(stops == 0) & (fates.boundary == 0)
            ),
            Repayments(*(column[early] for column in (np.arange(count), payoff, remaining, np.full(count, EARLY)))),
            payments.part_of_lost(rng, plan, stop_row, lost),
            payments.recoveries(rng, written_off_at, remaining),
        ]
    )
    closed_at = np.where(closes_at < window.end, closes_at, NONE)
    at_boundary = paid[first + np.where(fates.boundary < 0, 1, stops - 1).clip(0)]
    halfway = first + (loans.term + 1) // 2 - 1
    outcome = Outcome(
        status=np.select([written_off_at != NONE, closed_at != NONE], [WRITTEN_OFF, PAID_OFF], ACTIVE),
        closed_at=closed_at,
        written_off_at=written_off_at,
        stops_at=stops,
        gives_up_at=fates.gives_up,
        halfway_at=np.where(is_paid[halfway], paid[halfway], NEVER),
        held_out=fates.held_out,
        moved_at=np.where(moved.number > 0, moved.at, NONE),
        moved_as=moved.kind,
        cured=_could_fail_again(fates, moved, plan, first, window),
        boundary=np.where(at_boundary < window.end, fates.boundary, 0),
    )
    settled_at = np.where(is_paid, paid, np.where(early[plan.loan], payoff[plan.loan], NEVER))
    return outcome, payments.before(repayments, window.end), Settled(settled_at)


def _could_fail_again(fates: Fates, moved: Rescheduled, plan: Schedule, first: Ints, window: Window) -> Bools:
    """Cured loans whose time to fail again, whether they do or not, lies within the window."""
    row = first + fates.fails_again.clip(1) - 1
    result: Bools = (fates.fails_again > 0) & (moved.number == 0) & (plan.due[row] + 92 < window.end_day)
    return result
