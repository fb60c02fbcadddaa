"""The part on quality: its cards, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads
from components.referrals import quality_groups, quality_overview, quality_referrers
from components.view import View

COLUMNS = (1.13, 1)

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames, stream: downloads.Batches) -> None:
    """Draw the part. frames: what the statements of `queries.quality.asked` return; stream: every referrer."""
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        quality_groups.draw(shown, frames["groups"])
    with right:
        quality_overview.draw(shown, frames["groups"])
    quality_referrers.draw(shown, frames["referrers"], frames["moments"], stream)
