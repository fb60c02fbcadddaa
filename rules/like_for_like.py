"""Which months are held against which, so that only whole ones with the same number of business days are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from rules import calendar
from rules.filters import Comparison, Filters, Period
from rules.intervals import Floats, rate
from rules.working_time import WorkingHours

HISTORY_MONTHS = 60  # that changes are judged by, at most


@dataclass(frozen=True)
class Months:
    """Whole months that are looked at, and how far before them lie those that they are held against."""

    first: date  # first day of the first month
    last: date  # last day of the last month
    lag: int  # months from one to the other; 0: nothing is compared

    @property
    def length(self) -> int:
        """How many months are looked at."""
        return calendar.months_between(self.first, self.last) + 1

    @property
    def before(self) -> tuple[date, date] | None:
        """The first and the last day of the months that they are held against."""
        if not self.lag:
            return None
        first = calendar.add_months(self.first, -self.lag)
        return first, calendar.last_of_month(calendar.add_months(first, self.length - 1))


def months(filters: Filters, as_of: date) -> Months:
    """The newest whole month; where the filters choose months, those of them that are over.

    Source: metrics.md, trap 21.
    """
    newest = calendar.newest_month_end(as_of)
    first, last = calendar.first_of_month(newest), newest
    if filters.period is Period.CUSTOM:
        asked = filters.chosen_months()
        last = min(newest, asked.last or newest)
        first = min(calendar.first_of_month(last), asked.first or calendar.first_of_month(last))
    length = calendar.months_between(first, last) + 1
    lag = {Comparison.PREVIOUS: length, Comparison.YEAR_EARLIER: 12, Comparison.NONE: 0}[filters.compare_to]
    return Months(first, last, lag)


def oldest(looked_at: Months) -> date:
    """The first day of the first month that is needed: those shown, and those that changes are judged by."""
    return calendar.add_months(calendar.first_of_month(looked_at.last), 1 - HISTORY_MONTHS)


@lru_cache(maxsize=2048)
def business_days(first: date, last: date, hours: WorkingHours) -> int:
    """How many days from one to the other, both counted, people work."""
    return sum(working_days(first, last, hours))


@lru_cache(maxsize=256)
def working_days(first: date, last: date, hours: WorkingHours) -> tuple[bool, ...]:
    """Of each day from one to the other, both counted, whether people work."""
    return tuple(hours.is_working_day(calendar.add_days(first, day)) for day in range((last - first).days + 1))


def by_month(days: pd.DataFrame, value: str, looked_at: Months) -> "pd.Series[float]":
    """Sums of days by month, from the first month with any to the last one looked at; a month without any is 0.

    days: day, and the value. Index: the first day of each month.
    """
    newest = pd.Timestamp(calendar.first_of_month(looked_at.last))
    starts = days["day"].dt.to_period("M").dt.to_timestamp()
    summed = days.groupby(starts)[value].sum()
    summed = summed.loc[summed.index <= newest]
    if summed.empty:
        return pd.Series(dtype="float64")
    return summed.reindex(pd.date_range(summed.index.min(), newest, freq="MS"), fill_value=0).astype("float64")


@dataclass(frozen=True)
class Pace:
    """What a day off brings, as a share of what a business day does; 0 where nothing happens on days off."""

    day_off: float
    hours: WorkingHours

    def days(self, first: date, last: date) -> float:
        """How many business days' worth the days from one to the other are, both counted."""
        works = business_days(first, last, self.hours)
        return works + self.day_off * ((last - first).days + 1 - works)


def pace(days: pd.DataFrame, value: str, hours: WorkingHours) -> Pace:
    """How days off compare with business days, by all days from the first to the last.

    days: one row per day with anything, with `day` and the value. Formula: mean of days off / mean of business days,
    a day that is missing is 0; at most 1.
    """
    every = days.set_index("day")[value].astype("float64")
    every = every.reindex(pd.date_range(every.index.min(), every.index.max()), fill_value=0.0)
    works = np.array(working_days(every.index[0].date(), every.index[-1].date(), hours))
    if not works.any() or works.all() or not every[works].mean() > 0:
        return Pace(0.0, hours)
    return Pace(min(1.0, float(every[~works].mean() / every[works].mean())), hours)


def per_business_day(summed: "pd.Series[float]", length: int, by: Pace) -> Floats:
    """Sums of so many months in a row over their business days, one for each month that ends such a row.

    Formula: sum of the months' values / business days' worth of them (`Pace.days`): a month with a long holiday is held
    against one without by what a business day brings, a day off counting for what days off bring.
    Source: metrics.md, trap 21.
    """
    if len(summed) < length:
        return np.array([], dtype=float)
    counted = [by.days(start.date(), calendar.last_of_month(start.date())) for start in summed.index]
    window = np.ones(length)
    return rate(np.convolve(summed.to_numpy(float), window, "valid"), np.convolve(counted, window, "valid"))


def of_months(values: "pd.Series[float]", looked_at: Months, history: int) -> list[float]:
    """The values of month ends up to the last one looked at, so many at most, nan where one is missing.

    values: index month ends. Reaches back no further than the first value that is there.
    """
    known = values.dropna()
    if known.empty:
        return []
    first = known.index.min()
    ends = [pd.Timestamp(calendar.last_of_month(calendar.add_months(looked_at.last, -back))) for back in range(history)]
    return [float(values.get(end, np.nan)) for end in reversed(ends) if end >= first]


def padded(values: Sequence[float], length: int) -> tuple[float, ...]:
    """The newest values of a series, as many as there are up to a length."""
    return tuple(float(each) for each in values[-length:])
