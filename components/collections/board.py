"""The page on collections: the ladder, late loans, reminders, messages, agents, complaints, plans."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads
from components.collections import agents, back_again, complaints, cures, ladder, planned, reminder
from components.view import View
from rules.collections import Measure
from rules.filters import DateRange


def draw(
    shown: View,
    period: DateRange,
    measure: Measure,
    frames: Mapping[str, pd.DataFrame],
    streams: Mapping[str, downloads.Batches],
    *,
    named: bool,
    leads_on: bool,
) -> None:
    """Draw the page.

    frames: of `queries.collections.asked`; streams: contacts and agents, for files. named: the reader
    sees agents by their keys; leads_on: and the page on members.
    """
    left, right = st.columns((3, 2), gap="small")
    with left:
        ladder.draw(shown, frames["ladder"], frames["ladder_months"], period, streams["contacts"])
    with right:
        cures.draw(shown, frames["overdue"], period)
    left, right = st.columns(2, gap="small")
    with left:
        reminder.draw(shown, frames["reminded"])
    with right:
        back_again.draw(shown, frames["messaged"], leads_on=leads_on)
    left, right = st.columns(2, gap="small")
    with left:
        agents.draw(shown, frames["agents"], period, measure, streams["agents"], named=named)
    with right:
        complaints.draw(shown, frames["complaints"], period)
        planned.draw(shown, frames["planned"], frames["planned_breaches"])
