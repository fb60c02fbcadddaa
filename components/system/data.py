"""What was read from the loan database, table by table."""

import pandas as pd

from components import cards, formats, tables
from components.language import _, ngettext
from components.system import HEIGHT
from components.tables import Column, Kind
from rules.book import Book, Evidence
from rules.text import N_

_DEPTHS = {
    Evidence.INSTALMENTS: N_("instalments and repayments"),
    Evidence.TAPE: N_("a month-end tape"),
    Evidence.OUTCOMES: N_("outcomes alone"),
}


def card(book: Book, found: pd.DataFrame) -> None:
    """What was read. found: name, present, rows, missing_columns, rejected (`queries.system.tables`)."""
    missing, rejected = int((~found["present"]).sum()), int(found["rejected"].sum())
    shown = cards.begin("tables", title=_("What was read from the loan database?"), tabular=False)
    said = [
        _("**{book}**, closed to {day}: {count} rows.").format(
            book=book.name, day=formats.day(book.as_of), count=formats.count(int(found["rows"].sum()))
        ),
        ngettext("{count} table of the contract is missing.", "{count} tables of the contract are missing.", missing)
        .format(count=missing) if missing else _("No table of the contract is missing."),
        ngettext("{count} row can't be used.", "{count} rows can't be used.", rejected)
        .format(count=formats.count(rejected)) if rejected else _("Every row can be used."),
    ]  # fmt: skip
    columns = {
        "name": Column(_("Table"), pinned=True),
        "present": Column(_("Present"), Kind.YES),
        "rows": Column(_("Rows"), Kind.COUNT),
        "rejected": Column(_("Can't be used"), Kind.COUNT),
        "missing_columns": Column(_("Missing columns")),
    }
    depths = ", ".join(_(_DEPTHS[depth]) for depth in Evidence if depth in book.evidence)
    shown.answer(
        " ".join(said),
        height=HEIGHT,
        figure=lambda: tables.show(found, columns, key="tables", height=HEIGHT),
        caption=_("repayment is proved by {depths} · snapshot {snapshot}").format(
            depths=depths, snapshot=book.snapshot_id
        ),
    )
