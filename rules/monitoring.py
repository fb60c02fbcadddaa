"""Whether a score still sees the people it was made for, and still tells the good from the bad."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

_HALF_A_CASE = 0.5


@dataclass(frozen=True)
class Stability:
    """How far a population has moved over fixed bands, beside how far chance alone would move it."""

    psi: float
    null_mean: float  # what two samples of one and the same population would show on average
    p_value: float  # of a shift this large by chance


@dataclass(frozen=True)
class Discrimination:
    """How well a score ranks; nan where everybody or nobody has defaulted."""

    auc: float
    gini: float
    ks: float


def population_stability(expected: npt.ArrayLike, actual: npt.ArrayLike, n: int, m: int) -> Stability:
    """The population stability index of n people expected and m seen, both as shares over the same bands.

    Formula: sum (a - e) ln(a / e); an empty band counts as half a case of its side. Null mean (B - 1)(1/n + 1/m), and
    psi / (1/n + 1/m) is chi-squared with B - 1 degrees of freedom where nothing has moved. B counts the bands that
    either side has somebody in.
    Source: metrics.md, "population stability"; Yurdakul 2018; vector "psi".
    """
    e, a = np.asarray(expected, dtype=float), np.asarray(actual, dtype=float)
    held = (e > 0) | (a > 0)
    if n <= 0 or m <= 0 or not held.any():
        return Stability(float("nan"), float("nan"), float("nan"))
    e = np.where(e[held] > 0, e[held], _HALF_A_CASE / n)
    a = np.where(a[held] > 0, a[held], _HALF_A_CASE / m)
    psi, chance, bands = float(((a - e) * np.log(a / e)).sum()), 1 / n + 1 / m, len(e)
    p_value = float(stats.chi2.sf(psi / chance, bands - 1)) if bands > 1 else float("nan")
    return Stability(psi, (bands - 1) * chance, p_value)


def discrimination(
    defaulted: npt.ArrayLike, score: npt.ArrayLike, people: npt.ArrayLike | None = None
) -> Discrimination:
    """How well a score tells those who defaulted from those who did not; higher scores are meant to default more.

    defaulted: 1 or 0, or how many of so many people with that score. Of a score that falls with risk give the negative.
    Formula: AUC is the share of pairs of one of each in which the defaulted has the higher score, ties for half; Gini
    = 2 AUC - 1; KS = the greatest distance between the two cumulative distributions, read between different scores.
    Source: metrics.md, "KS, Gini, calibration"; vector "auc_ks".
    """
    bad, scores = np.asarray(defaulted, dtype=float), np.asarray(score, dtype=float)
    good = (np.ones(bad.shape) if people is None else np.asarray(people, dtype=float)) - bad
    values, place = np.unique(scores, return_inverse=True)
    bads, goods = (np.bincount(place, weights=counts, minlength=len(values)) for counts in (bad, good))
    if bads.sum() <= 0 or goods.sum() <= 0:
        return Discrimination(float("nan"), float("nan"), float("nan"))
    below = goods.cumsum() - goods
    auc = float((bads * (below + goods / 2)).sum() / (bads.sum() * goods.sum()))
    apart = np.abs(bads.cumsum() / bads.sum() - goods.cumsum() / goods.sum())
    return Discrimination(auc, 2 * auc - 1, float(apart.max()))
