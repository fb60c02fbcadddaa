"""Whether the audit chain is whole: what staff did, one event after another."""

from datetime import datetime

import streamlit as st

from components import cards, formats
from components.language import _, ngettext

_HEIGHT = 64  # px


def card(events: int, head: str, broken: str | None, verified_at: datetime) -> None:
    """How the chain stands.

    events: how many were verified, the newest ones; head: the newest whole one, number and hash; broken: what is wrong
    first, a sentence in the reader's language, or None.
    """
    shown = cards.begin("record", title=_("Is the record of what staff did whole?"), tabular=False)
    whole = ngettext(
        "**{count}** event was verified; it is as it was written.",
        "**{count}** events were verified; all are as they were written.",
        events,
    ).format(count=formats.count(events))
    if broken is not None:
        said = f":red[:material/error:] **{broken}** " + _("Whoever runs Loanboard has to find out why.")
    else:
        said = whole if events else _("Nothing is on record yet.")
    shown.answer(
        said,
        height=_HEIGHT,
        figure=lambda: st.code(head, language=None),
        caption=_("verified {moment} · the newest whole event's number and hash; deposit it elsewhere each day").format(
            moment=formats.moment(verified_at)
        ),
    )
