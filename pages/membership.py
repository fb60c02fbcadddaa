"""Membership: where members drop out, how they move between tiers, and what a tier is worth."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pandas as pd
import pyarrow as pa

from components import access, parts, states, view
from components.filters import tier_choice
from components.language import _
from components.membership import (
    funnel_board,
    funnel_choices,
    move_choices,
    movement_board,
    part,
    worth_board,
    worth_choices,
)
from queries import exits, exposure, funnel, movement, prices, worth
from queries.faults import ReadError
from queries.read import Statement, read_all, stream
from queries.running import new_run
from rules.book import Book
from rules.filters import Filters
from rules.member_filters import MemberSelection, resolve_members
from rules.policy import Policy

PAGE = "membership"


def show() -> None:
    """The page: one part of it, of which alone is read."""
    access.require(PAGE)
    shown = view.current()
    if not shown.book.members:
        states.empty(["member"])
        return
    asked, draw = {
        part.FUNNEL: (_funnel, _draw_funnel),
        part.MOVEMENT: (_movement, _draw_movement),
        part.WORTH: (_worth, _draw_worth),
    }[parts.chosen(part.PARTS)]
    try:
        frames = read_all(asked(shown), shown.book.snapshot_id, new_run(view.session(), PAGE), limit=exits.MOST_CELLS)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    parts.switch(part.PARTS, part.note())
    draw(shown, frames)


def selection(filters: Filters, book: Book, rule: Policy) -> MemberSelection:
    """The members that the filters mean on the part that is shown: how long they must have been observed differs."""
    mature_days: Callable[[Policy, Book], int] = {
        part.FUNNEL: funnel_choices.mature_days,
        part.MOVEMENT: move_choices.mature_days,
        part.WORTH: worth_choices.mature_days,
    }[parts.chosen(part.PARTS)]
    return resolve_members(filters, book, mature_days(rule, book), tier_choice.chosen())


def _funnel(shown: view.View) -> dict[str, Statement]:
    chosen = funnel_choices.chosen(shown)
    if not chosen.is_settled or len(chosen.steps) == 1:
        return {}
    return funnel.asked(
        chosen.counted,
        chosen.held,
        shown.members.over_all_time(),
        chosen.beside,
        chosen.windows,
        chosen.steps,
        chosen.recorded,
        chosen.by,
        chosen.steps.index(chosen.step),
        stopped=chosen.stopped,
        listed=funnel_choices.SHOWN_MEMBERS,
    )


def _draw_funnel(shown: view.View, frames: Mapping[str, pd.DataFrame]) -> None:
    chosen = funnel_choices.chosen(shown)
    place = chosen.steps.index(chosen.step)
    behind = funnel.members(chosen.counted, chosen.windows, chosen.steps, place, stopped=chosen.stopped)
    funnel_board.draw(shown, chosen, frames, partial(_all, behind, shown.book.snapshot_id, access.guard(PAGE)))


def _movement(shown: view.View) -> dict[str, Statement]:
    days, watched_on = move_choices.days(shown.book), move_choices.watched_on(shown.book)
    return movement.asked(shown.members, shown.book, shown.policy, days=days, watched_on=watched_on)


def _draw_movement(shown: view.View, frames: Mapping[str, pd.DataFrame]) -> None:
    watched = exposure.watched(
        shown.members.over_all_time(), shown.policy.exposure, move_choices.watched_on(shown.book)
    )
    movement_board.draw(shown, frames, partial(_all, watched, shown.book.snapshot_id, access.guard(PAGE)))


def _worth(shown: view.View) -> dict[str, Statement]:
    if worth_board.missing_tables(shown):
        return {}
    return worth.asked(shown.members, worth_choices.by(shown.book) or None, shown.policy)


def _draw_worth(shown: view.View, frames: Mapping[str, pd.DataFrame]) -> None:
    behind = {"members": worth.members_behind(shown.members), "loans": prices.over_cap(shown.members)}
    check, snapshot_id = access.guard(PAGE), shown.book.snapshot_id
    streams = {name: partial(_all, statement, snapshot_id, check) for name, statement in behind.items()}
    worth_board.draw(shown, frames, **streams)


def _all(statement: Statement, snapshot_id: str, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    check()
    return stream(statement, snapshot_id)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
