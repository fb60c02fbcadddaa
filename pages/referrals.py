"""Referrals: how the tree of members grows, what they cost, whom they bring, and who is rewarded for it."""

from components import access, parts, states, view
from components.referrals import part
from pages.parts import cost, growth_of_trees, quality_of_members, reading, rewarding, suspicion, tree_of_members
from rules.book import Book
from rules.filters import Filters
from rules.member_filters import MemberSelection, resolve_members
from rules.policy import Policy

PAGE = "referrals"
_MOST_DAYS_A_MONTH = 31


def show() -> None:
    """The page: one part of it, of which alone is read."""
    access.require(PAGE)
    shown = view.current()
    if not shown.book.members:
        states.empty(["member"])
        return
    drawn = {
        part.GROWTH: growth_of_trees,
        part.COST: cost,
        part.QUALITY: quality_of_members,
        part.TREE: tree_of_members,
        part.REWARDS: rewarding,
        part.ABUSE: suspicion,
    }
    reading.one_part(PAGE, part.PARTS, part.note(parts.chosen(part.PARTS)), drawn, shown)


def selection(filters: Filters, book: Book, rule: Policy) -> MemberSelection:
    """The members that the filters mean on the part that is shown: how long they must have been observed differs."""
    mature_days = {
        part.GROWTH: rule.growth.exposure_days,
        part.COST: rule.acquisition.first_loan_days,
        part.QUALITY: rule.growth.value_months * _MOST_DAYS_A_MONTH,
        part.TREE: 0,
        part.REWARDS: 0,
        part.ABUSE: 0,
    }[parts.chosen(part.PARTS)]
    return resolve_members(filters, book, mature_days)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
