"""Words and colours of the states that members are in: tiers as the lender names them, and what else they may be."""

from components import theme
from components.language import _, value_label
from rules.book import Book
from rules.dimensions import TIER
from rules.migration import DORMANT, ENTERED, LAPSED, NONE
from rules.text import N_

_NAMES = {
    ENTERED: N_("Registered since"),
    NONE: N_("No tier yet"),
    LAPSED: N_("Lapsed"),
    DORMANT: N_("Dormant"),
}
_COLOURS = {
    ENTERED: theme.ACCENT,
    NONE: theme.faded(theme.TEXT, 0.35),
    LAPSED: theme.BAD,
    DORMANT: theme.UNCERTAIN,
}


def state(code: str, book: Book) -> str:
    """What a state is called."""
    return _(_NAMES[code]) if code in _NAMES else value_label(TIER.code, code, book)


def colour(code: str) -> str:
    """The colour of a state, a tier's own on every page."""
    return _COLOURS.get(code) or theme.TIERS.get(code, theme.UNCERTAIN)
