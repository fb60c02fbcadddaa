"""The part on rewards: the ledger, what is owed, whether it comes in time, and what other terms would have cost."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads, states
from components.referrals import (
    reward_choices,
    rewards_behind,
    rewards_ledger,
    rewards_owed,
    rewards_promise,
    terms_editor,
    terms_hit,
)
from components.view import View

COLUMNS = (1.13, 1)
_NEEDED = {"reward", "reward_rule"}

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames, streams: Mapping[str, downloads.Batches]) -> None:
    """Draw the part. frames: of `queries.reward_part.ledger`; streams: behind and hit, all rows for files."""
    missing = sorted(shown.book.missing_tables & _NEEDED)
    if missing:
        states.empty(missing)
        return
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        rewards_ledger.draw(shown, frames["ledger"], frames.get("ledger_before"))
    with right:
        rewards_owed.draw(shown, frames["liability"])
    tried = terms_editor.plan(frames["rules"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        terms_editor.draw(frames["rules"], tried, frames["by_campaign"])
    with right:
        terms_hit.draw(shown, frames["rules"], tried, frames, streams["hit"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        rewards_behind.draw(shown, frames["behind"], _counted(frames), streams["behind"])
    with right:
        rewards_promise.draw(shown, frames["promises"])


def _counted(frames: Frames) -> dict[str, int]:
    """How many rewards there are of each choice that can be listed."""
    return {
        reward_choices.LEDGER: int(frames["ledger"]["rewards"].sum()),
        reward_choices.OPEN: int(frames["liability"]["rewards"].sum()),
        reward_choices.LATE: int(frames["promises"][["late", "unpaid"]].sum().sum()),
    }
