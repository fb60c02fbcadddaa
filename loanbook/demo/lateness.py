"""When instalments are paid: mostly in time, some late for a while; what stops is lost, cured, or fails again."""

from dataclasses import dataclass

import numpy as np

from loanbook.demo.draw import DAY, Bools, Floats, Ints, Window, visit_seconds
from loanbook.demo.loans import Loans, Schedule
from loanbook.demo.rescheduling import Rescheduled
from loanbook.demo.truth import TRUTH

_CURED, _CURED_LONG = 0.2, 0.45  # of those who stop paying, of loans of a year and more
_CURE_DAYS = (92, 142)  # days past due at which they pay all that is due
_HOLDS_MONTHS = 4  # so long at least a cured loan is paid before it fails again
_PAYS_RESTRUCTURED = 0.5
_BASE_LATE = 0.085
_HELD_OUT = 0.2  # of borrowers, not reminded of their first due date
_HELD_OUT_LATE = 1.6  # of the first instalment, so many times the base
_STAYS_LATE = 0.3  # of those 11 or more days late: so late with the next instalments too
_STAYS_MONTHS = 3
_CLEAN_DAYS = 5  # around a cure and before a moved due date nothing is later
_BOUNDARY = 5  # planted loans that pay in the second before, and at, the end of the 91st day
_SORT = 2**32


@dataclass(frozen=True)
class Fates:
    """One row per loan: what will become of it, whether or not the window's end comes first."""

    stops: Ints  # number of the first instalment that is not paid in time for good or for very long; 0: none
    gives_up: Ints  # number of the first instalment that is never paid; 0: none
    cure_days: Ints  # days past due at which a cured loan pays what is due; 0: not cured
    fails_again: Ints  # number of the instalment at which a cured loan may give up; 0: none is left for that
    held_out: Bools  # not reminded of its first due date
    boundary: Ints  # -1: pays just in time not to default; 1: just too late; 0: neither


def draw_fates(
    rng: np.random.Generator, loans: Loans, stops: Ints, moved: Rescheduled, *, exempt: Bools, planted: bool
) -> Fates:
    """Of the loans that stop being paid most are lost; some are cured, and some of these fail again."""
    count = len(stops)
    draws = rng.random((5, count))
    low, high = _CURE_DAYS
    fails, restructured = stops > 0, moved.restructured
    cured = fails & ~restructured & (draws[0] < np.where(loans.term >= 12, _CURED_LONG, _CURED))
    days = np.where(cured, low + (draws[1] * (high - low)).astype(np.int64), 0)
    boundary = np.zeros(count, dtype=np.int64)
    if planted:
        plain = (moved.number == 0) & ~exempt & (loans.term >= 3)
        late, just = np.flatnonzero(cured & plain)[:_BOUNDARY], np.flatnonzero(plain & ~fails)[:_BOUNDARY]
        boundary[late], boundary[just] = 1, -1
        days[late] = low
    again = stops + days // 30 + 1 + _HOLDS_MONTHS + (draws[2] * 3).astype(np.int64)
    again = np.where((days > 0) & (again <= loans.term), again, 0)
    # Every so manyth of them, so that the share shows in a small book too.
    due_again = (np.cumsum(again > 0) + draws[3][:1]) * TRUTH.redefault_share % 1
    fails_again = (again > 0) & (due_again < TRUTH.redefault_share)
    after_restructuring = np.minimum(stops + (draws[1] * 3).astype(np.int64), loans.term)
    return Fates(
        stops=stops,
        gives_up=np.select(
            [~fails, restructured & (draws[0] < _PAYS_RESTRUCTURED), restructured, days == 0, fails_again],
            [0, 0, after_restructuring, stops, again],
            0,
        ),
        cure_days=days,
        fails_again=again,
        held_out=draws[4] < _HELD_OUT,
        boundary=boundary,
    )


def paid_instants(
    rng: np.random.Generator, plan: Schedule, fates: Fates, moved: Rescheduled, ratio: Floats, window: Window
) -> tuple[Ints, Ints]:
    """When each instalment is paid if the loan is not given up, and how many days late that was meant to be."""
    late = _lateness(rng, ratio, fates.held_out, plan)
    _stay_late(rng, late, plan)
    loan, number = plan.loan, plan.number
    cured = fates.cure_days > 0
    disturbed = np.flatnonzero((cured | (moved.number > 0))[loan])
    of = loan[disturbed]
    clean = (cured[of] & (number[disturbed] > fates.stops[of])) | (number[disturbed] < moved.number[of])
    clean |= moved.restructured[of]
    rows = disturbed[clean]
    late[rows] = np.minimum(late[rows], _CLEAN_DAYS)
    first = np.searchsorted(loan, np.arange(len(cured)))
    stop_row = first + fates.stops.clip(1) - 1
    late[stop_row[cured]] = fates.cure_days[cured]
    seconds = _seconds(rng.random(len(late)))
    in_time, too_late = first[fates.boundary < 0] + 1, stop_row[fates.boundary > 0]
    late[in_time], seconds[in_time] = 91, DAY - 1
    late[too_late], seconds[too_late] = 92, 0
    paid = (plan.due + late) * DAY + seconds
    return np.maximum.accumulate(paid + loan * _SORT) - loan * _SORT, late


def _lateness(rng: np.random.Generator, ratio: Floats, held_out: Bools, plan: Schedule) -> Ints:
    """Days from due date to payment: mostly none, sometimes late up to 88, the riskier the oftener."""
    rows = len(plan.loan)
    of_loan = (_BASE_LATE * np.sqrt(ratio)).clip(0.02, 0.4)
    share = of_loan[plan.loan]
    share[plan.number == 1] *= np.where(held_out, 1, TRUTH.reminded_late_ratio) * _HELD_OUT_LATE
    kind = rng.random(rows) / share  # below 1: late
    spread = rng.random(rows)
    days = np.where(spread < 0.2, -15 * spread, 0.0)
    late = np.flatnonzero(kind < 1)
    kind, spread = kind[late], spread[late]
    days[late] = np.select(
        [kind < 0.68, kind < 0.86, kind < 0.95],
        [1 + 10 * spread, 11 + 19 * spread, 31 + 30 * spread],
        61 + 28 * spread,
    )
    result: Ints = np.floor(days).astype(np.int64)
    return result


def _stay_late(rng: np.random.Generator, late: Ints, plan: Schedule) -> None:
    """Some stay as late with the instalments that follow: they pay one a month, but never catch up."""
    starts = np.flatnonzero(late >= 11)
    starts = starts[rng.random(len(starts)) < _STAYS_LATE]
    months = rng.integers(1, _STAYS_MONTHS + 1, len(starts))
    for month in range(1, _STAYS_MONTHS + 1):
        row = starts + month
        within = (months >= month) & (row < len(late))
        start, row = starts[within], row[within]
        same = plan.loan[start] == plan.loan[row]
        late[row[same]] = late[start[same]]


def _seconds(uniform: Floats) -> Ints:
    """Seconds after midnight; some are debited at the first second of the day, some pay in the last."""
    return np.select([uniform < 0.04, uniform >= 0.995], [0, DAY - 1], visit_seconds(uniform))
