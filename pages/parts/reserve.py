"""The reserve on Default rates: of the whole book whatever is filtered, for the reserve is one."""

from components import view
from components.overview.looked import looked_at
from components.rates.reserve import board
from components.rates.time.board import oldest
from pages.parts import reading
from pages.parts.reading import Frames
from queries import controls, months, overview, reserve
from queries.read import Statement
from rules import calendar

PAGE = "default_rates"
_LENT_MONTHS = 12


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows."""
    book, last = shown.book, looked_at(shown).last
    first_lent = calendar.add_months(calendar.first_of_month(last), -board.MONTHS - _LENT_MONTHS)
    return {
        "transitions": months.transitions(controls.WHOLE_BOOK, first=oldest(book.as_of)),
        "lent": overview.lent(controls.WHOLE_BOOK, first_lent),
        "reserve": overview.reserve(book.as_of),
        "movements": reserve.movements(book.as_of),
        "balances": reserve.by_funder(last),
    }


def draw(shown: view.View, frames: Frames) -> None:
    """The part."""
    board.draw(shown, frames, reading.rows(PAGE, shown, reserve.movements(shown.book.as_of)))
