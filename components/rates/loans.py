"""The loans behind the number: exactly those that it counts, on the screen and as files."""

from functools import partial

import pandas as pd
import streamlit as st

from components import cards, downloads, export, formats, tables, view
from components.filters.words import default_in_words, in_words
from components.language import _, dimension_name, value_label
from components.tables import Column, Kind
from components.view import View
from rules import dimensions
from rules.default_rates import Headline
from rules.metrics import METRICS

HEIGHT = 290
_TEXTS = tuple(dimension.code for dimension in dimensions.ALL)


def draw(
    loans: pd.DataFrame,
    headline: Headline,
    statement: tuple[str, list[object]],
    stream: downloads.Batches,
) -> None:
    """Draw the card. loans: the first rows of `queries.default_rates.loans_behind`; stream: all of them, for files."""
    shown = view.current()
    default = default_in_words(shown.selection.definition, shown.selection.horizon)
    card = cards.begin("loans", title=_("Which loans are behind this?"), of=default, tabular=False)
    with card.actions:
        _statement(statement)
        columns, rows = export.cny_columns(loans.columns), partial(export.in_cny, stream)
        downloads.buttons("loans", "default-rate-loans", shown, partial(facts, shown), columns, rows)
    card.answer(
        _(
            "These **{borrowers}** loans are the borrowers counted above, one each: **{defaulted}** defaulted, and "
            "**{defaulted}** of **{borrowers}** is the **{rate}**."
        ).format(
            borrowers=formats.count(headline.borrowers),
            defaulted=formats.count(headline.defaulted),
            rate=formats.percent(headline.rate),
        ),
        filed=True,
        height=HEIGHT,
        figure=lambda: tables.show(_labelled(loans), _columns(shown), key="loans-rows", height=HEIGHT),
        caption=_caption(len(loans), headline.borrowers),
    )


def _labelled(loans: pd.DataFrame) -> pd.DataFrame:
    book = view.current().book
    return loans.assign(
        **{
            code: loans[code].map({value: value_label(code, value, book) for value in loans[code].unique()})
            for code in _TEXTS
        },
        defaulted=loans["defaulted"] == 1,
    )


def _columns(shown: View) -> dict[str, Column]:
    recorded = [code for code in _TEXTS if shown.book.values_of(code) and code != dimensions.DISBURSED_MONTH.code]
    return {
        "loan_id": Column(_("Loan"), pinned=True),
        "disbursed_on": Column(_("Disbursed on"), Kind.DAY),
        "defaulted": Column(_("Defaulted"), Kind.YES),
        "default_on": Column(_("Defaulted on"), Kind.DAY),
        "principal_fen": Column(_(METRICS["principal"].name), Kind.FEN),
        "outstanding_fen": Column(_(METRICS["outstanding"].name), Kind.FEN),
        "days_past_due": Column(_("Days past due"), Kind.COUNT),
        **{code: Column(dimension_name(code)) for code in recorded},
        **({"dates_imputed": Column(_("Dates estimated"), Kind.YES)} if shown.book.imputed_dates else {}),
    }


def _caption(listed: int, counted: int) -> str:
    said = [_("defaulted loans first")]
    if listed < counted:
        said.append(_("first {count} shown, the files hold all").format(count=formats.count(listed)))
    return " · ".join(said)


def _statement(statement: tuple[str, list[object]]) -> None:
    with st.popover(_("Statement"), icon=":material/code:", type="tertiary", width="content"):
        text, values = statement
        st.caption(_("It runs as it stands on the snapshot, by `python manage.py sql`."))
        st.code(text, language="sql", wrap_lines=True)
        st.code("\n".join(f"${place} = {value!r}" for place, value in enumerate(values, start=1)), language="text")


def facts(shown: View) -> export.Header:
    """What a file states of its rows: the metric and the filters."""
    metric = METRICS["default_rate"]
    return [
        (_("Metric"), f"{_(metric.name)}: {default_in_words(shown.selection.definition, shown.selection.horizon)}"),
        (_("Definition"), _(metric.definition)),
        (_("Filters"), in_words(shown.selection, shown.filters, shown.book)),
    ]
