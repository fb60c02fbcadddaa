"""The queue: what waits for a decision, by deadline."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components import linked, tables
from components.language import _
from components.tables import Column, Kind
from components.view import View
from desk.review_queue import Waiting

OPEN = "case"  # in the link: the external number of the application that is open


def draw(shown: View, waiting: Sequence[Waiting]) -> None:
    """Draw the list; a click on a row opens its case."""
    numbers = [each.external_number for each in waiting]
    rows = pd.DataFrame(
        {
            "due_at": pd.Series([each.due_at.replace(tzinfo=None) for each in waiting], dtype="datetime64[us]"),
            "number": numbers,
            "amount": pd.Series([each.amount_fen for each in waiting], dtype="int64"),
        }
    )
    with st.container(border=True, key="card-queue"):
        st.markdown(f"#### {_('Waiting for a decision')} :gray[{len(waiting)}]")
        tables.show(
            rows,
            {"due_at": Column(_("Due"), Kind.INSTANT), "number": Column(_("Case")),
             "amount": Column(_("Amount"), Kind.FEN)},
            key="queue-rows",
            height=400,
            selection_mode="single-row",
            on_select=lambda: _open(numbers),
        )  # fmt: skip


def _open(numbers: list[str]) -> None:
    picked = st.session_state["queue-rows"]["selection"]["rows"]
    if picked:
        linked.choose(OPEN, numbers[picked[0]], "")
