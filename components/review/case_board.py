"""The open case: what is asked for, by whom, and what rules and model say."""

import pandas as pd
import streamlit as st

from components import formats, tables
from components.language import _
from components.review.opened import Opened
from components.tables import Column
from components.view import View


def draw(shown: View, opened: Opened, frames: dict[str, pd.DataFrame]) -> None:
    """Draw what is known of the application. frames: what `queries.case.asked` asks of the snapshot."""
    asked = opened.seen.content["application"][0]
    with st.container(border=True, key="card-case"):
        st.markdown(f"#### {opened.waiting.external_number} :gray[{opened.waiting.tier or ''}]")
        asked_column, term_column, rate_column = st.columns(3)
        asked_column.metric(_("Asked"), formats.money_exact(opened.seen.evidence.amount_fen))
        term_column.metric(_("Term"), asked["term_months"])
        rate_column.metric(_("Yearly rate"), formats.percent(float(asked["annual_rate"])))
        checks = pd.DataFrame(opened.seen.content["application_check"], columns=["layer", "code", "outcome", "value"])
        tables.show(
            checks,
            {"layer": Column(_("Layer")), "code": Column(_("Check")), "outcome": Column(_("Outcome")),
             "value": Column(_("Value"))},
            key="case-checks",
            height=290,
        )  # fmt: skip
