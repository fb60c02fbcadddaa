"""Words and colours that the cards on cost share: parts, steps, what costs are told apart by, costs and changes."""

from datetime import date

import plotly.graph_objects as go

from components import formats, theme
from components.charts import base
from components.language import _, value_label
from rules.acquisition import Part, Step
from rules.book import Book
from rules.dimensions import UNKNOWN
from rules.text import N_

PARTS = {
    Part.MEDIA: (N_("Media"), theme.faded(theme.TEXT, 0.62)),
    Part.AGENCY: (N_("Agency"), theme.faded(theme.TEXT, 0.42)),
    Part.PRODUCTION: (N_("Production"), theme.faded(theme.TEXT, 0.24)),
    Part.BONUS: (N_("Bonuses"), theme.CHANNELS["partner"]),
    Part.DIRECT: (N_("Rewards, level 1"), theme.ACCENT),
    Part.DEEPER: (N_("Rewards, level 2+"), theme.faded(theme.ACCENT, 0.58)),
    Part.TEAM: (N_("Team rewards"), theme.TIERS["platinum"]),
    Part.INVITEE: (N_("Invitee benefits"), theme.faded(theme.ACCENT, 0.3)),
    Part.FARMED: (N_("Farmed"), theme.BAD),
    Part.REVERSAL: (N_("Taken back"), theme.GOOD),
}
STEPS = {
    Step.REGISTERED: N_("per registration"),
    Step.VERIFIED: N_("per verified member"),
    Step.APPROVED: N_("per approved member"),
    Step.FIRST_LOAN: N_("per first loan"),
    Step.REPAYING: N_("per repaying borrower"),
}
HEADS = {
    Step.REGISTERED: N_("Registered"),
    Step.VERIFIED: N_("Verified"),
    Step.APPROVED: N_("Approved"),
    Step.FIRST_LOAN: N_("Borrowers"),
    Step.REPAYING: N_("Repaying"),
}
COSTS = {
    Step.REGISTERED: N_("a registration costs"),
    Step.VERIFIED: N_("a verified member costs"),
    Step.APPROVED: N_("an approved member costs"),
    Step.FIRST_LOAN: N_("a borrower costs"),
    Step.REPAYING: N_("a repaying borrower costs"),
}


def part_names() -> dict[str, tuple[str, str]]:
    """Each part's name and colour, in the order in which they are stacked."""
    return {str(part): (_(name), colour) for part, (name, colour) in PARTS.items()}


def value_name(by: str, value: str, book: Book) -> str:
    """What a channel, campaign or month is called."""
    if by == "month":
        return formats.month(date.fromisoformat(f"{value}-01")) if value else _("Unknown")
    if value == UNKNOWN:
        return _("Without a campaign") if by == "campaign" else _("Unknown")
    return value_label(by, value, book)


def money(fen: float) -> str:
    """A cost of which nothing is known is a dash."""
    return "–" if fen != fen else formats.money(round(fen))  # noqa: PLR0124, nan is not itself


def between(low: float, high: float) -> str:
    """The two ends of an interval of costs: ¥166–189."""
    return "–" if low != low else f"{money(low)}–{money(high).removeprefix('¥')}"  # noqa: PLR0124


def money_axis(made: go.Figure, highest: float, *, axis: str = "x") -> None:
    """The axis of amounts from zero on, for charts of lines."""
    base.money_axis(made, 0.0, highest, formats.money, axis=axis)
