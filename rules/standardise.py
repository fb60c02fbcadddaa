"""Two groups with their mix held equal, so that mix can't pass for risk."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from rules.decomposition import effects
from rules.intervals import Floats, normal_quantile, rate
from rules.kept import worked_out_once
from rules.proportions import benjamini_hochberg, difference


@dataclass(frozen=True)
class Split:
    """Kitagawa's split of the difference between two groups' rates."""

    difference: float  # first rate less second
    rate_effect: float  # what remains within the strata
    mix_effect: float  # what comes from how the groups spread over them; both sum to the difference


@dataclass(frozen=True)
class Standardised:
    """Two groups' rates over one common mix of strata."""

    first: float
    second: float
    difference: float
    standard_error: float
    low: float
    high: float
    p_value: float
    common_ratio: float  # share of both groups' borrowers that lie in strata where both have somebody


def kitagawa(k1: npt.ArrayLike, n1: npt.ArrayLike, k2: npt.ArrayLike, n2: npt.ArrayLike) -> Split:
    """What of a difference between two groups is rate, and what is mix, over the same strata.

    Formula, source: as `rules.decomposition.effects`, summed over the strata. nan where a group is empty.
    """
    a, m, b, n = _strata(k1, n1, k2, n2)
    mix, own = effects(a, m, b, n)
    return Split(
        difference=float(rate(a.sum(), m.sum()) - rate(b.sum(), n.sum())),
        rate_effect=float(own.sum()),
        mix_effect=float(mix.sum()),
    )


def standardise(
    k1: npt.ArrayLike,
    n1: npt.ArrayLike,
    k2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    mix: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Standardised:
    """Two groups' rates as they would be with the same mix: by direct standardisation over the same strata.

    mix: how many borrowers of the standard each stratum has, such as the whole book's; both groups' together when None.
    Formula: sum of w_s r_s with w the mix over the strata in which both groups have somebody, made to sum to 1; the
    variance of the difference is sum w_s^2 (v1_s / n1_s + v2_s / n2_s), strata and mix held fixed, v = p (1 - p) at
    p = (k + 1/2) / (n + 1), so that a small stratum without a case is not taken for certain. Normal interval and test.
    nan where no stratum is shared.
    Source: metrics.md, trap 11; vector "simpson_ucb".
    """
    a, m, b, n = _strata(k1, n1, k2, n2)
    first, second, error, common_ratio = (
        float(value) for value in _held_equal(a, m, b, n, m + n if mix is None else np.asarray(mix, dtype=float))
    )
    reach = normal_quantile(confidence) * error
    return Standardised(
        first=first,
        second=second,
        difference=first - second,
        standard_error=error,
        low=first - second - reach,
        high=first - second + reach,
        p_value=float(_two_sided(np.array(first - second), np.array(error))),
        common_ratio=common_ratio,
    )


@worked_out_once
def reversals(strata: pd.DataFrame, significance: float) -> pd.DataFrame:
    """Pairs of groups whose difference turns round when a control is held equal (Simpson), and neither is noise.

    strata: one row per group_segment, control and stratum with borrowers, defaulted (`by_group_and_stratum`).
    Grain: one row per pair of groups and control that reverses, the surest first.
    Columns: first, second (group segments, the first has the higher crude rate), control, crude_difference (> 0),
    standardised_difference (< 0), common_ratio, p_value, q_value.
    Formula: p is the larger of the two tests' p-values (both must hold); q by Benjamini-Hochberg over all pairs and
    controls in which the signs differ; kept where q <= significance. Standardised to the two groups' mix together.
    Source: metrics.md, trap 11.
    """
    groups, names = pd.factorize(strata["group_segment"], sort=True)
    turned = [
        _turned(str(control), names, groups[strata["control"] == control], strata.loc[strata["control"] == control])
        for control in strata["control"].unique()
    ]
    both = pd.concat([_turned("", names[:0], groups[:0], strata.iloc[:0]), *turned], ignore_index=True)
    both["q_value"] = benjamini_hochberg(both["p_value"])
    sure = both.loc[both["q_value"] <= significance]
    return sure.sort_values(["q_value", "p_value", "control", "first", "second"], ignore_index=True)


def _turned(control: str, names: pd.Index, groups: npt.NDArray[np.intp], rows: pd.DataFrame) -> pd.DataFrame:
    """All pairs of groups whose difference has another sign when one control is held equal."""
    strata, values = pd.factorize(rows["stratum"])
    k, n = np.zeros((2, len(names), len(values)))
    np.add.at(k, (groups, strata), rows["defaulted"].to_numpy(dtype=float))
    np.add.at(n, (groups, strata), rows["borrowers"].to_numpy(dtype=float))
    crude_rates = rate(k.sum(axis=1), n.sum(axis=1))
    one, other = np.triu_indices(len(names), 1)
    is_lower = crude_rates[one] < crude_rates[other]
    first, second = np.where(is_lower, other, one), np.where(is_lower, one, other)
    held = _held_equal(k[first], n[first], k[second], n[second], n[first] + n[second])
    signs_differ = (crude_rates[first] > crude_rates[second]) & (held[0] < held[1])
    first, second = first[signs_differ], second[signs_differ]
    first_rate, second_rate, error, common_ratio = (values[signs_differ] for values in held)
    crude = difference(k[first].sum(1), n[first].sum(1), k[second].sum(1), n[second].sum(1))
    equal = first_rate - second_rate
    return pd.DataFrame(
        {
            "first": names[first],
            "second": names[second],
            "control": control,
            "crude_difference": crude["difference"],
            "standardised_difference": equal,
            "common_ratio": common_ratio,
            "p_value": np.maximum(crude["p_value"].to_numpy(dtype=float), _two_sided(equal, error)),
        }
    )


def _held_equal(k1: Floats, n1: Floats, k2: Floats, n2: Floats, mix: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Rates of first and second, error of their difference, share in common; strata along the last axis."""
    shared = (n1 > 0) & (n2 > 0)
    standard = np.where(shared, mix, 0.0)
    weights = rate(standard, standard.sum(axis=-1, keepdims=True))
    first, second = ((weights * np.nan_to_num(rate(k, n))).sum(axis=-1) for k, n in ((k1, n1), (k2, n2)))
    error = np.sqrt((weights**2 * (_variance(k1, n1) + _variance(k2, n2))).sum(axis=-1))
    both = n1 + n2
    return first, second, error, rate(np.where(shared, both, 0.0).sum(axis=-1), both.sum(axis=-1))


def _strata(*counts: npt.ArrayLike) -> list[Floats]:
    return [np.atleast_1d(array) for array in np.broadcast_arrays(*(np.asarray(c, dtype=float) for c in counts))]


def _variance(k: Floats, n: Floats) -> Floats:
    p = (k + 0.5) / (n + 1)
    return np.nan_to_num(rate(p * (1 - p), n))


def _two_sided(value: Floats, error: Floats) -> Floats:
    p_values: Floats = 2 * stats.norm.sf(rate(np.abs(value), error))
    return p_values
