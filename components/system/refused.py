"""Rows of the loan database that can't be used, and why."""

import pandas as pd

from components import cards, formats, tables
from components.language import _
from components.system import HEIGHT
from components.tables import Column


def card(rows: pd.DataFrame) -> None:
    """Rows that can't be used. rows: table_name, key, reason (`queries.system.rejected`)."""
    shown = cards.begin("refused", title=_("Which rows can't be used?"), tabular=False)
    listed = rows.assign(reason=[_(reason) for reason in rows["reason"]])
    columns = {
        "table_name": Column(_("Table"), pinned=True),
        "key": Column(_("Key")),
        "reason": Column(_("Reason")),
    }
    shown.answer(
        _("They are left out of every figure; correct them in the loan database, then refresh."),
        height=HEIGHT,
        figure=lambda: tables.show(listed, columns, key="refused", height=HEIGHT),
        caption=_("the first {count} are listed").format(count=formats.count(len(rows)))
        if rows.attrs.get("capped")
        else "",
    )
