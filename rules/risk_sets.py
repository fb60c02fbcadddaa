"""Something done to people on different days, compared day by day with like people to whom it was not done yet."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from rules.intervals import Floats, normal_quantile, rate
from rules.standardise import Standardised, standardise


@dataclass(frozen=True)
class DayByDay:
    """Those treated beside those who waited."""

    equal: Standardised  # common_ratio: the share of the treated on days on which like ones waited
    late: int  # of the people who waited on one of these days, each once
    held: int


def risk_sets(counts: pd.DataFrame) -> pd.DataFrame:
    """Those treated on a day, and those who could have been and were not yet.

    counts: by stratum (its index, of any levels) and last of all days_before: treated, of those treated on that day;
    held, of those never treated, at the last day on which they could have been. Days count down to 0.
    Grain: one row per stratum and each days_before from 0 to the highest. Columns: treated, held: everybody of the
    stratum who could still be treated when the day began and was not on it, those treated on a later day among them.
    Formula: the sum of held up to days_before, and of treated below it.
    """
    *strata, day = map(str, counts.index.names)
    days = range(int(counts.index.get_level_values(day).max()) + 1)
    wide = {part: counts[part].groupby([*strata, day]).sum().unstack(day).reindex(columns=days) for part in counts}
    treated, held = (wide[part].fillna(0) for part in ("treated", "held"))
    later = treated.cumsum(axis=1) - treated
    waiting = held.cumsum(axis=1) + later
    return pd.DataFrame({"treated": treated.stack(), "held": waiting.stack()})


def day_by_day(late: pd.DataFrame, of: pd.DataFrame, *, confidence: float) -> DayByDay:
    """The rate of those treated beside that of like people who were not treated yet when the same day began.

    late, of: both as `risk_sets` wants them, of the same strata and days: what is counted, and out of how many.
    Formula: over strata and days in which both have somebody, with the mix of the treated: `standardise`. A person
    waits on several days, so the days' rates are not independent: of two days of a stratum the later one's people are
    all among the earlier one's, so their rates' covariance is v_later / n_earlier. That some of those who wait are
    treated later would make the interval narrower; that is left out. v, normal interval and test as in `standardise`.
    Excludes: treated people in whose stratum nobody waited on that day, and days on which nobody was treated.
    Source: metrics.md, trap 11; Li, Propert and Rosenbaum 2001; Hernan and Robins 2016 (sequential trials).
    """
    k, n = risk_sets(late), risk_sets(of).astype(float)
    equal = standardise(k["treated"], n["treated"], k["held"], n["held"], mix=n["treated"], confidence=confidence)
    shared = (n["treated"] > 0) & (n["held"] > 0)
    counted, waited = (part["held"].where(shared, 0).groupby(level=part.index.names[:-1]).max() for part in (k, n))
    if not shared.any():
        return DayByDay(equal, 0, 0)
    weight = (n["treated"].where(shared, 0) / n.loc[shared, "treated"].sum()).unstack()
    held = n["held"].unstack()
    spread = weight * _variance(k["held"].unstack(), held)
    later = spread.cumsum(axis=1) - spread
    between = 2 * np.nansum(weight * later / held.where(held > 0))
    error = math.sqrt(equal.standard_error**2 + float(between))
    reach, gap = normal_quantile(confidence) * error, equal.difference
    equal = replace(
        equal,
        standard_error=error,
        low=gap - reach,
        high=gap + reach,
        p_value=float(2 * stats.norm.sf(abs(gap) / error)),
        common_ratio=float(rate(n.loc[shared, "treated"].sum(), n["treated"].sum())),
    )
    return DayByDay(equal, int(counted.sum()), int(waited.sum()))


def _variance(k: pd.DataFrame, n: pd.DataFrame) -> pd.DataFrame:
    """Of one person's outcome in a cell, as `standardise` takes it."""
    p: Floats = ((k + 0.5) / (n + 1)).to_numpy()
    return pd.DataFrame(p * (1 - p), index=n.index, columns=n.columns)
