"""The form of whoever holds the case: what they do, what it needs, and then what exactly is about to be recorded."""

import streamlit as st

from components.language import _
from components.review import acting, changed, confirm, decision, keys, steps
from components.review.acting import Acting
from rules.review_case import Outcome
from rules.text import N_

DOING = "doing"  # the field that says which of these is being filled in
ASK, NOTE, PARK, ESCALATE, WITHDRAW = "ask", "note", "park", "escalate", "withdraw"
_DECIDE = {
    Outcome.APPROVED: (keys.APPROVE, ":material/check_circle:"),
    Outcome.APPROVED_LESS: (keys.LESS, ":material/trending_down:"),
    Outcome.DECLINED: (keys.DECLINE, ":material/cancel:"),
}
_ELSE = {
    ASK: (keys.ASK, N_("Ask"), ":material/contact_support:", steps.ask),
    NOTE: (keys.NOTE, N_("Note a call"), ":material/call:", steps.note),
    PARK: (keys.PARK, N_("Park"), ":material/schedule:", steps.park),
    ESCALATE: (keys.ESCALATE, N_("Escalate"), ":material/moving:", steps.escalate),
    WITHDRAW: (None, N_("Withdrawn"), ":material/undo:", steps.withdraw),
}


@st.fragment
def draw(at: Acting) -> None:
    """Draw the form, or what it is about to record. A field that is left reruns this alone."""
    acting.granted()  # without the database what is typed stays on the screen
    acting.anew()
    acting.said(at)
    meant = acting.meant(at)
    if meant is not None:
        confirm.draw(at, meant)
        return
    if not changed.acknowledged(at):
        return
    doing = at.draft.text(DOING)
    with st.container(horizontal=True, gap="small", key="outcomes"):
        for outcome, (shortcut, icon) in _DECIDE.items():
            _choice(at, outcome.value, _(shortcut.name), icon, shortcut.key, doing)
    with st.container(horizontal=True, gap="small", key="elses"):
        for code, (key, name, icon, _draw) in _ELSE.items():
            _choice(at, code, _(name), icon, None if key is None else key.key, doing, quiet=True)
    if doing in set(Outcome):
        decision.draw(at, Outcome(doing))
    elif doing in _ELSE:
        _ELSE[doing][3](at)
    if at.draft.unsaved:
        unsaved = _("Not saved yet: the database can't be reached. It is kept here.")
        st.caption(f":orange[:material/cloud_off: {unsaved}]")


def _choice(at: Acting, code: str, name: str, icon: str, key: str | None, doing: str, *, quiet: bool = False) -> None:
    chosen = code == doing
    st.button(
        name,
        icon=icon,
        shortcut=key,
        key=f"do-{code}",
        type="primary" if chosen else "tertiary" if quiet else "secondary",
        on_click=_choose,
        args=(at, code),
    )


def _choose(at: Acting, code: str) -> None:
    acting.hush()
    at.draft.put(DOING, code)
