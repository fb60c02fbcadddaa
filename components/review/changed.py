"""What has changed of the application since it was on somebody's screen: field by field, to be acknowledged first."""

import pandas as pd
import streamlit as st

from components import formats, tables
from components.language import _, ngettext
from components.review import acting
from components.review.acting import Acting
from components.tables import Column
from rules.review_changes import Change, changes
from rules.text import N_

HEIGHT = 240
TABLES = {
    "application": N_("Application"),
    "earlier_application": N_("Earlier application"),
    "product": N_("Product"),
    "tier": N_("Tier"),
    "member": N_("Member"),
    "application_check": N_("Check"),
    "score": N_("Score"),
    "device_sighting": N_("Device"),
    "membership": N_("Membership"),
    "perk": N_("Perk"),
    "credit_line": N_("Credit line"),
    "loan": N_("Loan"),
    "instalment": N_("Instalment"),
    "repayment": N_("Repayment"),
}
_NAMING = ("code", "kind", "amount", "status", "due_on", "paid_at", "outcome")  # what tells a whole row in short


def acknowledged(at: Acting) -> bool:
    """Whether what is on the screen is what was typed on; where it is not, draw what is new and wait for a word."""
    seen, now = at.draft.seen(), at.opened.seen
    if seen is None:
        at.draft.see(at.opened)
        return True
    if seen[0] == now.evidence.hash:
        return True
    found = changes(seen[1], now.content)
    with st.container(border=True, key="changed"):
        st.markdown(
            ":orange[:material/difference:] "
            + ngettext(
                "**The application was changed since you looked: {count} change.** Look at it, then go on; what you "
                "wrote is kept.",
                "**The application was changed since you looked: {count} changes.** Look at them, then go on; what "
                "you wrote is kept.",
                len(found),
            ).format(count=formats.count(len(found)))
        )
        tables.show(_rows(found), _columns(), key="changed-rows", height=HEIGHT)
        st.button(
            _("I have seen it"), key="changed-seen", type="primary", icon=":material/visibility:", on_click=_seen,
            args=(at,),
        )  # fmt: skip
    return False


def _seen(at: Acting) -> None:
    acting.hush()
    at.draft.see(at.opened)


def _rows(found: tuple[Change, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "where": _(TABLES.get(change.table, change.table)),
                "row": change.row,
                "field": _("whole row") if change.field is None else change.field,
                "before": _value(change, change.before),
                "after": _value(change, change.after),
            }
            for change in found
        ]
    )


def _value(change: Change, value: object) -> str:
    if value is None:
        return "–"
    if change.is_money and isinstance(value, int):
        return formats.money_exact(value)
    if isinstance(value, dict):
        short = {name: value[name] for name in _NAMING if value.get(name) is not None}
        return ", ".join(
            _value(Change(change.table, change.row, name, None, None), each) for name, each in short.items()
        ) or _("there")  # fmt: skip
    return str(value)


def _columns() -> dict[str, Column]:
    return {
        "where": Column(_("Where"), pinned=True),
        "field": Column(_("Field")),
        "before": Column(_("Before")),
        "after": Column(_("Now")),
        "row": Column(_("Row")),
    }
