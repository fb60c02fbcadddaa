"""What those who were brought are like, of Referrals."""

from components import view
from components.referrals import quality_board, quality_words
from pages.parts import reading
from pages.parts.reading import Frames
from queries import quality
from queries.read import Statement

PAGE = "referrals"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows."""
    chosen = shown.selection
    return quality.asked(shown.members, quality_words.group(shown.book), chosen.definition, chosen.horizon)


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with every referrer as files."""
    chosen = shown.selection
    every = quality.referrers(shown.members, chosen.definition, chosen.horizon)
    quality_board.draw(shown, frames, reading.rows(PAGE, shown, every))
