"""The list of cases as a table: a row opens its case, and stays marked while that is open."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from unicodedata import east_asian_width

import pandas as pd
import streamlit as st

from components import tables
from components.language import _
from components.review import queue_words
from components.review.queue_words import Said
from components.tables import Column, Kind
from desk.review_queue import Show, Waiting
from rules.referral_line import Line

HEIGHT, BESIDE_CASE = 424, 274  # px: thirteen rows; eight while a case is open, whose details stand below
_TABLE, _MARKED = "queue-rows", "_queue-marked"  # the row that was marked last, and whose it was
_FULL_BAR = 0.15  # probability of default
_SPACE_PX, _NARROW_PX, _WIDE_PX, _PADDING_PX = 3.0, 6.2, 12.0, 17  # of what stands in a cell


def draw(
    cases: Sequence[Waiting], chosen: Show, said: Said, lines: Mapping[str, Line], *, opened: str,
    choose: Callable[[str], None],
) -> None:  # fmt: skip
    """Draw the rows; `choose` is told the number of the case whose row is clicked on. `opened`: the one that is.

    lines: good referral lines, by the referrer.
    """
    numbers = [each.external_number for each in cases]
    st.session_state[_TABLE] = {"selection": {"rows": [numbers.index(opened)] if opened in numbers else []}}
    if opened in numbers:
        st.session_state[_MARKED] = (numbers.index(opened), opened)
    rows = pd.DataFrame(
        {
            "due": [queue_words.due(each, chosen, said.hours, said.now) for each in cases],
            "number": numbers,
            "amount": pd.Series([each.amount_fen for each in cases], dtype="int64"),
            "risk": pd.Series([each.default_probability for each in cases], dtype="float64"),
            "state": [queue_words.standing(each, said.names, said.me, said.now) for each in cases],
            "signals": [queue_words.signals(each, lines) for each in cases],
        }
    )
    tables.show(
        rows,
        _columns(chosen, rows),
        key=_TABLE,
        height=BESIDE_CASE if opened else HEIGHT,
        selection_mode=["single-row", "single-cell"],  # a click anywhere on a row, or on its box
        on_select=lambda: _choose(numbers, choose),
    )


def _columns(show: Show, rows: pd.DataFrame) -> dict[str, Column]:
    """What is short leaves its room to the signals: all of it fits beside a case at 1280 px."""
    due = queue_words.due_label(show)
    return {
        "due": Column(due, width=_width([due, *rows["due"]], 64, 132)),
        "number": Column(_("Case"), width=84),
        "amount": Column(_("Amount"), Kind.FEN, width=82),
        "risk": Column(
            _("PD"), Kind.BAR, _("Probability of default by the score when the case was opened; the bar ends at 15 %"),
            width=70, most=_FULL_BAR,
        ),
        "state": Column(_("State"), width=_width(rows["state"], 56, 84)),
        "signals": Column(
            _("Signals"), help=_("Checks that were flagged or failed when the case was opened"),
            width=_width(rows["signals"], 64, 112),
        ),
    }  # fmt: skip


def _width(texts: Iterable[str], least: int, most: int) -> int:
    """The px that the longest of some texts takes; a Chinese character is as wide as two others."""
    longest = max((sum(map(_letter_px, text)) for text in texts), default=0)
    return min(most, max(least, _PADDING_PX + round(longest)))


def _letter_px(letter: str) -> float:
    if letter.isspace():
        return _SPACE_PX
    return _WIDE_PX if east_asian_width(letter) in "WF" else _NARROW_PX


def _choose(numbers: Sequence[str], choose: Callable[[str], None]) -> None:
    selected = st.session_state[_TABLE]["selection"]
    rows = [row for row, _column in selected["cells"]] or selected["rows"]
    if not rows or rows[0] >= len(numbers):
        return
    place, number = st.session_state.pop(_MARKED, (None, None))
    if rows[0] == place and numbers[place] != number:
        return  # the mark of a case that has left the list since, told once more: nobody clicked on what moved up
    choose(numbers[rows[0]])
