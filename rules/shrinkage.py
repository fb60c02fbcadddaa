"""Empirical Bayes for means of few: each is drawn towards the mean of all, the more the fewer stand behind it."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.intervals import Counts, Floats, normal_quantile, rate


@dataclass(frozen=True)
class Prior:
    """What is known of a group before anything is known of its own members; nan without groups."""

    mean: float
    within: float  # variance of the members of one group
    between: float  # variance of the groups' own means


@dataclass(frozen=True)
class Shrunk:
    """The mean of each group as it is to be taken, with its interval."""

    mean: Floats
    low: Floats
    high: Floats


def prior(moments: pd.DataFrame) -> Prior:
    """The mean of all and how far members and groups vary, from sums over groups of the same size.

    moments: one row per size with referees (members of each group), referrers (groups), value_cny (summed),
    value_cny_squared (each group's sum squared, summed), own_squared (each member's value squared, summed).
    Formula: analysis of variance with unequal groups. within = (sum v^2 - sum S_i^2 / n_i) / (N - k); between =
    (sum S_i^2 / n_i - S^2 / N - (k - 1) within) / (N - sum n_i^2 / N), 0 where that is below 0.
    Source: Searle, Casella, McCulloch 1992, Variance Components, section 3.6.
    """
    size, groups = moments["referees"].to_numpy(float), moments["referrers"].to_numpy(float)
    members, count, total = float(size @ groups), float(groups.sum()), float(moments["value_cny"].sum())
    if not members:
        return Prior(math.nan, math.nan, math.nan)
    of_groups = float(rate(moments["value_cny_squared"], size).sum())
    mean = total / members
    within = max(0.0, float(moments["own_squared"].sum()) - of_groups) / max(1.0, members - count)
    spread = members - float(size**2 @ groups) / members
    apart = of_groups - total**2 / members - (count - 1) * within
    return Prior(mean, within, max(0.0, apart / spread) if spread > 0 else 0.0)


def shrunk(n: Counts, total: Counts, known: Prior, confidence: float) -> Shrunk:
    """The mean of each of some groups of n members whose values sum to total.

    Formula: (S + l m) / (n + l) with l = within / between; its variance is within / (n + l). Where groups do not differ
    by more than chance everybody gets the mean of all.
    Source: Efron and Morris 1975, JASA 70:311.
    """
    count, sums = np.asarray(n, dtype=float), np.asarray(total, dtype=float)
    if not known.between > 0:
        same = np.full(count.shape, known.mean)
        return Shrunk(same, same, same)
    weight = known.within / known.between
    mean = (sums + weight * known.mean) / (count + weight)
    reach = normal_quantile(confidence) * np.sqrt(known.within / (count + weight))
    return Shrunk(mean, mean - reach, mean + reach)
