"""The part on the funnel: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads, states
from components.language import _
from components.membership import durations, funnel, further, people, trend
from components.membership.funnel_choices import Chosen
from components.view import View

COLUMNS = (1.13, 1)

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, chosen: Chosen, frames: Frames, stream: downloads.Batches) -> None:
    """Draw the part.

    frames: reached, months, times, members and, where there is something to show, segments and compared: what
    `queries.funnel.asked` names so. stream: all members behind the step that is listed, for files.
    """
    if len(chosen.recorded) == 1:
        states.empty(["membership", "application", "loan"])
        return
    if not chosen.is_settled:
        states.immature(
            _("No registration month in these filters has had its time. Choose earlier months or shorter windows, or "
              "follow the funnel less far.")
        )  # fmt: skip
        return
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        funnel.draw(shown, chosen, frames)
    with right:
        trend.draw(shown, chosen, frames["months"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        further.draw(shown, chosen, frames.get("segments"))
    with right:
        durations.draw(shown, chosen, frames["times"])
    people.draw(shown, chosen, frames, stream)
