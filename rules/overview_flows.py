"""Key figures of what happens on days: sums of whole months, like for like, and yesterday against days like it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules import calendar, kpi, like_for_like
from rules.goals import Goals
from rules.kpi import Good, Kpi
from rules.like_for_like import Months
from rules.working_time import WorkingHours

LIKE_DAYS = 8  # the newest days of its kind that yesterday is held against


@dataclass(frozen=True)
class Looked:
    """By what all key figures are formed: the months, the day, working days, how sure one has to be, goals."""

    months: Months
    as_of: date
    hours: WorkingHours
    significance: float
    thin: int
    goals: Goals


def flow(code: str, days: pd.DataFrame, value: str, looked: Looked, *, good: Good, metric: str, unit: float = 1) -> Kpi:
    """What happened in the months looked at, and how it stands to the same number of business days before.

    days: one row per day with `day` and the value. metric: by which goals name it; unit: of the value in the goal's
    (100 for fen). Formula: the change is that of the value per business day (`like_for_like.per_business_day`), judged
    by how such changes differ anyway (`kpi.judged`). Of a running period with a goal: what it comes to at this pace.
    """
    summed = like_for_like.by_month(days, value, looked.months)
    if summed.empty:
        return Kpi(code, float("nan"))
    length, lag = looked.months.length, looked.months.lag
    pace = like_for_like.pace(days, value, looked.hours)
    each = like_for_like.per_business_day(summed, length, pace)
    change = kpi.judged(each.tolist(), lag=lag, relative=True, significance=looked.significance)
    total, series = float(summed.iloc[-length:].sum()), like_for_like.padded(summed.to_list(), kpi.MONTHS)
    running = looked.goals.running(metric, looked.as_of)
    if running is None or running.first is None or running.last is None:
        wanted = looked.goals.of_period(metric, looked.months.first, looked.months.last)
        goal = None if wanted is None else kpi.goal(total, wanted.value * unit, good)
    else:
        within = days.loc[(days["day"] >= pd.Timestamp(running.first)) & (days["day"] <= pd.Timestamp(looked.as_of))]
        passed, whole = pace.days(running.first, looked.as_of), pace.days(running.first, running.last)
        goal = kpi.goal_at_pace(float(within[value].sum()), passed, whole, running.value * unit, good)
    return Kpi(code, total, change, series, goal)


def yesterday(code: str, days: pd.DataFrame, value: str, looked: Looked) -> Kpi:
    """What happened on the last closed day, against the newest days of its kind: working days, or days off.

    Columns, formula: as `flow`; `kpi.one_more`. A day on which nothing happened counts as 0.
    """
    by_day = days.set_index("day")[value].astype("float64")
    every = pd.date_range(looked.as_of - pd.Timedelta(days=LIKE_DAYS * 7), looked.as_of)
    known = by_day.reindex(every, fill_value=0.0)
    works = looked.hours.is_working_day(looked.as_of)
    like = [float(known[day]) for day in every[:-1] if looked.hours.is_working_day(day.date()) == works][-LIKE_DAYS:]
    series = [float(each) for each in known.to_list()[-31:]]
    change = kpi.one_more(float(known.iloc[-1]), like, significance=looked.significance)
    return Kpi(code, float(known.iloc[-1]), change, tuple(series))


def at_month_ends(
    code: str, values: "pd.Series[float]", looked: Looked, *, relative: bool, good: Good, metric: str, unit: float = 1
) -> Kpi:
    """A figure of month ends, against the month end that is compared to.

    values: index month ends. Formula: `kpi.judged`.
    """
    series = like_for_like.of_months(values, looked.months, like_for_like.HISTORY_MONTHS)
    if not series or np.isnan(series[-1]):
        return Kpi(code, float("nan"))
    change = kpi.judged(series, lag=looked.months.lag, relative=relative, significance=looked.significance)
    wanted = looked.goals.newest(metric, looked.as_of)
    goal = None if wanted is None else kpi.goal(series[-1], wanted.value * unit, good)
    return Kpi(code, series[-1], change, like_for_like.padded(series, kpi.MONTHS), goal)


def month_end(first: pd.Timestamp) -> pd.Timestamp:
    """The last day of a month that is given by its first."""
    return pd.Timestamp(calendar.last_of_month(first.date()))
