"""The keyboard of the review page: one letter for each thing that is done, and the list of them on `?`.

Letters never act while somebody types in a field. Two of them lead into a field; the browser sees to those and to `?`
(assets/browser.js), for Streamlit has no such keys.
"""

from dataclasses import dataclass

import streamlit as st

from components.language import _
from rules.text import N_


@dataclass(frozen=True)
class Shortcut:
    """A key and what it does. `name` is translated where it is shown."""

    key: str
    name: str


NEXT = Shortcut("N", N_("Next case"))
BELOW = Shortcut("J", N_("The case below in the list"))
ABOVE = Shortcut("K", N_("The case above in the list"))
CLAIM = Shortcut("T", N_("Take the case"))
GIVE_UP = Shortcut("G", N_("Let go of it"))
REVEAL = Shortcut("V", N_("Reveal personal data"))
APPROVE = Shortcut("A", N_("Approve"))
LESS = Shortcut("L", N_("Approve less"))
DECLINE = Shortcut("D", N_("Decline"))
ASK = Shortcut("I", N_("Ask for information"))
NOTE = Shortcut("M", N_("Note a call"))
PARK = Shortcut("P", N_("Park until a time"))
ESCALATE = Shortcut("E", N_("Leave it to a senior risk officer"))
REASONS = Shortcut("S", N_("To the reasons"))
WORDS = Shortcut("W", N_("To the words"))
CHECK = Shortcut("F", N_("Check what is about to be recorded"))
CONFIRM = Shortcut("Y", N_("Confirm: record it"))
BACK = Shortcut("B", N_("Back, record nothing"))
HELP = Shortcut("?", N_("This list"))
ALL = (
    NEXT, BELOW, ABOVE, CLAIM, GIVE_UP, REVEAL, APPROVE, LESS, DECLINE, ASK, NOTE, PARK, ESCALATE, REASONS, WORDS,
    CHECK, CONFIRM, BACK, HELP,
)  # fmt: skip


def button() -> None:
    """The quiet button that lists the keys; `?` presses it."""
    with st.popover(_("Keys"), icon=":material/keyboard:", key="keys", type="tertiary"):
        lines = "\n".join(f"| `{each.key}` | {_(each.name)} |" for each in ALL)
        key, what = _("Key"), _("What it does")
        with st.container(key="keys-list", gap="small"):
            st.markdown(f"| {key} | {what} |\n|---|---|\n{lines}")
            st.caption(
                _("A key does nothing while you type in a field; Esc closes a list, Tab leads on to the next field.")
            )
