"""Everything that is known of the open case, panel by panel; the one of similar applications is read on demand."""

import streamlit as st

from components import access
from components.review import (
    checks_panel,
    devices_panel,
    income_panel,
    line_panel,
    loans_panel,
    margin_panel,
    membership_panel,
    price_panel,
    score_panel,
    similar_panel,
)
from components.review.draft import PAGE
from components.review.seen import Seen
from components.review.similar_panel import Read

_PANELS = (
    price_panel, income_panel, score_panel, checks_panel, loans_panel, membership_panel, line_panel, devices_panel,
    margin_panel,
)  # fmt: skip


def draw(seen: Seen, similar: Read | None) -> None:
    """Draw the panels, side by side where there is room. Without `similar` past applications are not looked for."""
    access.require(PAGE)
    with st.container(key="case-panels", gap="small"):
        for panel in _PANELS:
            panel.draw(seen)
        if similar is not None:
            similar_panel.draw(seen, similar)
