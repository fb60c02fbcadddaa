"""The answer at the head of Default rates, whichever part is shown."""

from components import view
from pages.parts.reading import Frames
from queries import default_rates
from queries.read import Statement
from rules import default_rates as rates
from rules.default_rates import Headline


def asked(shown: view.View) -> dict[str, Statement]:
    """What the answer is made of."""
    selection, book = shown.selection, shown.book
    compared = selection.comparison()
    statements = {"overall": default_rates.overall(selection, book)}
    return statements | ({"compared": default_rates.overall(compared, book)} if compared else {})


def answer(shown: view.View, frames: Frames) -> Headline:
    """The rate of the period against what it is compared with."""
    display = shown.policy.display
    compared = frames["compared"].iloc[0] if "compared" in frames else None
    return rates.headline(frames["overall"].iloc[0], compared, display.significance, display.thin_borrowers)
