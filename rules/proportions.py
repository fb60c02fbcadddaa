"""Whether two rates differ by more than noise, one pair or many at once."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from rules.intervals import Counts, Floats, rate, wilson

_FEWEST_EXPECTED = 5  # cases a cell must be expected to hold for the normal approximation
_TABLES_AT_ONCE = 256
_ROUNDING = 1e-7  # equally likely tables differ by less


def difference(k1: Counts, n1: Counts, k2: Counts, n2: Counts, confidence: float = 0.95) -> pd.DataFrame:
    """The difference of two independent rates k1/n1 - k2/n2, with its interval and a two-sided test that it is 0.

    Grain: one row per pair of rates.
    Columns: difference, low, high (-1 to 1); p_value. All nan where either group is empty.
    Formula: Newcombe's hybrid score interval; Fisher's exact test where any cell is expected to hold fewer than five,
    the pooled normal (score) test elsewhere. (Where cells are large the two agree.)
    Source: Newcombe 1998, Stat Med 17:873, method 10; metrics.md, "stands out" and trap 20.
    """
    arrays = [np.asarray(counts, dtype=float) for counts in (k1, n1, k2, n2)]
    a, m, b, n = (np.atleast_1d(array) for array in np.broadcast_arrays(*arrays))
    first, second = rate(a, m), rate(b, n)
    first_low, first_high = wilson(a, m, confidence)
    second_low, second_high = wilson(b, n, confidence)
    gap = first - second
    return pd.DataFrame(
        {
            "difference": gap,
            "low": np.maximum(gap - np.hypot(first - first_low, second_high - second), -1.0),
            "high": np.minimum(gap + np.hypot(first_high - first, second - second_low), 1.0),
            "p_value": _p_values(a, m, b, n),
        }
    )


def benjamini_hochberg(p_values: npt.ArrayLike) -> Floats:
    """The q-value of each of many tests: the false discovery rate at which it would just be called a discovery.

    Tests that were not possible (nan) stay nan and don't count among the many.
    Source: metrics.md, "stands out"; Benjamini and Hochberg 1995.
    """
    p = np.asarray(p_values, dtype=float)
    tested = ~np.isnan(p)
    q = np.full(p.shape, np.nan)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested], method="bh")
    return q


def _p_values(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Floats:
    possible = (n1 > 0) & (n2 > 0)
    pooled = rate(k1 + k2, n1 + n2)
    spread = np.sqrt(pooled * (1 - pooled) * (rate(1.0, n1) + rate(1.0, n2)))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(rate(k1, n1) - rate(k2, n2)) / spread
    p = np.where(possible, 2 * stats.norm.sf(z), np.nan)
    few = possible & (np.minimum(n1, n2) * np.minimum(pooled, 1 - pooled) < _FEWEST_EXPECTED)
    p[few] = _fisher(k1[few], n1[few], k2[few], n2[few])
    return p


def _fisher(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Floats:
    """Fisher's exact two-sided p-values, all at once: the tables as likely as the one seen, or less."""
    swap = n1 > n2
    k1, n1, k2, n2 = (np.where(swap, b, a) for a, b in ((k1, k2), (n1, n2), (k2, k1), (n2, n1)))
    flip = 2 * (k1 + k2) > n1 + n2
    k1, k2 = np.where(flip, n1 - k1, k1), np.where(flip, n2 - k2, k2)
    p = np.empty(k1.shape)
    for rows in np.array_split(np.argsort(k1), len(k1) // _TABLES_AT_ONCE + 1):
        # Fewer than five are expected: past a hundred, each case more is twenty times less likely than the one before.
        x = np.arange(k1[rows].max(initial=0) + 20 * _FEWEST_EXPECTED)
        m, n, cases = (a[rows, None] for a in (n1, n2, k1 + k2))
        ratios = np.clip(cases - x, 0, None) * np.clip(m - x, 0, None) / ((x + 1) * np.clip(n - cases + x + 1, 1, None))
        with np.errstate(divide="ignore"):
            logs = np.cumsum(np.log(ratios), axis=1)
        likely = np.exp(np.hstack([np.zeros((len(rows), 1)), logs]) - np.maximum(logs.max(axis=1, keepdims=True), 0.0))
        seen = np.take_along_axis(likely, k1[rows, None].astype(int), axis=1)
        p[rows] = np.where(likely <= seen * (1 + _ROUNDING), likely, 0.0).sum(axis=1) / likely.sum(axis=1)
    return np.minimum(p, 1.0)
