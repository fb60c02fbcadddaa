"""Two groups held against each other within strata of members who are alike, and how alike they really are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from rules.intervals import Floats, normal_quantile, rate

UNLIKE = 0.1  # a standardised mean difference above which two groups are called unlike (Austin 2009)


@dataclass(frozen=True)
class Group:
    """One group by stratum: how many, and the sum and sum of squares of what is measured on each."""

    n: npt.ArrayLike
    total: npt.ArrayLike
    squared: npt.ArrayLike


@dataclass(frozen=True)
class Means:
    """Two groups' means with the first group's mix of strata; nan where no stratum is shared."""

    first: float
    second: float
    difference: float
    low: float
    high: float
    p_value: float
    matched_ratio: float  # share of the first group in strata where both have somebody


def matched_means(first: Group, second: Group, *, confidence: float) -> Means:
    """The difference of two groups' means among the like: exact matching on strata, weighted by the first group.

    Formula: over strata that both have, w_s = the first group's share of the stratum; difference = sum of w_s times the
    difference of the stratum's means; variance = sum w_s^2 (v1 / n1_s + v2 / n2_s), with v each group's variance within
    strata, pooled over them, for most strata are too small to tell their own. Normal interval and two-sided test.
    Source: metrics.md, trap 11; Imbens and Rubin 2015, chapter 9 (effect on the treated).
    """
    n1, n2 = _floats(first.n), _floats(second.n)
    both = (n1 > 0) & (n2 > 0)
    weight = rate(np.where(both, n1, 0), np.where(both, n1, 0).sum())
    means = [np.nan_to_num(rate(_floats(group.total), _floats(group.n))) for group in (first, second)]
    variances = [_within(group) for group in (first, second)]
    spread = rate(variances[0], n1) + rate(variances[1], n2)
    error = float(np.sqrt(np.sum(np.where(both, weight**2 * np.nan_to_num(spread), 0)))) if both.any() else np.nan
    totals = [float((weight * mean)[both].sum()) if both.any() else np.nan for mean in means]
    gap = totals[0] - totals[1]
    reach = normal_quantile(confidence) * error
    return Means(
        first=totals[0],
        second=totals[1],
        difference=gap,
        low=gap - reach,
        high=gap + reach,
        p_value=float(2 * stats.norm.sf(abs(gap) / error)) if error > 0 else np.nan,
        matched_ratio=float(rate(n1[both].sum(), n1.sum())),
    )


def standardised_difference(first: Group, second: Group, *, matched: bool) -> float:
    """How far two groups lie apart in something measured before: in standard deviations, with its sign.

    Formula: (mean of the first - mean of the second) / sqrt((v1 + v2) / 2), with the variances of the whole groups;
    matched: the means with the first group's mix of strata. nan where either group is empty or nothing varies.
    Source: Austin 2009, Stat Med 28:3083.
    """
    whole = [Group(*(np.array([_floats(part).sum()]) for part in (g.n, g.total, g.squared))) for g in (first, second)]
    spread = np.sqrt((_within(whole[0]) + _within(whole[1])) / 2)
    pair = (first, second) if matched else (whole[0], whole[1])
    gap = matched_means(*pair, confidence=0.95).difference
    return float(gap / spread) if spread > 0 else float("nan")


def balance(groups: Mapping[str, tuple[Group, Group]], *, matched: bool) -> pd.DataFrame:
    """How far two groups lie apart in each thing that was known of them before.

    Grain: one row per name that is known of both. Columns: covariate (the name), distance (`standardised_difference`),
    unlike (beyond UNLIKE).
    """
    found = {name: standardised_difference(*both, matched=matched) for name, both in groups.items()}
    rows = [(name, gap, abs(gap) > UNLIKE) for name, gap in found.items() if not math.isnan(gap)]
    return pd.DataFrame(rows, columns=["covariate", "distance", "unlike"])


def _within(group: Group) -> float:
    """The variance within strata, pooled; 0 where no stratum has two."""
    n, total, squared = _floats(group.n), _floats(group.total), _floats(group.squared)
    inside = np.clip(squared - np.nan_to_num(rate(total**2, n)), 0, None)
    free = np.clip(n - 1, 0, None).sum()
    return float(np.nan_to_num(rate(inside.sum(), free)))


def _floats(values: npt.ArrayLike) -> Floats:
    return np.asarray(values, dtype=float)
