"""Price against risk on Default rates."""

from components import view
from components.rates import dimension_choice
from components.rates.dimension_choice import Choice
from components.rates.price import board
from pages.parts import reading
from pages.parts.reading import Frames
from queries import acquisition, case, margins
from queries.acquisition import By
from queries.read import Statement
from rules.acquisition import horizon_months
from rules.filters import DateRange
from rules.member_filters import MemberSelection

PAGE = "default_rates"
_SPENT_ON = frozenset({"member", "loan", "application"})
_EVERYBODY = MemberSelection(DateRange(), None, ())


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows; what acquiring a borrower costs is of all of them, as Referrals tells it."""
    statements = {"lost": case.lost()}
    by = _by(shown)
    if shown.book.values_of(by.code):
        statements["prices"] = margins.by_segment(shown.beside(by.code), by.code, shown.book)
        statements["whole_prices"] = margins.by_segment(shown.selection, None, shown.book)
    if not _SPENT_ON & shown.book.missing_tables:
        told = {
            "definition": shown.filters.definition,
            "horizon_months": horizon_months(shown.filters.horizon),
        }
        statements["channel_costs"] = acquisition.costs(_EVERYBODY, By.CHANNEL)
        statements["channel_outcomes"] = acquisition.outcomes(_EVERYBODY, By.CHANNEL, **told)
    return statements


def draw(shown: view.View, frames: Frames) -> None:
    """The part."""
    behind = margins.loans_behind(shown.selection, shown.book)
    board.draw(shown, frames, _by(shown), reading.rows(PAGE, shown, behind))


def _by(shown: view.View) -> Choice:
    """By what prices are told apart."""
    return dimension_choice.choose("by", shown.book)
