"""Movement between tiers, of Membership."""

from components import view
from components.membership import move_choices, movement_board
from pages.parts import reading
from pages.parts.reading import Frames
from queries import exposure, movement
from queries.read import Statement

PAGE = "membership"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows."""
    days, watched_on = move_choices.days(shown.book), move_choices.watched_on(shown.book)
    return movement.asked(shown.members, shown.book, shown.policy, days=days, watched_on=watched_on)


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with all watched members as files."""
    watched = exposure.watched(
        shown.members.over_all_time(), shown.policy.exposure, move_choices.watched_on(shown.book)
    )
    movement_board.draw(shown, frames, reading.rows(PAGE, shown, watched))
