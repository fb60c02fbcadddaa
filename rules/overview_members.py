"""Key figures of members: who stands on a paid tier, who is approved, who comes back, and what a borrower costs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rules import acquisition, calendar, funnel, kpi, like_for_like, retention
from rules.acquisition import Step
from rules.default_rates import Verdict
from rules.intervals import rate
from rules.kpi import NOT_COMPARED, Change, Good, Kpi
from rules.migration import LOWEST
from rules.overview_flows import Looked, at_month_ends, month_end

AGAIN_DAYS = 90
_VERDICTS = {"above": Verdict.HIGHER, "below": Verdict.LOWER, "": Verdict.NOISE}


def paid_share(standings: pd.DataFrame, tiers: Sequence[str], looked: Looked) -> Kpi:
    """Of all members, the share who stand on a tier above the lowest at the month end; the dormant do not.

    standings: `queries.overview.standings`; tiers: the codes of the tiers.
    Formula: those who have begun by then less those who have left, as `queries.migration.flows` counts them.
    """
    if standings.empty:
        return Kpi("paid_share", float("nan"))
    signed = standings.assign(members=standings["members"].where(standings["kind"] == "begun", -standings["members"]))
    moved = signed.pivot_table(index="month", columns="state", values="members", aggfunc="sum", fill_value=0)
    first, last = moved.index.min(), pd.Timestamp(calendar.first_of_month(looked.months.last))
    in_state = moved.reindex(pd.date_range(first, max(first, last), freq="MS"), fill_value=0).cumsum()
    # Who leaves a state is counted on the day after, so a change on the first of a month falls into that month.
    paid = sorted(set(standings.loc[standings["place"] > LOWEST, "state"]) & set(tiers))
    shares = pd.Series(rate(in_state[paid].sum(axis=1), in_state.sum(axis=1)), in_state.index)
    shares.index = pd.DatetimeIndex([month_end(start) for start in shares.index])
    return at_month_ends("paid_share", shares, looked, relative=False, good=Good.MORE, metric="paid_tier_share")


def approval(
    reached: pd.DataFrame, compared: pd.DataFrame | None, cohorts: pd.DataFrame, steps: Sequence[str], looked: Looked
) -> Kpi:
    """Of the members who applied, the share approved within the window, in the funnel of the filters' period.

    reached, compared: `queries.funnel.reached` of the period and of the one it is held against; cohorts:
    `rules.funnel.cohorts` from applied to approved.
    """
    now = funnel.conversions(reached, steps, looked.significance, looked.thin)
    place = list(steps).index("approved")
    change = NOT_COMPARED
    if compared is not None:
        held = funnel.conversions(compared, steps, looked.significance, looked.thin)
        row = funnel.changes(now, held, looked.significance).iloc[place]
        told = Verdict.NOT_COMPARED if np.isnan(row["p_value"]) else _VERDICTS[str(row["verdict"])]
        change = Change(float(row["difference"]), False, told, float(row["low"]), float(row["high"]))
    mature = cohorts.loc[~cohorts["immature"].astype(bool), "rate"].to_list()
    value = float(now["rate"].iloc[place])
    wanted = looked.goals.newest("approval_rate", looked.as_of)
    goal = None if wanted is None or np.isnan(value) else kpi.goal(value, wanted.value, Good.MORE)
    return Kpi("approval_rate", value, change, like_for_like.padded(mature, kpi.MONTHS), goal)


def repeat(parts: pd.DataFrame, looked: Looked) -> Kpi:
    """Of those who first borrowed in the newest mature month, the share who did so again within 90 days.

    parts: `queries.retention.by_cohort`. Formula: `rules.retention.newest`, against the twelve months before.
    """
    if parts.empty:
        return Kpi("repeat_rate", float("nan"))
    found = retention.cohorts(parts, looked.as_of, significance=looked.significance, thin_borrowers=looked.thin)
    newest = retention.newest(found, AGAIN_DAYS, looked.significance)
    if newest is None:
        return Kpi("repeat_rate", float("nan"))
    moved = newest[1]
    change = Change(moved.difference, False, moved.verdict, moved.low, moved.high)
    series = found.loc[(found["days"] == AGAIN_DAYS) & found["mature"], "rate"].to_list()
    wanted = looked.goals.newest("repeat_rate", looked.as_of)
    goal = None if wanted is None or np.isnan(moved.rate) else kpi.goal(moved.rate, wanted.value, Good.MORE)
    return Kpi("repeat_rate", moved.rate, change, like_for_like.padded(series, kpi.MONTHS), goal)


def borrower_cost(
    each: float, change: acquisition.Change | None, months: tuple[pd.DataFrame, pd.DataFrame], looked: Looked
) -> Kpi:
    """What a first loan costs, all in, over all channels.

    each: of `rules.acquisition.per_head` over all channels; change: `rules.acquisition.change`; months: costs and
    outcomes by month of registration, of which those that are over are drawn.
    """
    found = acquisition.per_head(*months, Step.FIRST_LOAN, significance=looked.significance).sort_values("value")
    over = found.loc[found["value"].between("0", f"{looked.months.last:%Y-%m}"), "each_fen"]
    moved = NOT_COMPARED if change is None else Change(change.ratio - 1, True, change.verdict)
    wanted = looked.goals.newest("cost_per_acquisition", looked.as_of)
    goal = None if wanted is None or np.isnan(each) else kpi.goal(each, wanted.value * 100, Good.LESS)
    return Kpi("borrower_cost", each, moved, like_for_like.padded(over.to_list(), kpi.MONTHS), goal)


def value_over_cost(returned: pd.DataFrame, months: pd.DataFrame, looked: Looked) -> Kpi:
    """Value of members over what bringing them cost, of campaigns whose members have been observed for long enough.

    returned: `rules.acquisition_return.returns` by campaign; months: by month of registration.
    Formula: the sum of the campaigns' value / the sum of their cost.
    """
    value = float(rate(returned["value_fen"].sum(), returned["cost_fen"].sum()))
    series = months.sort_values("value")["return_ratio"].to_list()
    wanted = looked.goals.newest("value_over_cost", looked.as_of)
    goal = None if wanted is None or np.isnan(value) else kpi.goal(value, wanted.value, Good.MORE)
    return Kpi("value_over_cost", value, NOT_COMPARED, like_for_like.padded(series, kpi.MONTHS), goal)
