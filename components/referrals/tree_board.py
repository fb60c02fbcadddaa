"""The part on the tree: who invited whom, as an icicle, as dots and lines or as a table, and what a branch comes to."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import downloads, export
from components.referrals import tree_card, tree_figures, tree_scope
from components.view import View
from rules.trees import Scope

COLUMNS = (2.1, 1)

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames, stream: downloads.Batches) -> None:
    """Draw the part. frames: what the statements of `queries.tree.asked` return; stream: every member, for files."""
    scope, whole = tree_scope.shown(shown), frames["whole"].iloc[0]
    here = _here(scope, frames)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        tree_card.draw(shown, scope, frames, here)
    with right:
        tree_figures.draw(shown, scope, here, whole, lambda: export.in_cny(stream))


def _here(scope: Scope, frames: Frames) -> pd.Series:
    """What the scope comes to."""
    if scope.campaign:
        return frames["campaign"].iloc[0]
    if scope.member_id:
        nodes = frames["nodes"]
        found = nodes.loc[nodes["member_id"] == scope.member_id]
        return found.iloc[0] if len(found) else pd.Series(dtype=object)
    return frames["whole"].iloc[0]
