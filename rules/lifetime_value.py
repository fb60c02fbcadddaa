"""What a member is worth by months since registration: observed as far as whole cohorts go, projected beyond."""

from datetime import date

import numpy as np
import pandas as pd

from rules import calendar
from rules.filters import DateRange
from rules.intervals import rate
from rules.kept import worked_out_once
from rules.worth import Part, contribution


@worked_out_once
def curves(
    cells: pd.DataFrame,
    cohorts: pd.DataFrame,
    *,
    registered: DateRange,
    newest_month: date,
    observed_months: int,
    months: int,
    discount_rate: float,
    leave_out: frozenset[Part] = frozenset(),
) -> pd.DataFrame:
    """Contribution per member by months since registration, summed up, for each value of any dimension of members.

    cells: `queries.worth.by_month`; cohorts: `queries.worth.cohorts`; both over every month of registration.
    registered: the cohorts that are asked about. newest_month: the last month end that as_of has reached.
    observed_months: cohorts at least so old are followed, where there are any; months: how far the curve goes.
    Grain: one row per value and month from 0 on, values as they come in cohorts, months without a gap; none of a value
    no member of which registered in a whole month.
    Columns: value; month; projected (bool); cohorts, members (what the month's increment is averaged over, count);
    increment_fen (of the month, per member); cumulative_fen; value_fen (cumulative and discounted).
    Formula: the observed part follows one fixed set of cohorts: those asked about that have reached `observed_months`
    (or, where none has, all of them), as far as the youngest of them has come; increment = sum of their contribution in
    the month / their members. Beyond, the increment is that of all cohorts of the value old enough for the month,
    asked about or not: a projection, that members will go on as older ones did. It ends where no cohort is old enough.
    Discounted by (1 + discount_rate)^(month / 12).
    Source: metrics.md, "Lifetime value" and trap 3.
    """
    sizes = cohorts.assign(
        age=[_age(cohort, newest_month) for cohort in cohorts["cohort"]],
        asked=[_within(cohort, registered) for cohort in cohorts["cohort"]],
    )
    sizes = sizes.loc[(sizes["age"] >= 0) & (sizes["members"] > 0)]
    sums = cells.assign(fen=contribution(cells, leave_out=leave_out)).groupby(["value", "cohort", "month"])["fen"].sum()
    parts = [
        _curve(str(value), of_value, sums, observed_months, months, discount_rate)
        for value, of_value in sizes.groupby("value", sort=False)
    ]
    return pd.concat([part for part in parts if part is not None] or [_EMPTY], ignore_index=True)


def at_month(found: pd.DataFrame, month: int) -> pd.DataFrame:
    """The rows of `curves` at one month, a row per value whose curve goes so far."""
    return found.loc[found["month"] == month].reset_index(drop=True)


def paid_back(found: pd.DataFrame, cost_fen: float) -> int | None:
    """The first month at whose end one value's cumulative contribution per member has reached a cost.

    None where the curve never does. found: the rows of one value.
    Source: metrics.md, "payback".
    """
    reached = found.loc[found["cumulative_fen"] >= cost_fen, "month"]
    return None if reached.empty else int(reached.min())


_EMPTY = pd.DataFrame(
    {
        "value": pd.Series(dtype="str"),
        "month": pd.Series(dtype="int64"),
        "projected": pd.Series(dtype="bool"),
        "cohorts": pd.Series(dtype="int64"),
        "members": pd.Series(dtype="int64"),
        "increment_fen": pd.Series(dtype="float64"),
        "cumulative_fen": pd.Series(dtype="float64"),
        "value_fen": pd.Series(dtype="float64"),
    }
)


def _curve(
    value: str,
    sizes: pd.DataFrame,
    sums: "pd.Series[float]",
    observed_months: int,
    months: int,
    discount_rate: float,
) -> pd.DataFrame | None:
    ages, members, asked = (sizes[name].to_numpy() for name in ("age", "members", "asked"))
    if not asked.any():
        return None
    old = asked & (ages >= observed_months)
    followed = old if old.any() else asked
    reach, last = int(ages[followed].min()), min(months, int(ages.max()))
    of_value = sums.loc[sums.index.get_level_values("value") == value].droplevel("value")
    fen = of_value.unstack("month").reindex(index=sizes["cohort"], columns=range(last + 1)).fillna(0.0).to_numpy(float)
    month = np.arange(last + 1)
    counted = np.where(month <= reach, followed[:, None], ages[:, None] >= month)
    counted_members = (counted * members[:, None]).sum(axis=0)
    increment = rate((fen * counted).sum(axis=0), counted_members)
    return pd.DataFrame(
        {
            "value": value,
            "month": month,
            "projected": month > reach,
            "cohorts": counted.sum(axis=0),
            "members": counted_members,
            "increment_fen": increment,
            "cumulative_fen": increment.cumsum(),
            "value_fen": (increment * (1 + discount_rate) ** (-month / 12)).cumsum(),
        }
    )


def _age(cohort: str, newest_month: date) -> int:
    """Whole months since the month of registration; that month itself is 0."""
    return calendar.months_between(date.fromisoformat(f"{cohort}-01"), newest_month)


def _within(cohort: str, registered: DateRange) -> bool:
    first = date.fromisoformat(f"{cohort}-01")
    after = registered.first is None or calendar.last_of_month(first) >= registered.first
    return after and (registered.last is None or first <= registered.last)
