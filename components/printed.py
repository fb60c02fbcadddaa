"""What is only on paper: what hovers tell on a screen."""

import html
from collections.abc import Mapping

import streamlit as st


def definition(text: str) -> None:
    """What a number means, below it."""
    st.html(f"<p class='print-only'>{html.escape(text)}</p>")


def definitions(named: Mapping[str, str]) -> None:
    """What several numbers mean, as a list."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in named.items())
    st.html(f"<dl class='print-only'>{rows}</dl>")
