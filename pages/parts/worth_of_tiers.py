"""What tiers are worth, of Membership."""

from components import view
from components.membership import worth_board, worth_choices
from pages.parts import reading
from pages.parts.reading import Frames
from queries import prices, worth
from queries.read import Statement

PAGE = "membership"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows; nothing where the book does not tell what comes in."""
    if worth_board.missing_tables(shown):
        return {}
    return worth.asked(shown.members, worth_choices.by(shown.book) or None, shown.policy)


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with all members behind the tiers and all loans over the cap as files."""
    members = reading.rows(PAGE, shown, worth.members_behind(shown.members))
    loans = reading.rows(PAGE, shown, prices.over_cap(shown.members))
    worth_board.draw(shown, frames, members=members, loans=loans)
