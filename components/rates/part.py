"""The parts of the page: by segment, over time, what was decided by, what was asked for it, what is set aside."""

from components.filters.words import period
from components.language import _
from components.parts import Part
from rules.book import Book
from rules.filters import DateRange
from rules.text import N_

SEGMENTS, TIME, SCORE, PRICE, RESERVE = "segments", "time", "score", "price", "reserve"
PARTS = (
    Part(SEGMENTS, N_("By segment"), ":material/segment:"),
    Part(TIME, N_("Over time"), ":material/timeline:"),
    Part(SCORE, N_("Score and layers"), ":material/filter_list:"),
    Part(PRICE, N_("Price"), ":material/sell:"),
    Part(RESERVE, N_("Reserve"), ":material/savings:"),
)


def every_month(book: Book) -> str:
    """Which loans the part over time shows."""
    return _(
        "Every month of disbursement, {months}: the period of the filters counts for the rate above alone."
    ).format(months=period(DateRange(), book))


def whole_book() -> str:
    """Which loans the part on the reserve shows."""
    return _("The whole book, whatever the filters: the reserve is one.")
