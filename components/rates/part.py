"""The two parts of the page: by segment and over time."""

from components.filters.words import period
from components.language import _
from components.parts import Part
from rules.book import Book
from rules.filters import DateRange
from rules.text import N_

SEGMENTS, TIME = "segments", "time"
PARTS = (
    Part(SEGMENTS, N_("By segment"), ":material/segment:"),
    Part(TIME, N_("Over time"), ":material/timeline:"),
)


def every_month(book: Book) -> str:
    """Which loans the part over time shows."""
    return _(
        "Every month of disbursement, {months}: the period of the filters counts for the rate above alone."
    ).format(months=period(DateRange(), book))
