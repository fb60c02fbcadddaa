"""The part on the funnel: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components.view import View

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames) -> None:
    """Draw the part. frames: reached, compared: what the statements of those names return."""
    st.dataframe(frames["reached"], hide_index=True)
