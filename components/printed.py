"""What is only on paper: what hovers tell on a screen."""

import html
from collections.abc import Mapping

import streamlit as st


def definition(key: str, text: str) -> None:
    """What a number means, below it."""
    _draw(key, f"<p>{html.escape(text)}</p>")


def definitions(key: str, named: Mapping[str, str]) -> None:
    """What several numbers mean, as a list."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in named.items())
    _draw(key, f"<dl>{rows}</dl>")


def _draw(key: str, body: str) -> None:
    """In a container of its own, which takes no room on the screen, not even before its content has come."""
    with st.container(key=f"printed-{key}", gap=None):
        st.html(body)
