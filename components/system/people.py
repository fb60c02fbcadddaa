"""Who may sign in, and as what."""

import pandas as pd

from components import cards, tables
from components.language import _
from components.system import HEIGHT
from components.tables import Column, Kind


def card(staff: pd.DataFrame) -> None:
    """Who may sign in. staff: name, role (their English name), active."""
    shown = cards.begin("people", title=_("Who works with Loanboard?"), tabular=False)
    listed = staff.assign(role=[_(role) for role in staff["role"]], name=[_(name) for name in staff["name"]])
    columns = {
        "name": Column(_("Name"), pinned=True),
        "role": Column(_("Role")),
        "active": Column(_("Active"), Kind.YES),
    }
    shown.answer(
        _("A role decides which pages a person sees; it is looked up anew at every click."),
        height=HEIGHT,
        figure=lambda: tables.show(listed, columns, key="people", height=HEIGHT),
    )
