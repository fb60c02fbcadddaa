"""Do messages bring borrowers back? What the prompt does within seven days; the page on members has all of it."""

import pandas as pd

from components import cards, elsewhere, states
from components.language import _
from components.membership import prompt
from components.view import View
from rules import retention
from rules.metrics import METRICS

_KEY = "back-again"
_DAYS = 7


def draw(shown: View, parts: pd.DataFrame, *, leads_on: bool) -> None:
    """Draw the card. parts: `queries.retention.prompted`; leads_on: the reader sees the page on members too."""
    metric = METRICS["prompt_effect"]
    card = cards.begin(
        _KEY,
        title=_("Do messages bring borrowers back?"),
        of=_("within {days} days").format(days=_DAYS),
        definition=_(metric.definition),
        tabular=False,
    )
    if "contact" in shown.book.missing_tables:
        with card.frame:
            states.empty(["contact"])
        return
    if set(parts["arm"]) < {retention.TREATED, retention.HELD_OUT}:
        said = _("Nobody was held out from the prompt to borrow again, so nothing tells what it changes.")
    else:
        found = retention.prompt_effect(parts, significance=shown.policy.display.significance)
        said = prompt.sentence(found, _DAYS)

    def further() -> None:
        if leads_on:
            elsewhere.link(
                shown, "membership", _("The prompt by days, and who borrows again"), {"part": "movement"},
                icon=":material/arrow_forward:",
            )  # fmt: skip

    card.answer(
        said,
        height=None,
        figure=further,
        caption=_("messages about a raised limit hold nobody out, so nothing is claimed of them"),
    )
