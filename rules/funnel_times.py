"""How long the steps of the tier funnel take, for those who take them within the window."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.funnel_steps import HOUR, Windows
from rules.intervals import Floats
from rules.kept import worked_out_once
from rules.survival import at_risk, kaplan_meier

MINUTE, DAY = 60, 24 * HOUR
# Times are put into bins: minutes in the first hour, hours in the first three days, then days.
MINUTES_UNTIL, HOURS_UNTIL = HOUR, 3 * DAY
_HOURS_FROM = MINUTES_UNTIL // MINUTE  # the first bin of an hour
_DAYS_FROM = _HOURS_FROM + HOURS_UNTIL // HOUR - 1  # the first bin of a day
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def ends(bins: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The last second of each bin."""
    place = np.asarray(bins, dtype=np.int64)
    hours = (place - _HOURS_FROM + 2) * HOUR
    days = (place - _DAYS_FROM + HOURS_UNTIL // DAY + 1) * DAY
    found: npt.NDArray[np.int64] = np.select(
        [place < _HOURS_FROM, place < _DAYS_FROM], [(place + 1) * MINUTE, hours], days
    )
    return found


def curve(parts: pd.DataFrame) -> pd.DataFrame:
    """The share that has taken one step after each time, those who have not been observed so long censored.

    parts: bin, taken, members: the rows of one step of `queries.funnel.times`.
    Grain: one row per bin that occurs, in order. Columns: seconds (the bin's end), at_risk, taken (count), share (0-1).
    Formula: 1 - S of Kaplan and Meier; at a tie the censored are still at risk.
    Source: metrics.md, "Membership"; vector "km_leukemia_6mp".
    """
    wide = parts.pivot_table(index="bin", columns="taken", values="members", aggfunc="sum", fill_value=0)
    left, censored = (wide.get(which, pd.Series(0, index=wide.index)).to_numpy(dtype=np.int64) for which in (1, 0))
    followed = at_risk(left, censored)
    return pd.DataFrame(
        {
            "seconds": ends(wide.index.to_numpy()),
            "at_risk": followed,
            "taken": left,
            "share": 1 - kaplan_meier(followed, left),
        }
    )


@worked_out_once
def durations(parts: pd.DataFrame, steps: Sequence[str], windows: Windows) -> pd.DataFrame:
    """How long each step takes those who take it within its window.

    parts: step, bin, taken (0 or 1), members, seconds: of `queries.funnel.times`.
    Grain: one row per step after the first, in order.
    Columns: step, entered, taken (count); share: of those who entered, who take it within the window, the censored
    reckoned with; q10, q25, q50, q75, q90: seconds within which so many of those who take it have done so (nan where
    nobody does); mean_seconds of those seen to take it; window (seconds).
    Formula: quantile q is the first time at which the curve reaches q times its value at the end of the window, read
    at the end of its bin, at most the window.
    Source: metrics.md, "Membership"; trap 1.
    """
    rows = []
    for code in steps[1:]:
        part = parts.loc[parts["step"] == code]
        window = windows.seconds_of(code)
        found = curve(part)
        share = float(found["share"].iloc[-1]) if len(found) else float("nan")
        taken = part.loc[part["taken"] == 1]
        seen = int(taken["members"].sum())
        rows.append(
            {
                "step": code,
                "entered": int(part["members"].sum()),
                "taken": seen,
                "share": share,
                **{f"q{round(q * 100)}": _quantile(found, q * share, window) for q in QUANTILES},
                "mean_seconds": int(taken["seconds"].sum()) / seen if seen else float("nan"),
                "window": window,
            }
        )
    return pd.DataFrame(rows)


def _quantile(found: pd.DataFrame, share: float, window: int) -> float:
    shares: Floats = found["share"].to_numpy(dtype=float)
    if not share > 0:  # nan where nobody entered
        return float("nan")
    reached = np.flatnonzero(shares >= share - 1e-12)
    return float(min(found["seconds"].iloc[reached[0]], window))
