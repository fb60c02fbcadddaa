"""From the open case to the one above or below it in the list: how the list is gone through without a mouse.

In the table itself a cell that the keyboard comes to would count as chosen, and open its case; so it is left out of the
keyboard's way (assets/browser.js).
"""

from collections.abc import Callable, Sequence

import streamlit as st

from components.language import _
from components.review import keys


def draw(numbers: Sequence[str], opened: str, choose: Callable[[str], None]) -> None:
    """Draw the two steps; `choose` is told the number of the case that they lead to.

    numbers: the cases as the list shows them. Where none of them is open, both lead to the first.
    """
    place = numbers.index(opened) if opened in numbers else None
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key="queue-steps", width="content"):
        for step, shortcut, icon in (
            (-1, keys.ABOVE, ":material/keyboard_arrow_up:"),
            (1, keys.BELOW, ":material/keyboard_arrow_down:"),
        ):
            to = 0 if place is None else place + step
            there = 0 <= to < len(numbers)
            st.button(
                "",
                key=f"queue-step{step:+}",
                icon=icon,
                help=_(shortcut.name),
                type="tertiary",
                shortcut=shortcut.key,
                disabled=not there,
                on_click=choose,
                args=(numbers[to] if there else "",),
            )
