"""Intervals of a rate: what the counts allow it to be."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Floats = npt.NDArray[np.float64]
Counts = npt.ArrayLike


def rate(k: Counts, n: Counts) -> Floats:
    """The share k / n, nan where n is 0."""
    counted, whole = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    shares: Floats = np.divide(counted, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return shares


def wilson(k: Counts, n: Counts, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval of k of n; lower and upper end, nan where n is 0.

    Source: metrics.md, "rate interval"; Wilson 1927, Newcombe 1998.
    """
    return _interval(k, n, confidence, "wilson")


def jeffreys(k: Counts, n: Counts, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Jeffreys' equal-tailed interval of k of n; lower and upper end, nan where n is 0.

    Source: metrics.md, "KS, Gini, calibration"; Brown, Cai, DasGupta 2001.
    """
    return _interval(k, n, confidence, "jeffreys")


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches to each side."""
    return float(stats.norm.ppf((1 + confidence) / 2))


def _interval(k: Counts, n: Counts, confidence: float, method: str) -> tuple[Floats, Floats]:
    counted, whole = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    some = whole > 0
    ends: Any = proportion_confint(counted[some], whole[some], alpha=1 - confidence, method=method)
    low, high = np.full(whole.shape, np.nan), np.full(whole.shape, np.nan)
    low[some], high[some] = np.clip(ends[0], 0, 1), np.clip(ends[1], 0, 1)
    return low, high
