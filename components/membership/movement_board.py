"""The part on movement: moves between tiers, borrowing again, and the watch on members who owe too much."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads, states
from components.membership import (
    again,
    before_moves,
    exposure,
    line_use,
    migration,
    prompt,
    tier_time,
    upgrades,
    watch_list,
)
from components.view import View

COLUMNS = (1.13, 1)
_NEEDED = {"tier", "membership"}

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames, stream: downloads.Batches) -> None:
    """Draw the part. frames: of `queries.movement.asked`; stream: all watched members, for files."""
    missing = sorted(shown.book.missing_tables & _NEEDED)
    if missing:
        states.empty(missing)
    else:
        _moves(shown, frames)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        again.draw(shown, frames["cohorts"])
    with right:
        prompt.draw(shown, frames["prompted"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        line_use.draw(shown, frames["lines"])
    with right:
        exposure.over_time(shown, frames["exposure"])
    if frames["exposure"].empty:
        return
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        watch_list.draw(shown, frames["watched"], frames["exposure"], stream)
    with right:
        exposure.by_tier(shown, frames["exposure"])


def _moves(shown: View, frames: Frames) -> None:
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        migration.draw(shown, frames["flows"], frames["flows_before"])
    with right:
        tier_time.draw(shown, frames["stays"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        upgrades.draw(shown, frames["upgrades"])
    with right:
        before_moves.draw(shown, frames["before_moves"])
