"""Control totals: what to hold beside finance's own figures before a rate is believed."""

import pandas as pd
import streamlit as st

from components import cards, formats
from components.language import _
from rules.book import Book
from rules.metrics import METRICS, Metric, Unit

_SHOWN = ("loans", "principal", "outstanding", "overdue")
HEIGHT = 174


def draw(totals: pd.Series, whole: pd.Series, book: Book) -> None:
    """The sums of all loans that pass the filters and of the whole book, to the fen."""
    card = cards.begin("totals", title=_("Do the books agree?"), tabular=False)
    lines = [f"| | {_('These filters')} | {_('Whole book')} |", "|:--|--:|--:|"]
    lines += [_row(METRICS[code], totals, whole) for code in _SHOWN]
    card.answer(
        _("Every loan that passes the filters, observed long enough or not, beside the whole book: hold both beside "
          "finance's own."),
        height=HEIGHT,
        figure=lambda: st.markdown("\n".join(lines)),
        caption=_("at the end of {day} · snapshot {snapshot}").format(
            day=formats.day(book.as_of), snapshot=book.snapshot_id
        ),
    )  # fmt: skip


def _row(metric: Metric, totals: pd.Series, whole: pd.Series) -> str:
    shown = formats.money_exact if metric.unit is Unit.CNY else formats.count
    cells = [shown(int(parts[metric.parts[0]])) for parts in (totals, whole)]
    return f"| {_(metric.name)} | {cells[0]} | {cells[1]} |"
