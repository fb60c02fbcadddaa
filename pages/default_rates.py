"""Default rates: where the book defaults, whether that is real or noise, and the loans behind each number."""

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from components import access, cards, states, view
from components.filters.words import default_in_words
from components.language import _
from components.rates import dimension_choice, groups, headline, loans, pairs, segments, totals
from components.rates.dimension_choice import Choice
from queries import controls, default_rates
from queries.faults import ReadError
from queries.read import read_all, statement_text, stream
from queries.running import new_run
from rules import default_rates as rates
from rules import group_comparison
from rules.filters import Selection
from rules.metrics import METRICS

PAGE = "default_rates"
COLUMNS = (1.13, 1)
SHOWN_LOANS = 250


def show() -> None:
    """The page: the answer, its segments and pairs, risk or mix, the control totals, the loans."""
    access.require(PAGE)
    shown = view.current()
    missing = sorted(shown.book.missing_tables & {"loan", "application"})
    if missing or not shown.book.loans:
        states.empty(missing or ["loan"])
        return
    by = dimension_choice.choose("by", shown.book)
    across = dimension_choice.choose("across", shown.book, other_than=by.code, first="channel")
    try:
        frames = _read(shown, by.code, across.code)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    _draw(shown, by, across, frames)


def _read(shown: view.View, by: str, across: str) -> dict[str, pd.DataFrame]:
    """Everything that the page shows, read at once. What the book can't answer is not asked."""
    book, selection, beside = shown.book, shown.selection, shown.beside(by)
    held, compared = dimension_choice.controls(book, other_than=by), selection.comparison()
    asked = {
        "overall": default_rates.overall(selection, book),
        "totals": controls.totals(selection, book),
        "whole": controls.totals(controls.WHOLE_BOOK, book),
        "loans": default_rates.loans_behind(selection, (), book, first=SHOWN_LOANS),
    }
    if compared:
        asked["compared"] = default_rates.overall(compared, book)
    if book.values_of(by):
        asked["segments"] = default_rates.by_segment(beside, by, book)
        if held:
            asked["strata"] = default_rates.by_group_and_stratum(beside, by, held, book)
        if book.values_of(across):
            asked["pairs"] = default_rates.by_pair(selection, by, across, book)
    return read_all(asked, book.snapshot_id, new_run(view.session(), PAGE))


def _draw(shown: view.View, by: Choice, across: Choice, frames: dict[str, pd.DataFrame]) -> None:
    book, selection, display = shown.book, shown.selection, shown.policy.display
    compared = frames["compared"].iloc[0] if "compared" in frames else None
    answer = rates.headline(frames["overall"].iloc[0], compared, display.significance, display.thin_borrowers)
    headline.draw(answer, selection, book)
    if not answer.borrowers:
        return
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        _segments(shown, by, frames)
    with right:
        _pairs(shown, by.code, across, frames)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        _groups(shown, by.code, frames)
    with right:
        totals.draw(frames["totals"].iloc[0], frames["whole"].iloc[0], answer, book)
    statement = statement_text(default_rates.loans_behind(selection, (), book))
    loans.draw(frames["loans"], answer, statement, partial(_all_loans, selection, shown, access.guard(PAGE)))


def _segments(shown: view.View, by: Choice, frames: dict[str, pd.DataFrame]) -> None:
    book, display, definition = shown.book, shown.policy.display, METRICS["default_rate"].definition
    card = cards.begin(
        "segments", of=_default(shown), title=_("Where does the book default?"), definition=_(definition)
    )
    with card.controls:
        by.draw(_("Segments"))
        order = segments.choose_order()
    with card.frame:
        if dimension_choice.missing(by.code, book):
            return
    found = rates.segment_rates(frames["segments"], display.significance, display.thin_borrowers)
    chosen = dict(shown.filters.drill).get(by.code, "")
    segments.draw(card, found, code=by.code, order=order, chosen=chosen, significance=display.significance, book=book)


def _pairs(shown: view.View, by: str, across: Choice, frames: dict[str, pd.DataFrame]) -> None:
    book, display, definition = shown.book, shown.policy.display, METRICS["difference_to_book"].definition
    card = cards.begin("pairs", of=_default(shown), title=_("Which pair stands out?"), definition=_(definition))
    with card.controls:
        across.draw(_("Across"))
    with card.frame:
        if dimension_choice.missing(by, book) or dimension_choice.missing(across.code, book):
            return
    found = rates.segment_rates(frames["pairs"], display.significance, display.thin_borrowers)
    pairs.draw(card, found, codes=(by, across.code), thin_borrowers=display.thin_borrowers, book=book)


def _groups(shown: view.View, by: str, frames: dict[str, pd.DataFrame]) -> None:
    book, display, definition = shown.book, shown.policy.display, METRICS["standardised_rate"].definition
    card = cards.begin("groups", of=_default(shown), title=_("Is it risk or mix?"), definition=_(definition))
    strata, judge = frames.get("strata"), {"significance": display.significance}
    opening = None
    if strata is not None:
        opening = group_comparison.opening(strata, thin_borrowers=display.thin_borrowers, **judge)
    if strata is None or opening is None:
        with card.frame:
            states.incomparable()
        return
    values = [value for value in book.values_of(by) if value in set(strata["group_segment"])]
    with card.controls:
        held = dimension_choice.controls(book, other_than=by)
        chosen = groups.choose(values, held, opening=opening, code=by, book=book)
    first, second, control = chosen
    compared = group_comparison.compare(strata, first=first, second=second, control=control, **judge)
    groups.draw(card, compared, chosen=chosen, code=by, book=book, **judge)


def _default(shown: view.View) -> str:
    return default_in_words(shown.selection.definition, shown.selection.horizon)


def _all_loans(selection: Selection, shown: view.View, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    check()
    return stream(default_rates.loans_behind(selection, (), shown.book), shown.book.snapshot_id)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
