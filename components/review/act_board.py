"""What is done with the open case: who holds it, the form of whoever does, how a decision stands, and its history."""

import streamlit as st

from components import access, states
from components.language import _
from components.review import acting, beside, blind_form, calls, form, history_card, hold, keys, made
from components.review.acting import Acting
from components.review.draft import PAGE
from components.review.opened import Opened
from components.view import View
from desk import review_unreachable
from desk.review_unreachable import Unreachable
from rules.review_case import State
from rules.review_people import OFFICERS


def draw(shown: View, opened: Opened) -> None:
    """Draw the card of what is done and the card of what was done."""
    try:
        with review_unreachable.telling():
            access.require(PAGE)
            at = acting.of(opened)
    except Unreachable as lost:
        states.error(_(lost.sentence))
        return
    if at.blind:
        with st.container(border=True, key="card-act", gap="small"):
            title = _("Decide this case again, unseeing")
            st.markdown(f"## {title}", anchors=False)
            blind_form.draw(at)
        return
    with st.container(border=True, key="card-act", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head-act"):
            st.markdown(f"## {_question(at)}", width="stretch", anchors=False)
            keys.button()
        if opened.case.at(opened.now) is State.WAITING:
            hold.draw(at)
        calls.draw(at)
        if at.held:
            made.draw(at)
            form.draw(at)
        else:
            beside.draw(at)
    history_card.draw(at)


def _question(at: Acting) -> str:
    """What the card is about; nobody is asked who decides nothing."""
    case = at.opened.case
    if case.at(at.opened.now) is not State.WAITING:
        return {
            State.PARKED: _("Put aside for now"),
            State.ASKED: _("Information is awaited"),
            State.DECIDED: _("Decided"),
        }.get(case.state, _("Closed"))
    if at.person.role not in OFFICERS:
        return _("Waits for a second decision") if case.decisions else _("Waits for a decision")
    return _("What do you decide, as the second person?") if case.decisions else _("What do you decide?")
