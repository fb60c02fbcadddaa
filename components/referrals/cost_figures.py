"""The figures of the part on cost, formed from the frames that the page has read and from what was entered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from components.referrals import cost_choices
from components.referrals.cost import Deceptive
from components.view import View
from rules import (
    acquisition,
    acquisition_forecast,
    acquisition_return,
    acquisition_weeks,
    calendar,
    lifetime_value,
    spend,
    spend_pace,
)
from rules.acquisition import Change, Step
from rules.acquisition_return import Payback
from rules.acquisition_weeks import WEEKS, Newest
from rules.intervals import Floats, rate
from rules.member_filters import MemberSelection
from rules.spend import Entry, Kept
from rules.worth import Part

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Told:
    """What all cards are drawn from: the frames with the entries that count added to their costs."""

    shown: View
    frames: Frames
    selection: MemberSelection
    own: Sequence[Entry]
    channels: Mapping[str, str]  # of campaigns
    names: Mapping[str, str]  # likewise
    stays: Floats
    missed_ratio: float

    def costs(self, name: str, by: str, selection: MemberSelection) -> pd.DataFrame:
        """A frame of costs with the entries."""
        added = spend_pace.as_costs(
            self.own, by=by, selection=selection, channels=self.channels, as_of=self.shown.book.as_of
        )
        return pd.concat([self.frames[name], added[self.frames[name].columns]], ignore_index=True)

    def repaying(self, outcomes: str, ages: str) -> pd.DataFrame:
        """Outcomes with their repaying borrowers."""
        months = acquisition.horizon_months(self.shown.filters.horizon)
        return acquisition_forecast.repaying(
            self.frames[outcomes], self.frames[ages], self.stays, missed_ratio=self.missed_ratio, months=months
        )


def told(shown: View, frames: Frames, kept: Sequence[Kept]) -> tuple[Told, list[Entry]]:
    """What the cards are drawn from, and the entries that don't count, for the book has spend of their day."""
    days = frames.get("spend_days")
    booked = set() if days is None else set(zip(days["campaign"], days["kind"], days["day"].dt.date, strict=True))
    own, double = spend.counted([each.entry for each in kept], booked)
    whole = frames["whole"].sum(numeric_only=True)
    months = acquisition.horizon_months(shown.filters.horizon)
    told = Told(
        shown=shown,
        frames=frames,
        selection=acquisition.asked_of(shown.members),
        own=own,
        channels=dict(zip(frames["campaigns"]["campaign"], frames["campaigns"]["channel"], strict=True)),
        names=dict(zip(frames["campaigns"]["campaign"], frames["campaigns"]["name"], strict=True)),
        stays=acquisition_forecast.staying(frames["first_loans"], months),
        missed_ratio=float(rate(whole.get("first_missed", 0), whole.get("first_due", 0))),
    )
    return told, double


def each(told: Told) -> pd.DataFrame:
    """The rows of the card on cost."""
    by, shown, frames = cost_choices.by(), told.shown, told.frames
    outcomes = told.repaying("outcomes", "ages")
    significance = shown.policy.display.significance
    found = acquisition.per_head(
        told.costs("costs", by, told.selection), outcomes, cost_choices.step(), significance=significance
    )
    waiting = outcomes.set_index("value")["waiting"] / outcomes.set_index("value")["borrowers"].clip(lower=1)
    found = found.assign(waiting_share=found["value"].map(waiting).fillna(0.0))
    if not acquisition_return.tells_value(told.selection, by, inherit=cost_choices.inherits()):
        return found.assign(value_each_fen=float("nan"), projected=False)
    months = shown.policy.growth.value_months
    return acquisition_return.value_each(
        _curves(told, frames["value_cells"], frames["value_cohorts"], months), found, months - 1
    )


def _curves(told: Told, cells: pd.DataFrame, cohorts: pd.DataFrame, months: int) -> pd.DataFrame:
    shown, lifetime = told.shown, told.shown.policy.lifetime
    return lifetime_value.curves(
        cells,
        cohorts,
        registered=shown.members.registered,
        newest_month=calendar.newest_month_end(shown.book.as_of),
        observed_months=lifetime.observed_months,
        months=months,
        discount_rate=lifetime.discount_rate,
        leave_out=frozenset({Part.REWARD}),
    )


def together(told: Told, step: Step) -> pd.DataFrame:
    """The cost of a head over all channels, and over the paid ones, as two rows of one frame."""
    costs = told.costs("channel_costs", "channel", told.selection)
    ages = told.frames["channel_ages"]
    paid = frozenset(told.shown.policy.acquisition.paid_channels)
    found = []
    for name, values in (("all", None), ("paid", paid)):
        of = ages if values is None else ages[ages["value"].isin(values)]
        some, outcomes = acquisition.together(costs, told.frames["channel_outcomes"], values)
        outcomes = acquisition_forecast.repaying(
            outcomes,
            of.assign(value=""),
            told.stays,
            missed_ratio=told.missed_ratio,
            months=acquisition.horizon_months(told.shown.filters.horizon),
        )
        significance = told.shown.policy.display.significance
        row = acquisition.per_head(some, outcomes, step, significance=significance)
        found.append(row.assign(value=name))
    return pd.concat(found, ignore_index=True)


