"""Would a planned contact break a rule? Those planned for later days, held against the rules on contacts."""

import pandas as pd

from components import cards, formats, states, tables
from components.compliance import words as rule_words
from components.language import _, ngettext
from components.tables import Column, Kind
from components.view import View
from rules.calendar import BUSINESS_ZONE
from rules.compliance import Rule
from rules.metrics import METRICS

HEIGHT = 184
_KEY = "planned-contacts"


def draw(shown: View, judged: pd.DataFrame, breaches: pd.DataFrame) -> None:
    """Draw the card. judged, breaches: `queries.collections.planned`, `planned_breaches`."""
    metric = METRICS["planned_breaches"]
    card = cards.begin(
        _KEY, title=_("Would a planned contact break a rule?"), definition=_(metric.definition), tabular=False
    )
    if "contact" in shown.book.missing_tables:
        with card.frame:
            states.empty(["contact"])
        return
    planned = int(judged.loc[judged["rule"] == Rule.CONTACT_HOURS.value, "judged"].sum())
    if not planned:
        said = _("No contact about a debt is planned after {day}.").format(day=formats.day(shown.book.as_of))
        card.answer(said, height=None, figure=lambda: None)
        return
    contacts = breaches["contact_id"].nunique()
    listed = _listed(breaches)
    card.answer(
        sentence(planned, contacts),
        height=HEIGHT if contacts else None,
        figure=lambda: tables.show(listed, _columns(), key=f"{_KEY}-rows", height=HEIGHT) if contacts else None,
        caption=_("planned after {day}, by the clock of Shanghai; each call taken to be answered").format(
            day=formats.day(shown.book.as_of)
        ),
    )


def sentence(planned: int, contacts: int) -> str:
    """How many of the planned contacts would break a rule."""
    if not contacts:
        return _("**None** of {planned} planned contacts would break a rule.").format(planned=formats.count(planned))
    return ngettext(
        "**{count}** of {planned} planned contacts would break a rule: move or drop it.",
        "**{count}** of {planned} planned contacts would break a rule: move or drop them.",
        contacts,
    ).format(count=formats.count(contacts), planned=formats.count(planned))


def _listed(breaches: pd.DataFrame) -> pd.DataFrame:
    local = pd.to_datetime(breaches["planned_at"]).dt.tz_localize("UTC").dt.tz_convert(BUSINESS_ZONE)
    return breaches.assign(
        at=local.dt.tz_localize(None), name=[rule_words.name(Rule(each)) for each in breaches["rule"]]
    )


def _columns() -> dict[str, Column]:
    return {
        "at": Column(_("Planned at"), Kind.INSTANT, pinned=True),
        "name": Column(_("Rule")),
        "contact_id": Column(_("Contact")),
        "loan_id": Column(_("Loan")),
    }
