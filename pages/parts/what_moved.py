"""What moved a rate, of the overview."""

from dataclasses import replace

import pandas as pd

from components import view
from components.membership import funnel_choices
from components.overview import moved, moved_choices
from components.overview.moved_choices import APPROVAL, DEFAULT, LATE
from pages.parts.reading import Frames
from queries import moved as queries
from queries.read import Statement
from rules.delinquency import Late
from rules.filters import DateRange
from rules.member_filters import resolve_members

_PERIODS = ("moved_before", "moved_after")


def asked(shown: view.View, seen: frozenset[str]) -> dict[str, Statement]:
    """The rate in both periods by every dimension; nothing where a period is missing or the book can't answer."""
    chosen = moved_choices.asked(_of_members(shown), seen)
    if chosen is None or chosen.before is None or chosen.after is None or not chosen.codes:
        return {}
    if not shown.book.loans and chosen.rate != APPROVAL:
        return {}
    return {
        name: _statement(shown, chosen, period)
        for name, period in zip(_PERIODS, (chosen.before, chosen.after), strict=True)
    }


def draw(shown: view.View, frames: Frames, seen: frozenset[str]) -> None:
    """The card."""
    chosen = moved_choices.asked(_of_members(shown), seen)
    if chosen is not None:
        moved.draw(shown, chosen, seen, *both(frames))


def both(frames: Frames) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """The rate in the earlier and in the later period; None where it was not asked."""
    before, after = (frames.get(name) for name in _PERIODS)
    return before, after


def _statement(shown: view.View, chosen: moved_choices.Asked, period: DateRange) -> Statement:
    selection = replace(shown.selection, disbursed=period, compared=None)
    if chosen.rate == DEFAULT:
        return queries.defaults(selection, chosen.codes, shown.book)
    if chosen.rate == LATE and period.last is not None:
        return queries.late(selection, chosen.codes, Late.DPD30, period.last)
    if chosen.rate == APPROVAL:
        funnel = funnel_choices.chosen(_of_members(shown))
        members = replace(funnel.counted, registered=period, compared=None)
        return queries.converted(members, chosen.codes, funnel.windows, funnel.steps, ("applied", "approved"))
    return queries.first_payments(selection, chosen.codes)


def _of_members(shown: view.View) -> view.View:
    """The same filters as Membership applies them."""
    days = funnel_choices.mature_days(shown.policy, shown.book)
    return replace(shown, members=resolve_members(shown.filters, shown.book, days))
