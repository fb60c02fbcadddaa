"""Whether two rates differ by more than noise, one pair or many at once."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from rules.intervals import Counts, Floats, rate, wilson

_FEWEST_EXPECTED = 5  # cases a cell must be expected to hold for the normal approximation


def difference(k1: Counts, n1: Counts, k2: Counts, n2: Counts, confidence: float = 0.95) -> pd.DataFrame:
    """The difference of two independent rates k1/n1 - k2/n2, with its interval and a two-sided test that it is 0.

    Grain: one row per pair of rates.
    Columns: difference, low, high (-1 to 1); p_value. All nan where either group is empty.
    Formula: Newcombe's hybrid score interval; Fisher's exact test where any cell is expected to hold fewer than five,
    the pooled normal (score) test elsewhere. (The two agree where cells are large, and Fisher's is slow there.)
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
            "low": gap - np.hypot(first - first_low, second_high - second),
            "high": gap + np.hypot(first_high - first, second - second_low),
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
    fewest = np.minimum(n1, n2) * np.minimum(pooled, 1 - pooled)
    for place in np.flatnonzero(possible & (fewest < _FEWEST_EXPECTED)):
        table = [[k1[place], n1[place] - k1[place]], [k2[place], n2[place] - k2[place]]]
        p[place] = stats.fisher_exact(np.array(table, dtype=np.int64)).pvalue
    return p
