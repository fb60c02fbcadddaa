"""How well scores rank and what they promise: discrimination, two models on the same people, calibration by band."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from rules.default_rates import Verdict, verdict
from rules.intervals import Floats, jeffreys, normal_quantile, rate
from rules.monitoring import Discrimination, discrimination
from rules.proportions import benjamini_hochberg

_MILLION = 1_000_000


@dataclass(frozen=True)
class Power:
    """How well one score ranks, with the interval of its Gini; nan where everybody or nobody has defaulted."""

    found: Discrimination
    low: float
    high: float
    borrowers: int
    defaulted: int


@dataclass(frozen=True)
class Compared:
    """Two models on the same borrowers."""

    first: Power
    second: Power
    difference: float  # of Gini, second less first
    low: float
    high: float
    p_value: float
    verdict: Verdict


def power(outcomes: pd.DataFrame, *, significance: float) -> Power:
    """How well a score ranks; a higher score is meant to default less.

    outcomes: `queries.scores.outcomes`: score, borrowers, defaulted.
    Formula: `rules.monitoring.discrimination`; interval of Gini = 2 AUC - 1 from DeLong's variance of AUC.
    Source: metrics.md, "KS, Gini, calibration"; DeLong, DeLong, Clarke-Pearson 1988; vector "auc_ks".
    """
    score, people, bad = (outcomes[name].to_numpy(float) for name in ("score", "borrowers", "defaulted"))
    found = discrimination(bad, -score, people)
    reach = normal_quantile(1 - significance) * 2 * float(np.sqrt(_covariance([-score], people, bad)[0, 0]))
    low, high = np.clip([found.gini - reach, found.gini + reach], -1, 1)
    return Power(found, float(low), float(high), int(people.sum()), int(bad.sum()))


def compared(pairs: pd.DataFrame, *, significance: float) -> Compared:
    """Two models that scored the same borrowers: whether the second ranks better than the first.

    pairs: `queries.scores.against`.
    Formula: difference of Gini = 2 x difference of AUC; DeLong's variance with the covariance of both, for they see the
    same people; two-sided normal test.
    Source: DeLong, DeLong, Clarke-Pearson 1988.
    """
    people, bad = pairs["borrowers"].to_numpy(float), pairs["defaulted"].to_numpy(float)
    scores = [pairs[name].to_numpy(float) for name in ("first_step", "second_step")]
    risks = [-score for score in scores]
    first, second = (
        power(pd.DataFrame({"score": score, "borrowers": people, "defaulted": bad}), significance=significance)
        for score in scores
    )
    covariance = _covariance(risks, people, bad)
    error = 2 * float(np.sqrt(max(0.0, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])))
    gap = second.found.gini - first.found.gini
    p_value = 2 * float(stats.norm.sf(abs(gap) / error)) if error > 0 else float("nan")
    reach = normal_quantile(1 - significance) * error
    return Compared(first, second, gap, gap - reach, gap + reach, p_value, verdict(gap, p_value, significance))


def _covariance(risks: Sequence[Floats], people: Floats, bad: Floats) -> Floats:
    """DeLong's covariance of the AUCs of several scores over the same people, counted; nan without both kinds."""
    good = people - bad
    bads, goods = float(bad.sum()), float(good.sum())
    if bads <= 0 or goods <= 0:
        return np.full((len(risks), len(risks)), np.nan)
    of_bad = np.array([_below(risk, good) / goods for risk in risks])  # each bad: share of goods it ranks above
    of_good = np.array([1 - _below(risk, bad) / bads for risk in risks])
    parts = _spread(of_bad, bad) / bads + _spread(of_good, good) / goods
    covariance: Floats = parts
    return covariance


def _below(risk: Floats, counts: Floats) -> Floats:
    """Of the counted, how many lie below each one's risk, those at it for half."""
    values, place = np.unique(risk, return_inverse=True)
    at = np.bincount(place, weights=counts, minlength=len(values))
    found: Floats = (at.cumsum() - at / 2)[place]
    return found


def _spread(values: Floats, weights: Floats) -> Floats:
    """The covariance of weighted rows, widened by n / (n - 1); nothing of a single one."""
    n = weights.sum()
    away = values - (values * weights).sum(axis=1, keepdims=True) / n
    found: Floats = (away * weights) @ away.T / max(1.0, n - 1)
    return found


def calibration(outcomes: pd.DataFrame, edges: Sequence[int], *, significance: float, thin: int) -> pd.DataFrame:
    """What a model promised of each score band, beside what came of it.

    outcomes: `queries.scores.outcomes`; edges: lower edges of the bands, a score below the first is in the first.
    Grain: one row per band with a borrower of whom the model said a probability, rising.
    Columns: band (its lower edge); borrowers, defaulted (count); expected (mean promised probability); rate, low, high
    (Jeffreys); p_value (two-sided), underestimates (Jeffreys' p-value that the promise is not too low, one-sided:
    small where it is), q_value; stands_out (above: more default than promised; below); thin.
    Formula: with D of N defaulted and a promise p, underestimates = F(p) for F the Beta(D + 1/2, N - D + 1/2)
    distribution; p_value = 2 min(F, 1 - F); Benjamini-Hochberg over the bands.
    Source: metrics.md, "KS, Gini, calibration": Jeffreys p-value per band; ECB, Instructions for reporting the
    validation results of internal models, 2019, section 2.5.3.1.
    """
    told = outcomes.loc[outcomes["told"] > 0]
    bands = pd.DataFrame(
        {
            "band": band_of(told["score"], edges),
            "borrowers": told["told"],
            "defaulted": told["told_defaulted"],
            "millionths": told["expected_millionths"],
        }
    )
    rows = bands.groupby("band").sum().reset_index()
    k, n = rows["defaulted"].to_numpy(float), rows["borrowers"].to_numpy(float)
    expected = rate(rows["millionths"], n * _MILLION)
    low, high = jeffreys(k, n, 1 - significance)
    under = stats.beta.cdf(expected, k + 0.5, n - k + 0.5)
    p_values = 2 * np.minimum(under, 1 - under)
    q_values = benjamini_hochberg(p_values)
    apart = q_values <= significance
    return rows.drop(columns="millionths").assign(
        expected=expected,
        rate=rate(k, n),
        low=low,
        high=high,
        underestimates=under,
        p_value=p_values,
        q_value=q_values,
        stands_out=np.where(apart & (under < 0.5), "above", np.where(apart, "below", "")),
        thin=n < thin,
    )


def band_of(scores: "pd.Series[float]", edges: Sequence[int]) -> npt.NDArray[np.int64]:
    """The lower edge of each score's band, as `queries.attention.band_of`."""
    held = np.asarray(edges, dtype=np.int64)
    places = np.searchsorted(held, scores.to_numpy(float), side="right") - 1
    found: npt.NDArray[np.int64] = held[places.clip(0)]
    return found
