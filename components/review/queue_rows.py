"""The list of cases as a table: a row opens its case, and stays marked while that is open."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from components import tables
from components.language import _
from components.review import queue_words
from components.tables import Column, Kind
from desk.review_queue import Show, Waiting
from rules.working_time import WorkingHours

HEIGHT = 484  # px: fifteen rows
_TABLE = "queue-rows"
_FULL_BAR = 0.2  # probability of default


def draw(
    cases: Sequence[Waiting],
    show: Show,
    names: Mapping[str, str],
    me: str,
    hours: WorkingHours,
    now: datetime,
    *,
    opened: str,
    choose: Callable[[str], None],
) -> None:
    """Draw the rows; `choose` is told the number of the case whose row is clicked on. `opened`: the one that is."""
    numbers = [each.external_number for each in cases]
    st.session_state[_TABLE] = {"selection": {"rows": [numbers.index(opened)] if opened in numbers else []}}
    rows = pd.DataFrame(
        {
            "due": [queue_words.due(each, show, hours, now) for each in cases],
            "number": numbers,
            "amount": pd.Series([each.amount_fen for each in cases], dtype="int64"),
            "risk": pd.Series([each.default_probability for each in cases], dtype="float64"),
            "state": [queue_words.standing(each, names, me, now) for each in cases],
            "signals": [queue_words.signals(each) for each in cases],
        }
    )
    tables.show(
        rows,
        _columns(show),
        key=_TABLE,
        height=HEIGHT,
        selection_mode="single-row",
        on_select=lambda: _choose(numbers, choose),
    )


def _columns(show: Show) -> dict[str, Column]:
    return {
        "due": Column(queue_words.due_label(show), width=112 if show is not Show.DECIDED else 128),
        "number": Column(_("Case"), width=94),
        "amount": Column(_("Amount"), Kind.FEN, width=84),
        "risk": Column(
            _("PD"), Kind.BAR, _("Probability of default by the score when the case was opened; the bar ends at 20 %"),
            width=104, most=_FULL_BAR,
        ),
        "state": Column(_("State"), width=112),
        "signals": Column(_("Signals"), help=_("Checks that were flagged or failed when the case was opened")),
    }  # fmt: skip


def _choose(numbers: Sequence[str], choose: Callable[[str], None]) -> None:
    picked = st.session_state[_TABLE]["selection"]["rows"]
    if picked and picked[0] < len(numbers):
        choose(numbers[picked[0]])
