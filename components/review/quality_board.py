"""How well is decided: what was decided so far."""

import streamlit as st

from components import formats
from components.language import _
from components.review.desk import review_desk
from components.view import View
from desk import review_queue
from rules.review_case import State


def draw(shown: View) -> None:
    """Draw how many cases are decided."""
    desk = review_desk()
    counts = review_queue.counts(desk.engine, desk.source, desk.now())
    with st.container(border=True, key="card-quality"):
        st.markdown(_("**{count}** cases are decided.").format(count=formats.count(counts[State.DECIDED])))
