"""The parts of the page: the morning, and the risk committee's pack of a month end."""

from components.language import _
from components.parts import Part
from rules.text import N_

TODAY, COMMITTEE = "today", "committee"
PARTS = (
    Part(TODAY, N_("Today"), ":material/today:"),
    Part(COMMITTEE, N_("Risk committee"), ":material/gavel:"),
)


def whole_book() -> str:
    """Which loans the pack is of."""
    return _("The whole book as of the month end, whatever is filtered.")
