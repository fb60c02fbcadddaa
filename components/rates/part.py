"""The two parts of the page, by segment and over time: a quiet switch, kept in the link; only one of them is read."""

import streamlit as st

from components import linked
from components.filters.words import period
from components.language import _
from rules.book import Book
from rules.filters import DateRange
from rules.text import N_

SEGMENTS, TIME = "segments", "time"
_KEY = "part"
_NAMES = {SEGMENTS: N_("By segment"), TIME: N_("Over time")}
_ICONS = {SEGMENTS: ":material/segment:", TIME: ":material/timeline:"}


def chosen() -> str:
    """The part that the link asks for."""
    return linked.value(_KEY, list(_NAMES), SEGMENTS)


def switch(book: Book) -> None:
    """The switch, and beside the part over time which loans it shows."""
    shown = chosen()
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="parts"):
        for part, name in _NAMES.items():
            st.button(
                f"**{_(name)}**" if part == shown else f":gray[{_(name)}]",
                icon=_ICONS[part],
                type="tertiary",
                key=f"part-{part}",
                on_click=linked.choose,
                args=(_KEY, part, SEGMENTS),
            )
        if shown == TIME:
            st.caption(_every_month(book), width="stretch")


def _every_month(book: Book) -> str:
    return _(
        "Every month of disbursement, {months}: the period of the filters counts for the rate above alone."
    ).format(months=period(DateRange(), book))
