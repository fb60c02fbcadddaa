"""Default rates: where the book defaults, whether that is real or noise, and the loans behind each number."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from components import access, cards, states, view
from components.language import _
from components.rates import dimension_choice, groups, headline, loans, pairs, segments, totals
from queries import controls, default_rates
from queries.faults import ReadError
from queries.read import read, statement_text, stream
from queries.running import Asker, new_run
from rules import default_rates as rates
from rules import group_comparison
from rules.filters import Selection
from rules.metrics import METRICS

PAGE = "default_rates"
COLUMNS = (1.13, 1)
SHOWN_LOANS = 1_000


def show() -> None:
    """The page: the answer, its segments and pairs, risk or mix, the control totals, the loans."""
    access.require(PAGE)
    shown = view.current()
    missing = sorted(shown.book.missing_tables & {"loan", "application"})
    if missing or not shown.book.loans:
        states.empty(missing or ["loan"])
        return
    try:
        _draw(shown, new_run(view.session(), PAGE))
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))


def _draw(shown: view.View, asker: Asker) -> None:
    book, selection, display = shown.book, shown.selection, shown.policy.display
    compared = selection.comparison()
    answer = rates.headline(
        _one(default_rates.overall(selection, book), shown, asker),
        _one(default_rates.overall(compared, book), shown, asker) if compared else None,
        display.significance,
        display.thin_borrowers,
    )
    headline.draw(answer, selection, book)
    if not answer.borrowers:
        return
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        code = _segments(shown, asker)
    with right:
        _pairs(shown, asker, code)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        _groups(shown, asker, code)
    with right:
        whole = _one(controls.totals(controls.WHOLE_BOOK, book), shown, asker)
        totals.draw(_one(controls.totals(selection, book), shown, asker), whole, answer, book)
    behind = default_rates.loans_behind(selection, (), book)
    listed = read(behind, book.snapshot_id, asker, limit=SHOWN_LOANS)
    loans.draw(listed, answer, statement_text(behind), partial(_all_loans, selection, shown))


def _segments(shown: view.View, asker: Asker) -> str:
    book, display, metric = shown.book, shown.policy.display, METRICS["default_rate"]
    card = cards.begin("segments", title=_("Where does the book default?"), definition=_(metric.definition))
    with card.controls:
        code = dimension_choice.choose("by", book, label=_("Segments"))
        order = segments.choose_order()
    with card.frame:
        if dimension_choice.missing(code, book):
            return code
    selection = shown.beside(code)
    parts = read(default_rates.by_segment(selection, code, book), book.snapshot_id, asker)
    found = rates.segment_rates(parts, display.significance, display.thin_borrowers)
    chosen = dict(shown.filters.drill).get(code, "")
    segments.draw(card, found, code=code, order=order, chosen=chosen, selection=selection, book=book)
    return code


def _pairs(shown: view.View, asker: Asker, code: str) -> None:
    book, display, metric = shown.book, shown.policy.display, METRICS["difference_to_book"]
    card = cards.begin("pairs", title=_("Which pair stands out?"), definition=_(metric.definition))
    with card.controls:
        across = dimension_choice.choose("across", book, label=_("Across"), other_than=code, first="channel")
    with card.frame:
        if not across or dimension_choice.missing(code, book) or dimension_choice.missing(across, book):
            return
    parts = read(default_rates.by_pair(shown.selection, code, across, book), book.snapshot_id, asker)
    found = rates.segment_rates(parts, display.significance, display.thin_borrowers)
    pairs.draw(card, found, codes=(code, across), thin_borrowers=display.thin_borrowers, book=book)


def _groups(shown: view.View, asker: Asker, code: str) -> None:
    book, display, metric = shown.book, shown.policy.display, METRICS["standardised_rate"]
    card = cards.begin("groups", title=_("Is it risk or mix?"), definition=_(metric.definition))
    offered = dimension_choice.controls(book, other_than=code)
    found = None
    if offered and book.values_of(code):
        strata = read(
            default_rates.by_group_and_stratum(shown.beside(code), code, offered, book), book.snapshot_id, asker
        )
        found = group_comparison.opening(
            strata, significance=display.significance, thin_borrowers=display.thin_borrowers
        )
    with card.frame:
        if found is None:
            states.nothing(
                _("There are no two groups here to compare. Group by another dimension or widen the filters.")
            )
            return
    values = [value for value in book.values_of(code) if value in set(strata["group_segment"])]
    with card.controls:
        first, second, control = groups.choose(values, offered, opening=found, code=code, book=book)
    compared = group_comparison.compare(
        strata, first=first, second=second, control=control, significance=display.significance
    )
    groups.draw(
        card, compared, chosen=(first, second, control), code=code, significance=display.significance, book=book
    )


def _one(statement: object, shown: view.View, asker: Asker) -> pd.Series:
    return read(statement, shown.book.snapshot_id, asker).iloc[0]


def _all_loans(selection: Selection, shown: view.View) -> Iterator[pa.RecordBatch]:
    access.require(PAGE)
    return stream(default_rates.loans_behind(selection, (), shown.book), shown.book.snapshot_id)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
