"""Key figures of the book: how late it is, what it earns and loses, and whether the reserve holds what is expected."""

from functools import partial

import numpy as np
import pandas as pd

from rules import delinquency, kpi, like_for_like, roll_rates
from rules.default_rates import Headline
from rules.delinquency import Late
from rules.intervals import rate
from rules.kpi import Change, Good, Kpi
from rules.overview_flows import Looked, at_month_ends, month_end
from rules.reserve import covers
from rules.roll_rates import MONTHS_BEFORE

MONTHS_A_YEAR = 12


def late(transitions: pd.DataFrame, looked: Looked) -> list[Kpi]:
    """Principal outstanding, the current and the lagged 30+ ratio, at the end of the months looked at.

    transitions: `queries.months.transitions`. Formula: `rules.delinquency.ratios`.
    """
    found = delinquency.ratios(transitions, Late.DPD30).set_index("month_end")
    ratio = partial(at_month_ends, looked=looked, relative=False, good=Good.LESS)
    balance = found["outstanding_fen"].astype("float64")
    return [
        at_month_ends("outstanding", balance, looked, relative=True, good=Good.MORE, metric="outstanding", unit=100),
        ratio("late_30", found["current_ratio"], metric="current_late_ratio"),
        ratio("lagged_30", found["lagged_ratio"], metric="lagged_late_ratio"),
    ]


def earned(income: pd.DataFrame, upfront: pd.DataFrame, looked: Looked) -> list[Kpi]:
    """What the book earns and what it loses, a year, of the principal that was out on average.

    income: `queries.months.income`; upfront: `queries.overview.upfront_fees`.
    Formula: 12 x (interest + fees received in the month, upfront ones included) / mean of the principal at both its
    ends; 12 x principal lost in the month / the same. nan where the book does not tell.
    """
    months = income.set_index("month_end")
    out = (months["opening_fen"] + months["closing_fen"]).astype("float64") / 2
    paid = upfront.groupby(upfront["day"].dt.to_period("M").dt.to_timestamp())["fen"].sum()
    paid.index = pd.DatetimeIndex([month_end(start) for start in paid.index])
    fees = paid.reindex(months.index, fill_value=0).astype("float64")
    received = months["interest_fen"].astype("float64") + months["fee_fen"].astype("float64") + fees
    lost = months["lost_fen"].astype("float64")
    yields, losses = (pd.Series(rate(MONTHS_A_YEAR * each, out), months.index) for each in (received, lost))
    return [
        at_month_ends("yield", yields, looked, relative=False, good=Good.MORE, metric="all_in_yield"),
        at_month_ends("risk_cost", losses, looked, relative=False, good=Good.LESS, metric="cost_of_risk"),
    ]


def default_rate(answer: Headline, months: pd.DataFrame, looked: Looked) -> Kpi:
    """The default rate of the filters' period against the comparison, with the rates of the newest mature months.

    answer: `rules.default_rates.headline`; months: `queries.default_rates.by_segment` by disbursement month.
    """
    change = Change(answer.difference, False, answer.verdict, answer.difference_low, answer.difference_high)
    series = rate(months["defaulted"], months["borrowers"])
    wanted = looked.goals.newest("default_rate", looked.as_of)
    goal = None if wanted is None or np.isnan(answer.rate) else kpi.goal(answer.rate, wanted.value, Good.LESS)
    return Kpi("default_rate", answer.rate, change, like_for_like.padded(series.tolist(), kpi.MONTHS), goal)


def reserve_cover(transitions: pd.DataFrame, reserve: pd.DataFrame, looked: Looked) -> Kpi:
    """The reserve over what is expected to be lost to the end of the loans that are out, at each month end.

    transitions: of the whole book, for the reserve is one; reserve: `queries.overview.reserve`.
    Formula: `rules.reserve.covers`, by the absorbing chain. nan where the months don't tell.
    Source: metrics.md, "expected loss"; "reserve coverage".
    """
    ends = [day for day in roll_rates.month_ends(transitions) if day <= looked.months.last]
    needed = ends[-kpi.MONTHS - MONTHS_BEFORE :]
    rolls = transitions.loc[transitions["month_end"] >= pd.Timestamp(needed[0])] if needed else transitions
    found = covers(rolls, reserve, ends, ends[-kpi.MONTHS - 1 :])
    values = found.set_index("month_end")["chain_cover"].astype("float64")
    return at_month_ends("reserve_cover", values, looked, relative=False, good=Good.MORE, metric="reserve_cover")


def arrears(totals: "pd.Series[float]") -> Kpi:
    """What is due and unpaid at the end of the as-of date. totals: `queries.controls.totals` of every disbursement."""
    overdue = totals["overdue_fen"]
    return Kpi("arrears", float("nan") if pd.isna(overdue) else float(overdue))


def quota_left(quotas: pd.DataFrame) -> Kpi:
    """What funders would still fund of what they have said they fund at most. quotas: `queries.overview.quotas`."""
    if quotas.empty:
        return Kpi("quota_left", float("nan"))
    return Kpi("quota_left", float((quotas["quota_fen"] - quotas["used_fen"]).clip(lower=0).sum()))


def tightest(quotas: pd.DataFrame) -> "pd.Series[float] | None":
    """The funder with the largest share of its quota used: its row, with used_ratio; None without quotas."""
    told = quotas.assign(used_ratio=rate(quotas["used_fen"], quotas["quota_fen"])).dropna(subset=["used_ratio"])
    return None if told.empty else told.sort_values("used_ratio").iloc[-1]
