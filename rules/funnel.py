"""From how far members came to what the tier funnel says: counts, conversions, what changed, cohorts, segments."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules import calendar
from rules.funnel_steps import Windows
from rules.intervals import rate, wilson
from rules.proportions import benjamini_hochberg, difference

Counts = npt.NDArray[np.int64]


def counts(parts: pd.DataFrame, steps: int) -> Counts:
    """How many reached each of so many steps.

    parts: reached, members: of `queries.funnel.reached`. Formula: who reached step k are the rows with reached >= k.
    """
    last = np.bincount(parts["reached"].astype(int), weights=parts["members"].astype(float), minlength=steps)
    reached: Counts = last[::-1].cumsum()[::-1].astype(np.int64)
    return reached


def conversions(parts: pd.DataFrame, steps: Sequence[str], significance: float, thin: int) -> pd.DataFrame:
    """Each step of the funnel with its conversion from the step before and from the start.

    Grain: one row per step, in order. Columns: step, members, before (members of the step before), start (of the first
    step); rate, low, high: from the step before; from_start, from_start_low, from_start_high (0-1; nan for the first
    step and where nobody was); thin: the step before holds fewer than so many.
    Formula: members / before, members / start; Wilson at 1 - significance.
    Source: metrics.md, "Membership" and "rate interval".
    """
    reached = counts(parts, len(steps))
    rows = pd.DataFrame({"step": list(steps), "members": reached})
    rows["before"] = np.concatenate([[0], reached[:-1]])
    rows["start"] = np.concatenate([[0], np.full(len(reached) - 1, reached[0])]).astype(np.int64)
    for name, whole in (("rate", "before"), ("from_start", "start")):
        low, high = wilson(rows["members"].where(rows[whole] > 0, 0), rows[whole], 1 - significance)
        ends = ("low", "high") if name == "rate" else ("from_start_low", "from_start_high")
        rows[name] = rate(rows["members"], rows[whole])
        rows[ends[0]], rows[ends[1]] = low, high
    return rows.assign(thin=rows["before"] < thin)


def changes(now: pd.DataFrame, other: pd.DataFrame, significance: float) -> pd.DataFrame:
    """How the conversions of one funnel differ from those of another that shares no member with it.

    now, other: `conversions` of the same steps.
    Grain: one row per step, in order. Columns: step; other_members, other_before, other_rate, other_from_start;
    difference, low, high (of the conversion from the step before); p_value, q_value; verdict ("above", "below", or ""
    where it is no more than noise or nothing can be said).
    Formula: two-sided test of two proportions for each step; q by Benjamini-Hochberg over the steps; judged where
    q <= significance.
    Source: metrics.md, "stands out"; traps 1 and 20.
    """
    gap = difference(now["members"], now["before"], other["members"], other["before"], 1 - significance)
    gap.iloc[0] = np.nan
    q_values = benjamini_hochberg(gap["p_value"])
    return pd.DataFrame(
        {
            "step": now["step"],
            "other_members": other["members"],
            "other_before": other["before"],
            "other_rate": other["rate"],
            "other_from_start": other["from_start"],
            **{name: gap[name] for name in ("difference", "low", "high", "p_value")},
            "q_value": q_values,
            "verdict": judged(gap["difference"], q_values, significance),
        }
    )


def cohorts(
    parts: pd.DataFrame,
    steps: Sequence[str],
    conversion: tuple[str, str],
    *,
    windows: Windows,
    as_of: date,
    significance: float,
) -> pd.DataFrame:
    """One conversion by registration month.

    parts: `queries.funnel.reached` by registered_month. conversion: the codes of two of the steps.
    Grain: one row per month with somebody in the first of the two steps, in order.
    Columns: month (its first day), entered, converted (count), rate, low, high (0-1), immature: younger than the sum of
    the windows up to the second step, so that its rate will still rise.
    Formula: immature where the month's last day + windows > as_of; Wilson at 1 - significance.
    Source: metrics.md, "Membership"; trap 1.
    """
    places = [steps.index(code) for code in conversion]
    rows = []
    for month, part in parts.groupby("registered_month", sort=True):
        entered, converted = counts(part, len(steps))[places]
        rows.append((date.fromisoformat(f"{month}-01"), int(entered), int(converted)))
    found = pd.DataFrame(rows, columns=["month", "entered", "converted"])
    found = found.loc[found["entered"] > 0].reset_index(drop=True)
    low, high = wilson(found["converted"], found["entered"], 1 - significance)
    days = windows.days_through(steps[: places[1] + 1])
    settled = [calendar.add_days(calendar.last_of_month(month), days) <= as_of for month in found["month"]]
    return found.assign(
        rate=rate(found["converted"], found["entered"]), low=low, high=high, immature=~np.array(settled, dtype=bool)
    )


def trend_change(rows: pd.DataFrame, significance: float) -> pd.Series:
    """The newest mature half year's conversion against the half year before it.

    rows: of `cohorts`. Columns: rate, other_rate, difference, p_value, verdict; first, last, other_first, other_last:
    their months. nan and "" where there are not twelve mature months.
    Formula: summed parts of six months each; two-sided test of two proportions at significance.
    Source: metrics.md, traps 1 and 19.
    """
    mature = rows.loc[~rows["immature"]].tail(12)
    newer, older = mature.tail(6), mature.head(max(0, len(mature) - 6))
    k, n, other_k, other_n = (int(part[name].sum()) for part in (newer, older) for name in ("converted", "entered"))
    gap = difference(k, n, other_k, other_n, 1 - significance).iloc[0]
    return pd.Series(
        {
            "rate": float(rate(k, n)),
            "other_rate": float(rate(other_k, other_n)),
            "difference": float(gap["difference"]),
            "p_value": float(gap["p_value"]),
            "verdict": str(judged([gap["difference"]], [gap["p_value"]], significance)[0]),
        }
    )


def segments(
    parts: pd.DataFrame, by: str, steps: Sequence[str], conversion: tuple[str, str], significance: float, thin: int
) -> pd.DataFrame:
    """One conversion in each segment, and whether it stands out from the rest.

    parts: `queries.funnel.reached` by one dimension. conversion: the codes of two of the steps.
    Grain: one row per segment with somebody in the first of the two steps, in the order of the parts.
    Columns: segment, entered, converted (count), rate, low, high (0-1), difference_to_all; p_value, q_value;
    stands_out ("above", "below" or ""); thin.
    Formula: Wilson at 1 - significance; two-sided test against all other segments together, Benjamini-Hochberg over all
    segments; stands out where q <= significance.
    Source: metrics.md, "stands out".
    """
    places = [steps.index(code) for code in conversion]
    reached = [(value, *counts(part, len(steps))[places]) for value, part in parts.groupby(by, sort=False)]
    found = pd.DataFrame(reached, columns=["segment", "entered", "converted"])
    found = found.loc[found["entered"] > 0].reset_index(drop=True)
    k, n = found["converted"].to_numpy(dtype=float), found["entered"].to_numpy(dtype=float)
    low, high = wilson(k, n, 1 - significance)
    p_values = difference(k, n, k.sum() - k, n.sum() - n, 1 - significance)["p_value"]
    q_values = benjamini_hochberg(p_values)
    rates, rest = rate(k, n), rate(k.sum() - k, n.sum() - n)
    return found.assign(
        rate=rates,
        low=low,
        high=high,
        difference_to_all=rates - rate(k.sum(), n.sum()),
        p_value=p_values.to_numpy(),
        q_value=q_values,
        stands_out=judged(rates - rest, q_values, significance),
        thin=n < thin,
    )


def judged(gaps: npt.ArrayLike, q_values: npt.ArrayLike, significance: float) -> npt.NDArray[np.str_]:
    """Above or below where a difference is more than noise, else empty."""
    gap, q = np.asarray(gaps, dtype=float), np.asarray(q_values, dtype=float)
    found = q <= significance  # false where q is nan
    return np.where(found & (gap > 0), "above", np.where(found & (gap < 0), "below", ""))
