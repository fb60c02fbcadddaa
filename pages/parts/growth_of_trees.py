"""The growth of trees, of Referrals."""

from components import view
from components.referrals import growth_board
from pages.parts.reading import Frames
from queries import growth
from queries.read import Statement


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows."""
    return growth.asked(shown.members, as_of=shown.book.as_of, invitation_days=shown.policy.growth.invitation_days)


def draw(shown: view.View, frames: Frames) -> None:
    """The part."""
    growth_board.draw(shown, frames)
