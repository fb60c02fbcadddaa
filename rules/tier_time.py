"""How long members stay on a tier, those who are still there counted for as long as they have been seen."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rules.intervals import normal_quantile
from rules.survival import at_risk, band, kaplan_meier, median_interval, median_time, restricted_mean

STEP_DAYS = 30  # between the points at which a curve is read


def curves(stays: pd.DataFrame, *, thin_stays: int, confidence: float) -> pd.DataFrame:
    """The share of stays on each tier that still goes on after so many days.

    stays: `queries.migration.stays`.
    Grain: one row per tier and multiple of STEP_DAYS from 0 on, as far as enough stays have been seen. Columns: tier,
    days; at_risk (stays that have lasted so long and been seen so long); staying, low, high (0-1).
    Formula: Kaplan and Meier over days, read every STEP_DAYS; band `rules.survival.band`.
    Source: metrics.md, trap 1; vector "km_leukemia_6mp".
    """
    found = []
    for tier in _tiers(stays):
        days, followed, ended = _counted(stays, tier)
        staying = kaplan_meier(followed, ended)
        low, high = band(followed, ended, confidence)
        last = _last_trusted(followed, thin_stays)
        places = np.arange(0, last + 1, STEP_DAYS)
        found.append(
            pd.DataFrame(
                {
                    "tier": tier,
                    "days": days[places],
                    "at_risk": followed[places],
                    "staying": staying[places],
                    "low": low[places],
                    "high": high[places],
                }
            )
        )
    columns = ["tier", "days", "at_risk", "staying", "low", "high"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def summary(stays: pd.DataFrame, *, thin_stays: int, confidence: float) -> pd.DataFrame:
    """How long members stay on each tier: the median, and the mean within one horizon.

    Grain: one row per tier, in their order. Columns: tier; stays, ended (count); median_days, median_low, median_high
    (nan where not so many have ended); mean_days, mean_low, mean_high: of the first horizon_days alone, which are the
    same for every tier that is not thin: the longest for which each of them has enough stays; thin.
    Formula: median: first day with no more than half left. Mean: `rules.survival.restricted_mean`; an unrestricted mean
    is not known while stays go on.
    """
    tiers = _tiers(stays)
    counted = {tier: _counted(stays, tier) for tier in tiers}
    reach = {tier: _last_trusted(followed, thin_stays) for tier, (_days, followed, _ended) in counted.items()}
    trusted = [days for tier, days in reach.items() if counted[tier][1][0] >= thin_stays]
    horizon = min(trusted, default=0)
    found = []
    for tier in tiers:
        days, followed, ended = counted[tier]
        low, high = median_interval(days, followed, ended, confidence)
        mean, error = restricted_mean(followed, ended, horizon)
        reached = normal_quantile(confidence) * error
        found.append(
            {
                "tier": tier,
                "stays": int(followed[0]),
                "ended": int(ended.sum()),
                "median_days": median_time(days, kaplan_meier(followed, ended)),
                "median_low": low,
                "median_high": high,
                "mean_days": mean,
                "mean_low": max(0.0, mean - reached),
                "mean_high": min(float(horizon), mean + reached),
                "horizon_days": horizon,
                "thin": bool(followed[0] < thin_stays),
            }
        )
    return pd.DataFrame(found)


def _tiers(stays: pd.DataFrame) -> Sequence[str]:
    return list(dict.fromkeys(stays["tier"]))


def _counted(stays: pd.DataFrame, tier: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every day from 0 to the last, how many stays are followed on it and how many end."""
    rows = stays.loc[stays["tier"] == tier]
    length = int(rows["days"].max()) + 1
    ended, going = (
        np.bincount(part["days"], part["stays"], length).astype(np.int64)
        for part in (rows.loc[rows["ended"]], rows.loc[~rows["ended"]])
    )
    return np.arange(length), at_risk(ended, going), ended


def _last_trusted(followed: np.ndarray, thin_stays: int) -> int:
    """The last day on which enough stays are followed; 0 where there never are."""
    return int(max(0, (followed >= thin_stays).sum() - 1))
