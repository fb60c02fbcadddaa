"""What staff did, event by event, for auditors: searched, and taken along."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from components import cards, downloads, export, formats, tables, view
from components.language import _, ngettext
from components.system import HEIGHT, event_choices, event_words
from components.system.event_choices import Chosen
from components.tables import Column, Kind

_KEY = "events"
_EMPTY = 30  # px
_FILE = "audit-events"


def card(
    found: pd.DataFrame,
    count: int,
    chosen: Chosen,
    choices: tuple[Sequence[str], Sequence[str]],
    named: Callable[[str], str],
    columns: Sequence[str],
    batches: downloads.Batches | None,
) -> None:
    """Events on record, newest first.

    found: sequence, at (Asia/Shanghai), staff_email, kind, subject, details of the newest; count: how many there are in
    all; choices: all kinds and all people; named: what somebody is called; columns, batches: those of the file, or
    nothing for who may not take it along.
    """
    shown = cards.begin(_KEY, title=_("What did staff do?"), tabular=False)
    with shown.controls:
        event_choices.draw(*choices, named)
    if batches is not None:
        with shown.actions:
            downloads.buttons(
                _KEY, _FILE, view.current(), partial(_facts, chosen, named), columns, batches, of_snapshot=False
            )
    listed = found.assign(
        what=[event_words.name(kind) for kind in found["kind"]],
        who=[named(email) for email in found["staff_email"]],
    )
    shown.answer(
        _said(count, chosen),
        filed=True,
        height=HEIGHT if len(found) else _EMPTY,
        figure=lambda: tables.show(listed, _columns(), key=f"{_KEY}-rows", height=HEIGHT) if len(found) else None,
        caption=_caption(len(found), count) if len(found) else "",
    )


def _said(count: int, chosen: Chosen) -> str:
    if count == 0:
        return _("No event fits these choices.") if chosen.narrows else _("Nothing is on record yet.")
    if chosen.narrows:
        said = ngettext("**{count}** event fits.", "**{count}** events fit.", count)
    else:
        said = ngettext("**{count}** event is on record.", "**{count}** events are on record.", count)
    return said.format(count=formats.count(count))


def _caption(listed: int, count: int) -> str:
    said = [_("reveals of personal data and files that were taken along are events too")]
    if listed < count:
        said.append(
            _("the newest {listed} of {count} are listed, a file holds all").format(
                listed=formats.count(listed), count=formats.count(count)
            )
        )
    return " · ".join(said)


def _columns() -> dict[str, Column]:
    return {
        "at": Column(_("When"), Kind.INSTANT, pinned=True),
        "who": Column(_("Who")),
        "what": Column(_("What")),
        "subject": Column(_("To what")),
        "details": Column(_("Details")),
        "sequence": Column(_("Event"), Kind.COUNT),
    }


def _facts(chosen: Chosen, named: Callable[[str], str]) -> export.Header:
    """What a file states of its rows."""
    asked = [
        (_("What was done"), event_words.name(chosen.kind) if chosen.kind else ""),
        (_("Who did it"), named(chosen.person) if chosen.person else ""),
        (_("To what"), chosen.about),
        (_("From"), chosen.first.isoformat() if chosen.first else ""),
        (_("To"), chosen.last.isoformat() if chosen.last else ""),
    ]
    return [(_("Rows"), _("Events of the audit chain"))] + [(label, text) for label, text in asked if text]
