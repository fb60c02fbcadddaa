"""Referrals: how the tree of members grows, what they cost, whom they bring, and who is rewarded for it."""

from components import access, parts, states, view
from components.language import _
from components.referrals import growth_board, part
from queries import growth
from queries.faults import ReadError
from queries.read import Statement, read_all
from queries.running import new_run
from rules.book import Book
from rules.filters import Filters
from rules.member_filters import MemberSelection, resolve_members
from rules.policy import Policy

PAGE = "referrals"


def show() -> None:
    """The page: one part of it, of which alone is read."""
    access.require(PAGE)
    shown = view.current()
    if not shown.book.members:
        states.empty(["member"])
        return
    asked, draw = {
        part.GROWTH: (_growth, growth_board.draw),
    }[parts.chosen(part.PARTS)]
    try:
        frames = read_all(asked(shown), shown.book.snapshot_id, new_run(view.session(), PAGE))
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    parts.switch(part.PARTS)
    draw(shown, frames)


def selection(filters: Filters, book: Book, rule: Policy) -> MemberSelection:
    """The members that the filters mean on the part that is shown: how long they must have been observed differs."""
    mature_days = {
        part.GROWTH: rule.growth.exposure_days,
    }[parts.chosen(part.PARTS)]
    return resolve_members(filters, book, mature_days)


def _growth(shown: view.View) -> dict[str, Statement]:
    return growth.asked(shown.members, as_of=shown.book.as_of, invitation_days=shown.policy.growth.invitation_days)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
