"""Choices of one page that live in its link: the link is the truth, the widget shows it and writes it."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

WIDTH = 158  # px: three in the narrower of two columns


def value(key: str, options: Sequence[str], opening: str) -> str:
    """What the link asks for; anything that is no option is the opening value."""
    asked = st.query_params.get(key, opening)
    return asked if asked in options else opening


def text(key: str) -> str:
    """What stands in the link under a key, whatever it is; empty where nothing does."""
    return st.query_params.get(key, "")


def select(
    key: str, options: Sequence[str], *, opening: str, label: str, named: Callable[[str], str], clears: str = ""
) -> str:
    """A select box of the link's value, its label hidden but read out.

    `clears`: what of the link another choice makes void, such as the page of a list.
    """
    chosen, widget = value(key, options, opening), f"linked-{key}"
    st.session_state[widget] = chosen
    st.selectbox(
        label,
        options,
        format_func=named,
        key=widget,
        on_change=_write,
        args=(key, widget, opening, clears),
        label_visibility="collapsed",
        filter_mode=None if len(options) <= 12 else "fuzzy",
        width=WIDTH,
    )
    return chosen


def field(key: str, *, label: str, icon: str, longest: int) -> str:
    """A box for the link's text, its label inside while it is empty; spaces around it don't count."""
    widget = f"linked-{key}"
    st.session_state[widget] = text(key)[:longest]
    st.text_input(
        label,
        key=widget,
        placeholder=label,
        icon=icon,
        max_chars=longest,
        label_visibility="collapsed",
        on_change=_write_text,
        args=(key, widget),
        width=WIDTH,
    )
    return text(key)[:longest].strip()


def day(key: str) -> date | None:
    """The day that stands in the link under a key; None where none does."""
    try:
        return date.fromisoformat(text(key))
    except ValueError:
        return None


def days(first: str, last: str, *, label: str) -> tuple[date | None, date | None]:
    """A box for the first and the last day, each under its key in the link; either may be open."""
    widget, chosen = f"linked-{first}-{last}", (day(first), day(last))
    st.session_state[widget] = tuple(each for each in chosen if each is not None)
    st.date_input(
        label,
        key=widget,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        on_change=_write_days,
        args=(first, last, widget),
        width=WIDTH + 60,
    )
    return chosen


def choose(key: str, chosen: str, opening: str) -> None:
    """Write a choice into the link; the opening value is left out of it. For use in callbacks."""
    if chosen == opening:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen


def _write(key: str, widget: str, opening: str, clears: str) -> None:
    choose(key, st.session_state[widget], opening)
    st.query_params.pop(clears, None)


def _write_text(key: str, widget: str) -> None:
    choose(key, st.session_state[widget].strip(), "")


def _write_days(first: str, last: str, widget: str) -> None:
    for key, each in zip((first, last), (*st.session_state[widget], None, None), strict=False):
        choose(key, "" if each is None else each.isoformat(), "")