def deceptive(told: Told) -> Deceptive | None:
    """The campaign that only looks cheap, whatever is told apart."""
    significance = told.shown.policy.display.significance
    of = "" if cost_choices.by() == "campaign" else "campaign_"
    costs = told.costs(f"{of}costs", "campaign", told.selection)
    outcomes = told.repaying(f"{of}outcomes", f"{of}ages")
    named = outcomes["value"].isin(told.channels)
    early, late = (
        acquisition.per_head(
            costs[costs["value"].isin(told.channels)], outcomes.loc[named], step, significance=significance
        )
        for step in (Step.REGISTERED, Step.REPAYING)
    )
    whole = [together(told, step).set_index("value").loc["paid"] for step in (Step.REGISTERED, Step.REPAYING)]
    value = acquisition.deceptive(early, late, *whole)
    if value is None:
        return None
    return Deceptive(
        value=value,
        name=told.names[value],
        registered_fen=float(early.set_index("value").loc[value, "each_fen"]),
        repaying_fen=float(late.set_index("value").loc[value, "each_fen"]),
        whole_fen=float(whole[1]["each_fen"]),
    )


def change(told: Told) -> Change | None:
    """The cost per first loan against the period before; none where the newest cohort is too young to be held to it."""
    selection, frames = told.selection, told.frames
    before, last = selection.comparison(), selection.registered.last
    days = told.shown.policy.acquisition.first_loan_days
    if before is None or last is None or (told.shown.book.as_of - last).days < days:
        return None
    now = (
        told.costs("now_costs", "", selection),
        acquisition.together(pd.DataFrame(columns=["value"]), frames["channel_outcomes"])[1],
    )
    then = told.costs("before_costs", "", before), frames["before_outcomes"]
    if then[1].empty:
        return None
    return acquisition.change(now, then, told.shown.policy.display.significance)


def paid_back(told: Told) -> Payback | None:
    """When the cohorts of the selection pay back."""
    cells, cohorts = (acquisition_return.over_all(told.frames[name]) for name in ("value_cells", "value_cohorts"))
    curve = _curves(told, cells, cohorts, told.shown.policy.lifetime.months)
    costs = told.costs("channel_costs", "channel", told.selection)
    return acquisition_return.payback(curve, costs, told.frames["channel_outcomes"])


def months(told: Told) -> pd.DataFrame:
    """The rows of the card on repaying borrowers."""
    shown = told.shown
    outcomes = told.repaying("month_outcomes", "month_ages")
    outcomes = outcomes.loc[outcomes["value"] <= f"{calendar.newest_month_end(shown.book.as_of):%Y-%m}"]
    waited = _waited(outcomes["value"], shown)
    outcomes = acquisition_forecast.yet_to_borrow(outcomes, outcomes, waited, told.stays)
    costs = told.costs("month_costs", "month", told.selection.over_all_time())
    costs = costs[costs["value"].isin(set(outcomes["value"]))]
    found = acquisition.per_head(costs, outcomes, Step.REPAYING, significance=shown.policy.display.significance)
    beside = outcomes.set_index("value")
    missed = rate(beside["first_missed"], beside["first_due"])
    return found.assign(
        known=found["value"].map(beside["known"]),
        waiting=found["value"].map(beside["waiting"]),
        maturing=found["value"].map((beside["waiting"] > 0) | ~pd.Series(waited.to_numpy(), beside.index)),
        missed_ratio=found["value"].map(pd.Series(missed, beside.index)),
    )


def _waited(months: pd.Series, shown: View) -> pd.Series:
    """Which months' first loans have been waited for long enough."""
    days = shown.policy.acquisition.first_loan_days
    ends = pd.to_datetime(months + "-01") + pd.offsets.MonthEnd(0)
    return (pd.Timestamp(shown.book.as_of) - ends).dt.days >= days


def returned(told: Told) -> pd.DataFrame:
    """What each campaign brings back."""
    display = told.shown.policy.display
    costs = told.frames["return_costs"]
    cutoff = acquisition_return.valued(told.selection, told.shown.book.as_of, told.shown.policy.growth.value_months)
    added = spend_pace.as_costs(
        told.own, by="campaign", selection=cutoff, channels=told.channels, as_of=told.shown.book.as_of
    )
    costs = pd.concat([costs, added[costs.columns]], ignore_index=True)
    found = acquisition_return.returns(
        costs, told.frames["return_outcomes"], significance=display.significance, thin_borrowers=display.thin_borrowers
    )
    return found.loc[found["value"].isin(told.channels)].reset_index(drop=True)


def weeks(told: Told) -> tuple[pd.DataFrame, Newest | None, Newest | None]:
    """The newest weeks, and the newest that can be told by registration and by first loan."""
    shown, frames = told.shown, told.frames
    significance = shown.policy.display.significance
    every = spend_pace.as_costs(
        told.own,
        by="",
        selection=told.selection.over_all_time(),
        channels=told.channels,
        as_of=shown.book.as_of,
    )
    added = every.assign(week=[(shown.book.as_of - day).days // 7 for day in every["day"]])[["week", "fen"]]
    found = acquisition_weeks.by_week(
        pd.concat([frames["week_costs"], added], ignore_index=True),
        frames["week_outcomes"],
        weeks=WEEKS,
        early_days=shown.policy.acquisition.early_days,
        significance=significance,
    )
    registered, early = (acquisition_weeks.newest(found, name, significance) for name in ("registered", "early"))
    return found, registered, early
