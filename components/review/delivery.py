"""How the decision stands with lending: since when it waits, acknowledged, refused with lending's words, corrected."""

from datetime import datetime

import streamlit as st

from components import formats
from components.language import _, ngettext
from components.markdown import plain
from components.review.acting import Acting
from desk.review_history import Delivered
from rules.review_case import Delivery


def draw(at: Acting) -> None:
    """Draw one line of the newest delivery; nothing where nothing was ever to be delivered."""
    if at.history.deliveries:
        colour, icon, sentence = line(at.history.deliveries[-1], at.opened.now)
        st.markdown(f":{colour}[:material/{icon}:] {sentence}")


def line(sent: Delivered, now: datetime) -> tuple[str, str, str]:
    """Colour, icon and sentence of a delivery."""
    answered = "" if sent.answered_at is None else formats.moment(sent.answered_at)
    if sent.state is Delivery.ACKNOWLEDGED:
        return "green", "done_all", _("Lending acknowledged it on {at}.").format(at=answered)
    if sent.state is Delivery.REFUSED:
        told = _("Lending refused it on {at}: {words} The case waits for a new decision.")
        return "red", "undo", told.format(at=answered, words=_("“{words}”").format(words=plain(sent.told or "?")))
    if sent.state is Delivery.CORRECTED:
        return (
            "orange",
            "edit_note",
            _("It was taken back on {at}, before lending acknowledged it.").format(at=answered),
        )
    waits = formats.duration((now - sent.since).total_seconds())
    told = _("Waits for lending's acknowledgement for {time}.").format(time=waits)
    if sent.tries:
        told += " " + ngettext("Sent {count} time", "Sent {count} times", sent.tries).format(count=sent.tries)
        told += f": {plain(sent.told)}" if sent.told else _(".")
    return "orange", "schedule_send", told
