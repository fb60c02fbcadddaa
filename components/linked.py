"""Choices of one page that live in its link: the link is the truth, the widget shows it and writes it."""

from collections.abc import Callable, Sequence

import streamlit as st

WIDTH = 158  # px: three in the narrower of two columns


def select(key: str, options: Sequence[str], *, opening: str, label: str, named: Callable[[str], str]) -> str:
    """A select box, its label hidden but read out. Anything in the link that is no option is the opening value."""
    asked = st.query_params.get(key, opening)
    value = asked if asked in options else opening
    widget = f"linked-{key}"
    st.session_state[widget] = value
    st.selectbox(
        label,
        options,
        format_func=named,
        key=widget,
        on_change=_write,
        args=(key, widget, opening),
        label_visibility="collapsed",
        filter_mode=None if len(options) <= 12 else "fuzzy",
        width=WIDTH,
    )
    return value


def _write(key: str, widget: str, opening: str) -> None:
    value = st.session_state[widget]
    if value == opening:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = value
