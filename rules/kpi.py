"""A key figure as the overview shows it: its value, its change, whether that is noise, and how it stands to a goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from rules.default_rates import Verdict, verdict

MONTHS = 13  # of a sparkline
_FEWEST_CHANGES = 4  # before, below which a change is not judged
_MOST_CHANGES = 24


class Good(StrEnum):
    """Which way a figure is wanted to go."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


class Outlook(StrEnum):
    """How a figure stands to its goal."""

    REACHED = "reached"
    MISSED = "missed"
    WILL_REACH = "will reach"  # the period runs, and at this pace it will be reached
    WILL_MISS = "will miss"


@dataclass(frozen=True)
class Goal:
    """What managers set out to reach."""

    value: float
    outlook: Outlook
    expected: float | None = None  # by the end of the running period, at the pace of now


@dataclass(frozen=True)
class Change:
    """How a figure has changed, and whether by more than noise; nan where there is nothing to compare with."""

    amount: float  # relative where `relative`, else in the unit of the figure
    relative: bool
    verdict: Verdict
    low: float = float("nan")  # interval of a rate's change, where its cases allow for one
    high: float = float("nan")


NOT_COMPARED = Change(float("nan"), relative=False, verdict=Verdict.NOT_COMPARED)


@dataclass(frozen=True)
class Kpi:
    """One key figure."""

    code: str  # of its card
    value: float  # nan where nothing tells
    change: Change = NOT_COMPARED
    series: tuple[float, ...] = ()  # of months, oldest first; nan where a month is missing
    goal: Goal | None = None


def judged(series: Sequence[float], *, lag: int, relative: bool, significance: float) -> Change:
    """The newest value against the one `lag` months before, judged by how much such changes differ anyway.

    series: one value a month, oldest first.
    Formula: d = the change over `lag` months (of the logarithm where relative); two-sided t test of the newest d with
    the standard deviation of the earlier ones, at most twenty-four, as its error. Not compared with fewer than four of
    them, or where a value is missing or, if relative, not above zero.
    Source: metrics.md, traps 20 and 21.
    """
    values = np.asarray(series, dtype=float)
    if len(values) <= lag or lag < 1:
        return NOT_COMPARED
    now, then = float(values[-1]), float(values[-1 - lag])
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.log(np.where(values > 0, values, np.nan)) if relative else values
        amount = now / then - 1 if relative else now - then
    changes = scaled[lag:] - scaled[:-lag]
    before = changes[:-1][~np.isnan(changes[:-1])][-_MOST_CHANGES:]
    if np.isnan(changes[-1]) or not np.isfinite(amount):
        return Change(float("nan"), relative, Verdict.NOT_COMPARED)
    if len(before) < _FEWEST_CHANGES:
        return Change(float(amount), relative, Verdict.NOT_COMPARED)
    spread, gap = float(before.std(ddof=1)), float(changes[-1])
    p_value = float(gap == 0) if spread == 0 else float(2 * stats.t.sf(abs(gap) / spread, len(before) - 1))
    return Change(float(amount), relative, verdict(gap, p_value, significance))


def one_more(value: float, before: Sequence[float], *, significance: float) -> Change:
    """A value against the mean of some before it of its kind, as one more of them: a day against like days.

    Formula: two-sided t test with the error of one further value, sd x sqrt(1 + 1 / n); not compared with fewer than
    four, or where their mean is not above zero.
    """
    earlier = np.asarray(before, dtype=float)
    mean = float(earlier.mean()) if len(earlier) else 0.0
    if mean <= 0:
        return Change(float("nan"), relative=True, verdict=Verdict.NOT_COMPARED)
    gap = value / mean - 1
    if len(earlier) < _FEWEST_CHANGES:
        return Change(gap, relative=True, verdict=Verdict.NOT_COMPARED)
    error = float(earlier.std(ddof=1)) * np.sqrt(1 + 1 / len(earlier))
    p_value = float(value == mean) if error == 0 else float(2 * stats.t.sf(abs(value - mean) / error, len(earlier) - 1))
    return Change(gap, relative=True, verdict=verdict(gap, p_value, significance))


def goal(value: float, wanted: float, good: Good) -> Goal:
    """How a figure of a period that is over, or of a day, stands to its goal."""
    return Goal(wanted, Outlook.REACHED if _reaches(value, wanted, good) else Outlook.MISSED)


def goal_at_pace(so_far: float, days: float, days_in_all: float, wanted: float, good: Good) -> Goal | None:
    """How a sum of the running period will stand to its goal, at the pace of its business days so far.

    Formula: so far x business days of the period / business days so far. None before the first business day is over.
    Source: metrics.md, trap 21.
    """
    if not days:
        return None
    expected = so_far * days_in_all / days
    return Goal(wanted, Outlook.WILL_REACH if _reaches(expected, wanted, good) else Outlook.WILL_MISS, expected)


def welcome(change: Change, good: Good) -> bool | None:
    """Whether a change is wanted; None where it is noise, not judged, or no way is better."""
    if good is Good.NEITHER or change.verdict not in {Verdict.HIGHER, Verdict.LOWER}:
        return None
    return (change.verdict is Verdict.HIGHER) == (good is Good.MORE)


def _reaches(value: float, wanted: float, good: Good) -> bool:
    return value <= wanted if good is Good.LESS else value >= wanted
