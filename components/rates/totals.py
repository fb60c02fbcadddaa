"""Control totals: what to hold beside finance's own figures before a rate is believed."""

import pandas as pd
import streamlit as st

from components import cards, formats
from components.language import _
from rules.book import Book
from rules.default_rates import Headline
from rules.metric import Metric, Unit
from rules.metrics import METRICS

_SHOWN = ("loans", "applied", "principal", "outstanding", "overdue")
HEIGHT = 330


def draw(totals: pd.Series, whole: pd.Series, answer: Headline, book: Book) -> None:
    """The sums of all loans that pass the filters and of the whole book, and the way from those loans to the rate's n.

    totals, whole: `queries.controls.totals`; answer: of the same selection.
    """
    card = cards.begin("totals", title=_("Do the books agree?"), tabular=False)
    sums = [
        _row(_(METRICS[code].name), *(_shown(METRICS[code], parts) for parts in (totals, whole))) for code in _SHOWN
    ]
    loans, borrowers = int(totals["loans"]), int(totals["borrowers"])
    way = [
        _row(_("Loans that pass the filters"), formats.count(loans)),
        _row(_("less later loans of the same borrowers"), formats.count(borrowers - loans)),
        _row(_("less borrowers not yet observed for so long"), formats.count(answer.borrowers - borrowers)),
        _row("**" + _("Borrowers in the default rate") + "**", f"**{formats.count(answer.borrowers)}**"),
    ]

    def figure() -> None:
        st.markdown("\n".join([_row(_("Total"), _("These filters"), _("Whole book")), "|:--|--:|--:|", *sums]))
        st.markdown("\n".join([_row(_("From loans to borrowers"), _("Count")), "|:--|--:|", *way]))

    card.answer(
        _("Every loan that passes the filters, observed long enough or not: hold it beside finance's own."),
        height=HEIGHT,
        figure=figure,
        caption=_("at the end of {day} · snapshot {snapshot}").format(
            day=formats.day(book.as_of), snapshot=book.snapshot_id
        ),
    )


def _shown(metric: Metric, parts: pd.Series) -> str:
    number = parts[metric.parts[0]]
    if pd.isna(number):
        return _("not recorded")
    number = int(number)
    return formats.money_exact(number) if metric.unit is Unit.CNY else formats.count(number)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
