"""Whether the people whom a score sees have moved: month by month, and of the newest days against the year before."""

from datetime import date

import numpy as np
import pandas as pd

from rules.monitoring import population_stability


def by_month(months: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """How far each month's scored people are from those of the reference.

    months: one model's rows of `queries.scores.by_month`; reference: of `queries.attention.scores`, those that are not
    recent. Grain: one row per month, rising. Columns: month; scored, reference (count); psi, null_mean, p_value.
    Formula: `rules.monitoring.population_stability` over the bands that either has anybody in.
    Source: metrics.md, "population stability".
    """
    bands = sorted({*months["band"], *reference["band"]})
    expected = reference.groupby("band")["scored"].sum().reindex(bands, fill_value=0).to_numpy(float)
    n = int(expected.sum())
    rows = []
    for month, held in months.groupby("month"):
        actual = held.groupby("band")["scored"].sum().reindex(bands, fill_value=0).to_numpy(float)
        m = int(actual.sum())
        found = population_stability(expected / max(n, 1), actual / max(m, 1), n, m)
        rows.append((month, m, n, found.psi, found.null_mean, found.p_value))
    return pd.DataFrame(rows, columns=["month", "scored", "reference", "psi", "null_mean", "p_value"])


def bands(scores: pd.DataFrame) -> pd.DataFrame:
    """How the bands are filled: before, and by the newest.

    scores: one model's rows of `queries.attention.scores`. Grain: one row per band that either has anybody in.
    Columns: band; expected, actual (share of each, 0-1; nan without anybody); expected_scored, actual_scored (count);
    index (what the band adds to the population stability index).
    """
    counted = scores.pivot_table(index="band", columns="recent", values="scored", aggfunc="sum", fill_value=0)
    counted = counted.reindex(columns=[False, True], fill_value=0)
    expected, actual = (counted[recent].to_numpy(float) for recent in (False, True))
    n, m = max(expected.sum(), 1.0), max(actual.sum(), 1.0)
    # an empty band counts as half a case, as in `population_stability`
    e, a = np.where(expected > 0, expected, 0.5) / n, np.where(actual > 0, actual, 0.5) / m
    return pd.DataFrame(
        {
            "band": counted.index,
            "expected": expected / n,
            "actual": actual / m,
            "expected_scored": expected.astype(np.int64),
            "actual_scored": actual.astype(np.int64),
            "index": (a - e) * np.log(a / e),
        }
    ).reset_index(drop=True)


def shifted(found: pd.DataFrame, threshold: float, significance: float, before: date) -> pd.DataFrame:
    """The whole months of `by_month` that are over the threshold, and by more than chance for so many looked at.

    before: months from this day on are not over yet.
    """
    whole = found.loc[found["month"] < pd.Timestamp(before)]
    tested = max(1, len(whole))
    return whole.loc[(whole["psi"] > threshold) & (whole["p_value"] * tested <= significance)]
