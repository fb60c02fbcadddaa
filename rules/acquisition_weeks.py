"""What the newest weeks cost per registration and per early first loan: early word before repayment is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from rules.default_rates import Verdict, verdict
from rules.intervals import Floats, normal_quantile, rate

WEEKS = 14  # that are shown, the newest of which is still maturing
_FEWEST_WEEKS = 4  # before, below which a week is not judged


@dataclass(frozen=True)
class Newest:
    """The newest week that has been waited for, against those shown before it; nan where there are too few."""

    week: int
    each_fen: float
    before_fen: float  # of all those weeks together
    weeks: int
    p_value: float
    verdict: Verdict


def by_week(
    costs: pd.DataFrame, outcomes: pd.DataFrame, *, weeks: int, early_days: int, significance: float
) -> pd.DataFrame:
    """Cost per registration and per early first loan of each week.

    costs, outcomes: `queries.acquisition_weeks`; more rows of costs for a week are added up.
    Grain: one row per week, the oldest first, weeks without anybody too. Columns: week (so many before the newest);
    fen, members, early_borrowers; registered_fen, early_fen (per head, nan without heads), with `_low` and `_high`;
    maturing (its youngest members have been observed for less than the early days, and some of its spend may not be
    booked yet: not judged).
    Formula: cost / heads; interval as of a Poisson count of heads, symmetric in the logarithm.
    """
    every = pd.Index(range(weeks), name="week")
    told = outcomes.set_index("week").reindex(every, fill_value=0)
    fen = costs.groupby("week")["fen"].sum().reindex(every, fill_value=0)
    found = told.assign(fen=fen, maturing=every * 7 < early_days).reset_index().iloc[::-1].reset_index(drop=True)
    for name, heads in (("registered", found["members"]), ("early", found["early_borrowers"])):
        each = rate(found["fen"], heads)
        reach = np.exp(normal_quantile(1 - significance) * np.sqrt(rate(1.0, heads)))
        found = found.assign(**{f"{name}_fen": each, f"{name}_low": each / reach, f"{name}_high": each * reach})
    return found


def newest(found: pd.DataFrame, name: str, significance: float) -> Newest | None:
    """The newest week's cost per head against the weeks before it; None without a week that has been waited for.

    found: `by_week`; name: registered or early.
    Formula: two-sided t test of the logarithm as one more of the weeks before, whose own spread is what a week varies
    by; those weeks' costs are summed, not averaged.
    Source: metrics.md, traps 19, 20 and 21.
    """
    waited = found.loc[~found["maturing"] & (found[f"{name}_fen"] > 0)]
    if waited.empty:
        return None
    heads = "members" if name == "registered" else "early_borrowers"
    last, before = waited.iloc[-1], waited.iloc[:-1]
    p_value, gap = _judged(np.log(before[f"{name}_fen"].to_numpy(float)), float(np.log(last[f"{name}_fen"])))
    return Newest(
        week=int(last["week"]),
        each_fen=float(last[f"{name}_fen"]),
        before_fen=float(rate(before["fen"].sum(), before[heads].sum())),
        weeks=len(before),
        p_value=p_value,
        verdict=verdict(gap, p_value, significance),
    )


def _judged(before: Floats, last: float) -> tuple[float, float]:
    if len(before) < _FEWEST_WEEKS:
        return float("nan"), float("nan")
    gap, spread = last - float(before.mean()), float(before.std(ddof=1))
    if spread == 0:
        return float(gap == 0), gap
    t = gap / (spread * np.sqrt(1 + 1 / len(before)))
    return float(2 * stats.t.sf(abs(t), len(before) - 1)), gap
