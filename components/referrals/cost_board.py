"""The part on cost: its cards in two columns, drawn from frames that the page has read and from what was entered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from components import downloads, states
from components.language import _, dimension_name, ngettext
from components.referrals import (
    budgets,
    cost,
    cost_choices,
    cost_figures,
    cost_rows,
    cost_weeks,
    creators,
    maturing,
    payback,
    returns,
    spend_desk,
)
from components.referrals.cost_figures import Frames, Told
from components.view import View
from rules import acquisition, creator_sheet, spend_pace
from rules.spend import Kept

COLUMNS = (1.13, 1)


@dataclass(frozen=True)
class Entered:
    """What was entered at the spend desk, and who may enter more."""

    kept: Sequence[Kept]
    desk: spend_desk.Desk
    may_enter: bool
    check: Callable[[], object]  # ends the run for who may not see the page any more


def draw(shown: View, frames: Frames, entered: Entered, bookings: downloads.Batches) -> None:
    """Draw the part.

    frames: what the statements of `queries.acquisition_part` return; bookings: every row behind the cost, for files.
    """
    told, double = cost_figures.told(shown, frames, entered.kept)
    _not_applied(shown)
    if {"campaign_spend", "reward"} <= shown.book.missing_tables and not told.own:
        states.empty(["campaign_spend", "reward"])
    else:
        _cards(told, bookings)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        spend_desk.draw(shown, entered.kept, double, entered.desk, may_enter=entered.may_enter, check=entered.check)
    with right:
        period = shown.members.registered
        creators.draw(shown, creator_sheet.sheet(frames["uses"], told.own, period=(period.first, period.last)))


def _not_applied(shown: View) -> None:
    """The filters that cost can't be told by, for spend is booked by campaign."""
    kept = {code for code, _values in acquisition.asked_of(shown.members).choices}
    left = [dimension_name(code) for code, _values in shown.members.choices if code not in kept]
    if left:
        st.caption(
            ngettext(
                "{names} is not applied here: spend is booked by campaign, so cost is told by channel and campaign.",
                "{names} are not applied here: spend is booked by campaign, so cost is told by channel and campaign.",
                len(left),
            ).format(names=_(", ").join(left))
        )


def _cards(told: Told, bookings: downloads.Batches) -> None:
    shown, frames = told.shown, told.frames
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        together = cost_figures.together(told, cost_choices.step())
        deceptive = cost_figures.deceptive(told)
        files = partial(cost_rows.buttons, told, bookings)
        cost.draw(shown, cost_figures.each(told), together, cost_figures.change(told), deceptive, files)
    with right:
        payback.draw(shown, cost_figures.paid_back(told))
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        maturing.draw(shown, cost_figures.months(told))
    with right:
        returns.draw(shown, cost_figures.returned(told))
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        cost_weeks.draw(shown, *cost_figures.weeks(told))
    with right:
        weeks = pd.concat([frames["campaign_weeks"], spend_pace.by_week(told.own, shown.book.as_of)], ignore_index=True)
        budgets.draw(shown, spend_pace.pacing(frames["campaigns"], weeks, shown.book.as_of))
