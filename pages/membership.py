"""Membership: where members drop out, how they move between tiers, and what a tier is worth."""

from collections.abc import Callable

from components import access, parts, states, view
from components.filters import tier_choice
from components.membership import funnel_choices, move_choices, part, worth_choices
from pages.parts import funnel, movement, reading, worth_of_tiers
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
    drawn = {part.FUNNEL: funnel, part.MOVEMENT: movement, part.WORTH: worth_of_tiers}
    reading.one_part(PAGE, part.PARTS, part.note(), drawn, shown)


def selection(filters: Filters, book: Book, rule: Policy) -> MemberSelection:
    """The members that the filters mean on the part that is shown: how long they must have been observed differs."""
    mature_days: Callable[[Policy, Book], int] = {
        part.FUNNEL: funnel_choices.mature_days,
        part.MOVEMENT: move_choices.mature_days,
        part.WORTH: worth_choices.mature_days,
    }[parts.chosen(part.PARTS)]
    return resolve_members(filters, book, mature_days(rule, book), tier_choice.chosen())


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
