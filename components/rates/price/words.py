"""Words that the cards on price share."""

from components import formats
from components.language import _
from rules.text import N_
from rules.worth import Verdict

COSTS = {
    "loss": N_("expected loss"),
    "funding": N_("funding"),
    "perk": N_("perks"),
    "contact": N_("contacts"),
    "acquisition": N_("acquisition"),
}
MARKS = {Verdict.EARNS: "▲ ", Verdict.LOSES: "▼ ", Verdict.UNSURE: "≈ ", Verdict.THIN: ""}
HUNDRED_FEN = 10_000  # a hundred yuan, of which yearly parts are drawn


def points(ratio: float) -> str:
    """A yearly rate with its sign, in points: +3.2."""
    return _("{points} points").format(points=formats.points_signed(ratio))


def held() -> str:
    """What a trial holds."""
    return _("held: who borrows, how much, and how it is repaid")
