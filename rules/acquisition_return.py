"""What acquisition brings back: value over cost by campaign, and the month in which a cohort has paid for itself."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules import calendar, lifetime_value
from rules.acquisition import SHOWN
from rules.dimensions import CAMPAIGN
from rules.filters import DateRange
from rules.intervals import normal_quantile, rate
from rules.member_filters import MemberSelection
from rules.worth import Verdict


@dataclass(frozen=True)
class Payback:
    """When cumulative contribution reaches the cost; both per borrower."""

    curve: pd.DataFrame  # month, projected, each_fen
    cost_fen: float
    month: int | None  # since the month of registration; None where the curve ends below the cost
    projected: bool  # the month lies in the projected part


def valued(selection: MemberSelection, as_of: date, value_months: int) -> MemberSelection:
    """The cohorts, whatever the period, whose members have been observed for the months that value is told by.

    Formula: the month of registration is the first of those months, and the last of them has ended by as_of.
    """
    newest = calendar.add_months(calendar.first_of_month(calendar.add_days(as_of, 1)), -value_months)
    return MemberSelection(DateRange(None, calendar.last_of_month(newest)), None, selection.choices)


def returns(costs: pd.DataFrame, outcomes: pd.DataFrame, *, significance: float, thin_borrowers: int) -> pd.DataFrame:
    """Value of the policy's months over the cost, of cohorts that have been observed for all of them.

    costs, outcomes: by value, of the same cohorts; rewards are in the cost and not in the value.
    Grain: one row per value with members and a cost above zero, the highest return first.
    Columns: value; cost_fen, value_fen; borrowers; return_ratio (value / cost), low, high; verdict.
    Formula: a ratio of sums, spend taken as given and the members as the sample: variance = sum over members of
    value^2 + (return x rewards)^2, over cost^2. Earns where the whole interval is above 1, loses where it is below.
    Source: metrics.md, "cost per acquisition" and "Lifetime value".
    """
    spent = costs.groupby("value")["fen"].sum()
    told = outcomes.loc[outcomes["valued"] > 0].assign(cost_fen=lambda rows: rows["value"].map(spent).fillna(0))
    told = told.loc[told["cost_fen"] > 0]
    cost = told["cost_fen"].to_numpy(float)
    ratio = rate(told["value_fen"].to_numpy(float), cost)
    squares = told["value_cny_squared"].to_numpy(float) + ratio**2 * told["reward_cny_squared"].to_numpy(float)
    reach = normal_quantile(1 - significance) * np.sqrt(squares) * rate(100.0, cost)
    low, high = ratio - reach, ratio + reach
    borrowers = told["valued_borrowers"].to_numpy(float)
    verdicts = np.select(
        [borrowers < thin_borrowers, low > 1, high < 1], [Verdict.THIN, Verdict.EARNS, Verdict.LOSES], Verdict.UNSURE
    )
    found = pd.DataFrame(
        {
            "value": told["value"].to_numpy(),
            "cost_fen": cost,
            "value_fen": told["value_fen"].to_numpy(float),
            "borrowers": borrowers,
            "return_ratio": ratio,
            "low": low,
            "high": high,
            "verdict": [Verdict(str(each)) for each in verdicts],
        }
    )
    return found.sort_values("return_ratio", ascending=False, kind="stable").reset_index(drop=True)


def payback(curve: pd.DataFrame, costs: pd.DataFrame, outcomes: pd.DataFrame) -> Payback | None:
    """The first month at whose end the cohorts' contribution has reached what their acquisition cost.

    curve: `lifetime_value.curves` of one value, rewards left out. costs, outcomes: of the cohorts that are asked about.
    None without borrowers or a curve.
    Formula: cumulative contribution per member >= cost per member; both are shown per borrower.
    Source: metrics.md, "payback".
    """
    members, borrowers = float(outcomes["members"].sum()), float(outcomes["borrowers"].sum())
    if curve.empty or not borrowers:
        return None
    cost = float(costs["fen"].sum())
    month = lifetime_value.paid_back(curve, cost / members)
    scaled = curve.assign(each_fen=curve["cumulative_fen"] * members / borrowers)
    projected = month is not None and bool(curve.set_index("month").loc[month, "projected"])
    return Payback(scaled[["month", "projected", "each_fen"]], cost / borrowers, month, projected)


def tells_value(selection: MemberSelection, by: str, *, inherit: bool) -> bool:
    """Whether value is known for the very members whose cost is told.

    Value is told by what members have of their own, and by the campaign they inherit, but not by its channel.
    """
    return not inherit or (by == CAMPAIGN.code and not selection.choices)


def over_all(cells: pd.DataFrame) -> pd.DataFrame:
    """Sums by value, cohort and month as those of all values together."""
    keys = [name for name in ("cohort", "month") if name in cells.columns]
    return cells.drop(columns="value").groupby(keys, sort=True).sum().reset_index().assign(value="")


def value_each(curves: pd.DataFrame, found: pd.DataFrame, month: int) -> pd.DataFrame:
    """`rules.acquisition.per_head` with the value of one head by the end of a month, nan where no cohort is old enough.

    Column added: value_each_fen, projected (bool). Formula: cumulative contribution per member x members / heads.
    """
    at = lifetime_value.at_month(curves, month).set_index("value")
    each = found["value"].map(at["cumulative_fen"]) if len(at) else pd.Series(np.nan, index=found.index)
    value = each.to_numpy(float) * rate(found["members"].to_numpy(float), found["heads"].to_numpy(float))
    projected = found["value"].map(at["projected"]).fillna(False) if len(at) else False
    return found.assign(value_each_fen=value, projected=projected)


def largest_part(row: "pd.Series[float]") -> tuple[str, float]:
    """The part that most of a cost is, and its share of it."""
    parts = {str(part): float(row[str(part)]) for part in SHOWN}
    part = max(parts, key=lambda each: parts[each])
    return part, float(rate(parts[part], row["cost_fen"]))
