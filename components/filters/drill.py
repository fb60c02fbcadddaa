"""Drilling down: a segment that is clicked filters everything else, and the breadcrumb leads back."""

import streamlit as st

from components.filters import choice
from components.language import _, dimension_name, value_label
from components.markdown import plain
from rules.book import Book
from rules.filters import Filters


def drill_into(code: str, value: str) -> None:
    """Look only at one segment of a dimension. For use in callbacks."""
    choice.change(drill=choice.chosen().drilled(code, value).drill)


def drill_out(code: str) -> None:
    """Look at all segments of a dimension again. For use in callbacks."""
    choice.change(drill=tuple(step for step in choice.chosen().drill if step[0] != code))


def drill_up(steps: int) -> None:
    """Keep only so many of the segments that were clicked, outermost first. For use in callbacks."""
    choice.change(drill=choice.chosen().drill[:steps])


def breadcrumb(filters: Filters, book: Book, everything: str) -> None:
    """The way down so far, each step a way back to where `everything` is shown; nothing where nothing was clicked."""
    if not filters.drill:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="breadcrumb"):
        st.button(everything, type="tertiary", key="drill-0", on_click=drill_up, args=(0,))
        for place, (code, value) in enumerate(filters.drill, start=1):
            st.markdown("›")
            label = f"{dimension_name(code)}: {value_label(code, value, book)}"
            if place == len(filters.drill):
                st.markdown(f"**{plain(label)}**")
            else:
                st.button(plain(label), type="tertiary", key=f"drill-{place}", on_click=drill_up, args=(place,))
        st.button(
            ":material/close:",
            help=_("Leave the last step"),
            type="tertiary",
            key="drill-close",
            on_click=drill_up,
            args=(len(filters.drill) - 1,),
        )
