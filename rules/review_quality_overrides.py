"""Decisions against what rules and model said: by officer, without calling anybody out by noise, and by reason."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.intervals import rate, wilson
from rules.proportions import benjamini_hochberg, difference
from rules.review_case import Outcome, Override
from rules.shrinkage import prior, shrunk


@dataclass(frozen=True)
class Side:
    """How often decisions go against rules and model on one side."""

    overridden: int
    of: int  # low side: of decisions on what a check failed; high side: on what none did
    rate: float
    low: float
    high: float


def overall(made: pd.DataFrame, side: Override, confidence: float) -> Side:
    """How often it happens, over all first decisions.

    Formula: low side: granted / first decisions on applications that a check failed; high side: declined / those that
    no check failed. Only first decisions count: a second person is asked oftener about overrides than about others.
    Source: metrics.md, "override".
    """
    eligible, overridden = _counted(made, side)
    k, n = int(overridden.sum()), int(eligible.sum())
    low, high = wilson(k, n, confidence)
    return Side(k, n, float(rate(k, n)), float(low), float(high))


def by_group(made: pd.DataFrame, group: str, side: Override, *, significance: float, thin: int) -> pd.DataFrame:
    """How often each officer overrides, and whether that differs from all others by more than noise.

    group: the column that tells them apart: staff_email, or another one such as product.
    Grain: one row per value of it with an eligible first decision, the one with the most first.
    Columns: the group; of, overridden (count); rate, low, high; shrunk, shrunk_low, shrunk_high (drawn towards the
    rate of all, the more the fewer decisions there are); all_rate; p_value, q_value; stands_out; thin.
    Formula: Wilson; two-sided test against everybody else; Benjamini-Hochberg over the officers; empirical Bayes
    (`rules.shrinkage`). An officer stands out where the q-value says so and there are enough decisions.
    Source: metrics.md, "override", "stands out", trap 20.
    """
    eligible, overridden = _counted(made, side)
    counted = pd.DataFrame({group: made[group], "of": eligible, "overridden": overridden})
    parts = counted.groupby(group)[["of", "overridden"]].sum().astype("int64").reset_index()
    rows = parts.loc[parts["of"] > 0].sort_values(["of", group], ascending=[False, True], ignore_index=True)
    k, n = rows["overridden"].to_numpy(float), rows["of"].to_numpy(float)
    confidence = 1 - significance
    low, high = wilson(k, n, confidence)
    p_values = difference(k, n, k.sum() - k, n.sum() - n, confidence)["p_value"].to_numpy(float)
    q_values = benjamini_hochberg(p_values)
    drawn = shrunk(n, k, prior(_moments(n, k)), confidence)
    all_rate, thin_rows = float(rate(k.sum(), n.sum())), n < thin
    apart, gap = (q_values <= significance) & ~thin_rows, rate(k, n) - rate(k.sum() - k, n.sum() - n)
    return rows.assign(
        rate=rate(k, n),
        low=low,
        high=high,
        shrunk=drawn.mean,
        shrunk_low=np.clip(drawn.low, 0, 1),
        shrunk_high=np.clip(drawn.high, 0, 1),
        all_rate=all_rate,
        p_value=p_values,
        q_value=q_values,
        stands_out=np.where(apart & (gap > 0), "above", np.where(apart & (gap < 0), "below", "")),
        thin=thin_rows,
    )


def together(rows: pd.DataFrame, name: str, confidence: float) -> pd.DataFrame:
    """Several rows of `by_group` of officers as one that says nothing of any of them; nobody stands out in it."""
    k, n = int(rows["overridden"].sum()), int(rows["of"].sum())
    low, high = wilson(k, n, confidence)
    one = {
        "staff_email": name, "of": n, "overridden": k, "rate": float(rate(k, n)), "low": float(low),
        "high": float(high), "shrunk": np.nan, "shrunk_low": np.nan, "shrunk_high": np.nan,
        "all_rate": rows["all_rate"].iloc[0], "p_value": np.nan, "q_value": np.nan, "stands_out": "", "thin": False,
    }  # fmt: skip
    return pd.DataFrame([one])


def by_reason(made: pd.DataFrame, side: Override, confidence: float) -> pd.DataFrame:
    """Which reasons overrides are given for.

    Grain: one row per reason that a first decision of the side gives, the one given oftenest first. Columns: reason;
    overridden (overrides that give it); of (all overrides of the side); share, low, high (Wilson). A decision may give
    several, so shares sum to more than one.
    """
    _eligible, overridden = _counted(made, side)
    over = made.loc[overridden]
    listed = over["reasons"].explode().dropna()
    counted = listed.value_counts().rename_axis("reason").rename("overridden").reset_index()
    rows = counted.sort_values(["overridden", "reason"], ascending=[False, True], ignore_index=True)
    low, high = wilson(rows["overridden"], len(over), confidence)
    return rows.assign(of=len(over), share=rate(rows["overridden"], len(over)), low=low, high=high)


def _counted(made: pd.DataFrame, side: Override) -> tuple["pd.Series[bool]", "pd.Series[bool]"]:
    """Which first decisions could have overridden on a side, and which did."""
    grants = made["outcome"] != Outcome.DECLINED.value
    failed = (made["override"] == Override.LOW_SIDE.value) | (~grants & (made["override"] != Override.HIGH_SIDE.value))
    eligible = (made["stage"] == 1) & (failed if side is Override.LOW_SIDE else ~failed)
    return eligible, eligible & (made["override"] == side.value)


def _moments(n: np.ndarray, k: np.ndarray) -> pd.DataFrame:
    """Officers as `rules.shrinkage.prior` wants groups: an override is worth 1."""
    return pd.DataFrame({"referees": n, "referrers": 1, "value_cny": k, "value_cny_squared": k * k, "own_squared": k})
