"""How long a decision takes, in working time, cases that still wait counted for as long as they have waited."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rules.survival import at_risk, kaplan_meier, median_interval

QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)


def quantiles(cases: Mapping[str, pd.DataFrame], confidence: float) -> pd.DataFrame:
    """How long until decided, of several groups of cases.

    cases: by group one row per case with took_s (working seconds outside of pauses so far) and decided (else it waits
    still, or was withdrawn or closed, and is followed until then).
    Grain: one row per group. Columns: group; cases, decided (count); q10, q25, q50, q75, q90 (seconds, nan where fewer
    are decided); q50_low, q50_high.
    Formula: Kaplan and Meier: the first time by which the share decided reaches the quantile; the median's interval by
    Brookmeyer and Crowley.
    Source: metrics.md, trap 1; `rules.survival`.
    """
    found = []
    for group, rows in cases.items():
        times, followed, decided = _counted(rows)
        left = kaplan_meier(followed, decided)
        low, high = median_interval(times, followed, decided, confidence) if len(times) else (np.nan, np.nan)
        found.append(
            {
                "group": group,
                "cases": len(rows),
                "decided": int(rows["decided"].sum()),
                **{f"q{round(q * 100)}": _first(times, left, 1 - q) for q in QUANTILES},
                "q50_low": low,
                "q50_high": high,
            }
        )
    return pd.DataFrame(found)


def _counted(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in rising order; how many cases were followed to each, and how many decided at it."""
    times, place = np.unique(rows["took_s"].to_numpy(float), return_inverse=True)
    decided = rows["decided"].to_numpy(bool)
    events = np.bincount(place[decided], minlength=len(times))
    censored = np.bincount(place[~decided], minlength=len(times))
    return times, at_risk(events, censored), events


def _first(times: np.ndarray, left: np.ndarray, share: float) -> float:
    """The first time after which no more than a share is left; nan where more stay."""
    reached = np.flatnonzero(left <= share + 1e-12)
    return float(times[reached[0]]) if len(reached) else float("nan")
