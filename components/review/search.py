"""Search by the number of an application."""

from collections.abc import Callable

import streamlit as st

from components.language import _

_FIELD = "queue-search"


def draw(choose: Callable[[str], None]) -> None:
    """The field; `choose` is told the number. Whether there is such a case is said where it is opened."""
    st.text_input(
        _("Application number"),
        key=_FIELD,
        placeholder=_("Application number"),
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=64,
        width=172,
        on_change=_choose,
        args=(choose,),
    )


def _choose(choose: Callable[[str], None]) -> None:
    number = st.session_state[_FIELD].strip().upper()
    st.session_state[_FIELD] = ""
    if number:
        choose(number)
