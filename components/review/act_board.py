"""What is done with the open case: it is taken into one's hands or let go of."""

import streamlit as st

from components.language import _
from components.review.desk import perform
from components.review.opened import Opened
from components.view import View
from rules.refusal import Refused
from rules.review_actions import Claim, GiveUp


def draw(shown: View, opened: Opened) -> None:
    """Draw who holds the case, and the button that changes it."""
    holder, number = opened.case.held_by(opened.now), opened.waiting.external_number
    with st.container(border=True, key="card-act"):
        if holder == opened.person.email:
            st.button(_("Let go"), key="give-up", on_click=_act, args=(f"give up {number}", opened, True))
        else:
            st.markdown(_("Held by {who}").format(who=holder) if holder else _("Nobody holds this case."))
            st.button(_("Claim"), key="claim", on_click=_act, args=(f"claim {number}", opened, False))


def _act(meant: str, opened: Opened, gives_up: bool) -> None:
    action = GiveUp(opened.case.tokens) if gives_up else Claim()
    try:
        perform(meant, opened.key, opened.person.email, action)
    except Refused as refused:
        st.toast(_(refused.sentence).format(**refused.values))
