"""Working time between many pairs of instants at once."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from rules.intervals import Floats
from rules.working_time import WorkingHours

_ZONE = np.timedelta64(8, "h")  # Asia/Shanghai, without summer time since 1991
_DAY = np.timedelta64(1, "D")
_SECOND = np.timedelta64(1, "s")


def seconds(hours: WorkingHours, first: "pd.Series[pd.Timestamp]", last: "pd.Series[pd.Timestamp]") -> Floats:
    """The working seconds from each first instant to its last, both UTC without a zone; nan where either is missing.

    Negative where the last is earlier, as `WorkingHours.between`.
    """
    ends = [pd.Series(each).to_numpy(dtype="datetime64[s]") + _ZONE for each in (first, last)]
    known = ~(np.isnat(ends[0]) | np.isnat(ends[1]))
    spent: Floats = np.full(known.shape, np.nan)
    if not known.any():
        return spent
    starts, stops = ends[0][known], ends[1][known]
    day = min(starts.min(), stops.min()).astype("datetime64[D]")
    days = int((max(starts.max(), stops.max()).astype("datetime64[D]") - day) / _DAY) + 1
    opens, length = _seconds_of_day(hours)
    worked = np.array([length * hours.is_working_day(_date(day) + timedelta(days=each)) for each in range(days)])
    before = np.concatenate([[0], np.cumsum(worked)[:-1]])

    def passed(at: np.ndarray) -> Floats:
        place = ((at.astype("datetime64[D]") - day) / _DAY).astype(int)
        of_day = (at - at.astype("datetime64[D]")) / _SECOND
        so_far: Floats = before[place] + np.minimum(np.clip(of_day - opens, 0, length), worked[place])
        return so_far

    spent[known] = passed(stops) - passed(starts)
    return spent


def _seconds_of_day(hours: WorkingHours) -> tuple[int, int]:
    """When a working day opens, and how long it is."""
    opens, closes = (at.hour * 3600 + at.minute * 60 + at.second for at in (hours.starts_at, hours.ends_at))
    return opens, closes - opens


def _date(day: np.datetime64) -> date:
    found: date = day.astype(object)
    return found
