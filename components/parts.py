"""The parts of a page: a quiet switch, kept in the link; only the part that is shown is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components import linked
from components.language import _

KEY = "part"  # in the link


@dataclass(frozen=True)
class Part:
    """One part of a page. `name` is translated where it is shown."""

    code: str
    name: str
    icon: str


def chosen(parts: Sequence[Part]) -> str:
    """The code of the part that the link asks for; the first where it asks for none of them."""
    return linked.value(KEY, [part.code for part in parts], parts[0].code)


def switch(parts: Sequence[Part], note: str = "") -> None:
    """The switch, and beside it what is to be known of the part that is shown."""
    shown = chosen(parts)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="parts"):
        for part in parts:
            name = _(part.name)
            st.button(
                f"**{name}**" if part.code == shown else f":gray[{name}]",
                icon=part.icon,
                type="tertiary",
                key=f"part-{part.code}",
                on_click=linked.choose,
                args=(KEY, part.code, parts[0].code),
            )
        if note:
            st.caption(note, width="stretch")
