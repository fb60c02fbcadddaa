"""The newest month's rate against the months before it: whether it has moved by more than months do anyway."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from rules.default_rates import Verdict, verdict
from rules.intervals import Counts, normal_quantile, rate
from rules.proportions import difference


@dataclass(frozen=True)
class Movement:
    """A rate against the months before; nan where there is nothing to divide by or to compare with."""

    rate: float
    before_rate: float  # of all months before together
    months: int  # how many of them had anybody
    difference: float
    low: float
    high: float
    p_value: float
    verdict: Verdict


def movement(k: int, n: int, before_k: Counts, before_n: Counts, significance: float) -> Movement:
    """The rate k of n against the same rate in the months before, judged by how much those months differ themselves.

    Formula: the months before are summed, not averaged. The two-sided test of two proportions (`difference`), and where
    the months before differ among themselves by more than chance would let them (Pearson's chi-squared over its degrees
    of freedom above 1), also the t test with the variance raised by as much; the larger p counts, and the interval is
    widened alike. Months of one loan are not independent and months have seasons: this is what allows for it.
    Source: metrics.md, traps 19 and 20; McCullagh and Nelder 1989, section 4.5 (over-dispersion).
    """
    earlier_k, earlier_n = np.asarray(before_k, dtype=float), np.asarray(before_n, dtype=float)
    held = earlier_n > 0
    all_k, all_n = earlier_k[held].sum(), earlier_n[held].sum()
    plain = difference(k, n, all_k, all_n, 1 - significance).iloc[0]
    gap, p_value, widened = float(plain["difference"]), float(plain["p_value"]), 1.0
    freedom = int(held.sum()) - 1
    spread = _spread(earlier_k[held], earlier_n[held])
    if spread > 1:
        pooled = (k + all_k) / (n + all_n)
        error = np.sqrt(spread * pooled * (1 - pooled) * (rate(1.0, n) + rate(1.0, all_n)))
        p_value = max(p_value, float(2 * stats.t.sf(abs(gap) / error, freedom)))
        reach = float(stats.t.ppf(1 - significance / 2, freedom)) / normal_quantile(1 - significance)
        widened = float(np.sqrt(spread)) * reach
    return Movement(
        rate=float(rate(k, n)),
        before_rate=float(rate(all_k, all_n)),
        months=int(held.sum()),
        difference=gap,
        low=gap - (gap - float(plain["low"])) * widened,
        high=gap + (float(plain["high"]) - gap) * widened,
        p_value=p_value,
        verdict=verdict(gap, p_value, significance),
    )


def _spread(k: np.ndarray, n: np.ndarray) -> float:
    """Pearson's chi-squared of the months' rates being one, over its degrees of freedom; 1 where it can't be told."""
    pooled = float(rate(k.sum(), n.sum()))
    if len(k) < 2 or not 0 < pooled < 1:
        return 1.0
    return float((((k - n * pooled) ** 2) / (n * pooled * (1 - pooled))).sum() / (len(k) - 1))
