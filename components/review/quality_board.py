"""How well is decided: what was decided so far."""

import streamlit as st

from components import formats
from components.language import _
from components.review.desk import review_desk
from components.view import View
from desk import review_queue
from desk.review_queue import Show


def draw(shown: View) -> None:
    """Draw how many cases are decided."""
    desk = review_desk()
    tally = review_queue.tally(desk.engine, desk.source, desk.now(), None, shown.staff_email)
    with st.container(border=True, key="card-quality"):
        st.markdown(_("**{count}** cases are decided.").format(count=formats.count(tally.of(Show.DECIDED))))
