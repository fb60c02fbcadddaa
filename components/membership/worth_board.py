"""The part on worth: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads, states
from components.membership import lifetime, perks, price_cap, worth
from components.view import View

COLUMNS = (1.13, 1)
_EARNED_FROM = ("loan", "instalment", "repayment")  # without them nothing of what comes in is known

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames, *, members: downloads.Batches, loans: downloads.Batches) -> None:
    """Draw the part.

    frames: what the statements of `queries.worth.asked` return; members, loans: all members behind the tiers, and all
    loans over the cap, for files.
    """
    missing = missing_tables(shown)
    if missing:
        states.empty(missing)
        return
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        worth.draw(shown, frames["by_tier"], members)
    with right:
        lifetime.draw(shown, frames["value_cells"], frames["value_cohorts"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        perks.draw(shown, frames["perks"])
    with right:
        price_cap.draw(shown, frames["prices"], frames["over_cap"], loans)


def missing_tables(shown: View) -> list[str]:
    """The tables without which members' worth can't be told."""
    return [name for name in _EARNED_FROM if name in shown.book.missing_tables]
