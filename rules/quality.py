"""What those are worth whom a group brought: approval, default, repeat and value, each against all others."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from rules.intervals import Counts, Floats, normal_quantile, rate, wilson
from rules.proportions import benjamini_hochberg, difference
from rules.shrinkage import prior, shrunk
from rules.text import N_
from rules.virality import standard_error

AGAIN_MONTHS = 6  # within so many months after the first loan another one counts as coming back
MOST_REFERRERS = 2_000  # among whom referrers are ranked
APPROVAL, DEFAULT, AGAIN, VALUE = "approval", "default", "again", "value"


@dataclass(frozen=True)
class Measure:
    """One way in which groups are told apart: a count of a count, or a mean in fen."""

    code: str
    name: str
    metric: str  # in the registry
    counted: str
    of: str
    good: bool  # more is better


MEASURES = (
    Measure(APPROVAL, N_("Approved"), "group_approval", "approved", "applicants", good=True),
    Measure(DEFAULT, N_("Defaulted"), "group_default", "defaulted", "mature", good=False),
    Measure(AGAIN, N_("Borrowed again"), "group_again", "again", "followed", good=True),
    Measure(VALUE, N_("Value per member"), "group_value", "value_fen", "valued", good=True),
)
BY_CODE = {measure.code: measure for measure in MEASURES}


def measured(parts: pd.DataFrame, measure: Measure, *, significance: float, thin: int) -> pd.DataFrame:
    """One measure of each group, and whether the group stands out from all others.

    parts: `queries.quality.by_group`. Grain: one row per group with anybody to tell by, in the parts' order.
    Columns: segment, members, n; rate (a share, or fen per member), low, high; all_rate; p_value, q_value; stands_out
    ("above", "below" or ""); thin.
    Formula: shares by Wilson and the two-sided test of two proportions against the rest; means by the normal interval
    of the members' own spread and the test of two means; Benjamini-Hochberg over the groups.
    Source: metrics.md, "stands out", "rate interval".
    """
    found = parts.loc[parts[measure.of] > 0].reset_index(drop=True)
    k, n = found[measure.counted].to_numpy(float), found[measure.of].to_numpy(float)
    if measure.code == VALUE:
        rates, low, high, gap, p_values = _means(found, 1 - significance)
    else:
        rates, rest = rate(k, n), rate(k.sum() - k, n.sum() - n)
        low, high = wilson(k, n, 1 - significance)
        gap = rates - rest
        p_values = difference(k, n, k.sum() - k, n.sum() - n, 1 - significance)["p_value"].to_numpy(float)
    q_values = benjamini_hochberg(p_values)
    apart = q_values <= significance
    return pd.DataFrame(
        {
            "segment": found["segment"],
            "members": found["members"],
            "n": found[measure.of],
            "rate": rates,
            "low": low,
            "high": high,
            "all_rate": float(rate(k.sum(), n.sum())),
            "p_value": p_values,
            "q_value": q_values,
            "stands_out": np.where(apart & (gap > 0), "above", np.where(apart & (gap < 0), "below", "")),
            "thin": n < thin,
        }
    )


def ranked(referrers: pd.DataFrame, moments: pd.DataFrame, *, by_total: bool, confidence: float) -> pd.DataFrame:
    """Referrers by what those are worth whom they brought, drawn towards the mean where they are few.

    referrers, moments: `queries.quality`. by_total: by all that was brought, else by what each is worth.
    Columns added: raw_fen (value per referee as it is), each_fen, low, high (per referee, shrunk), brought_fen (of all
    referees, shrunk), all_fen (per referee of every referrer); stands_out: the interval lies above or below that.
    Source: metrics.md, trap 20; `rules.shrinkage`.
    """
    known = prior(moments)
    found = shrunk(referrers["referees"], referrers["value_fen"] / 100, known, confidence)
    n = referrers["referees"].to_numpy(float)
    mean = known.mean
    rows = referrers.assign(
        raw_fen=rate(referrers["value_fen"], n),
        each_fen=found.mean * 100,
        low=found.low * 100,
        high=found.high * 100,
        brought_fen=found.mean * 100 * n,
        all_fen=mean * 100,
        stands_out=np.where(found.low > mean, "above", np.where(found.high < mean, "below", "")),
    )
    return rows.sort_values("brought_fen" if by_total else "each_fen", ascending=False).reset_index(drop=True)


def _means(found: pd.DataFrame, confidence: float) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Of values in fen: means, ends of their intervals, distance from the rest, and p of the test that it is 0."""
    n, total = found["valued"].to_numpy(float), found["value_fen"].to_numpy(float)
    squared = found["value_cny_squared"].to_numpy(float) * 100**2
    means, error = rate(total, n), standard_error(n, total, squared)
    rest_n, rest_total, rest_squared = n.sum() - n, total.sum() - total, squared.sum() - squared
    gap = means - rate(rest_total, rest_n)
    p_values = _p_of_means(gap, error, standard_error(rest_n, rest_total, rest_squared))
    reach = normal_quantile(confidence) * error
    return means, means - reach, means + reach, gap, p_values


def _p_of_means(gap: Floats, error: Counts, rest_error: Counts) -> Floats:
    both = np.hypot(np.asarray(error, dtype=float), np.asarray(rest_error, dtype=float))
    p_values: Floats = 2 * stats.norm.sf(rate(np.abs(gap), both))
    return p_values
