"""Words and colours that the cards on growth share: levels of referral, weeks."""

from collections.abc import Sequence
from datetime import date

from components import formats, theme
from components.charts.lines import Ticks
from components.language import _
from rules import dimensions
from rules.book import Book
from rules.dimensions import UNKNOWN
from rules.growth import ROOT

_TICKS = 5  # on an axis of weeks
_STEPS = (3, 5, 6, 7, 9)  # of the sequential colours, from level 1 down


def levels(book: Book) -> tuple[str, ...]:
    """The levels that the book has, roots first."""
    held = [level for level in book.member_values_of(dimensions.REFERRAL_LEVEL.code) if level not in {ROOT, UNKNOWN}]
    return (ROOT, *held)


def level_name(level: str) -> str:
    """What a level is called."""
    return _("New roots") if level == ROOT else _("Level {level}").format(level=level)


def level_colour(level: str, levels_held: Sequence[str]) -> str:
    """The colour of a level: grey for roots, darker the further from them."""
    if level == ROOT:
        return theme.UNCERTAIN
    return theme.SEQUENTIAL[_STEPS[min(list(levels_held).index(level), len(_STEPS)) - 1]]


def week_ticks(weeks: Sequence[date]) -> Ticks:
    """The axis of some weeks in a row, named by the day on which they begin; years stand below where they begin."""
    every = max(1, -(-len(weeks) // _TICKS))
    places = sorted(range(len(weeks) - 1, -1, -every))
    years = [None, *(weeks[place].year for place in places[:-1])]
    texts = [
        f"{formats.day_alone(weeks[place])}<br>{weeks[place].year if weeks[place].year != before else ''}"
        for place, before in zip(places, years, strict=True)
    ]
    return Ticks(places, texts, "", max(1, len(weeks) - 1))
