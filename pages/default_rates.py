"""Default rates: where the book defaults, how that comes about over time, and the loans behind each number."""

from collections.abc import Callable, Iterator
from functools import partial

import pyarrow as pa

from components import access, parts, states, view
from components.language import _
from components.rates import board, dimension_choice, headline, loans, part
from components.rates.time import board as time_board
from components.rates.time import choices
from queries import controls, cures, default_rates, exits, first_payment, months, vintages
from queries.faults import ReadError
from queries.read import Statement, read_all, statement_text, stream
from queries.running import new_run
from rules import default_rates as rates
from rules.cures import Course
from rules.filters import Selection
from rules.vintages import Cohort

PAGE = "default_rates"
SHOWN_LOANS = 250


def show() -> None:
    """The page: the answer, then by segment with the loans behind it, or over time; only what is shown is read."""
    access.require(PAGE)
    shown = view.current()
    book, selection, display = shown.book, shown.selection, shown.policy.display
    missing = sorted(book.missing_tables & {"loan", "application"})
    if missing or not book.loans:
        states.empty(missing or ["loan"])
        return
    over_time = parts.chosen(part.PARTS) == part.TIME
    by = dimension_choice.choose("by", book)
    across = dimension_choice.choose("across", book, other_than=by.code, first="channel")
    asked = _overall(shown) | (_over_time(shown) if over_time else _by_segment(shown, by.code, across.code))
    try:
        frames = read_all(asked, book.snapshot_id, new_run(view.session(), PAGE), limit=exits.MOST_CELLS)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    compared = frames["compared"].iloc[0] if "compared" in frames else None
    answer = rates.headline(frames["overall"].iloc[0], compared, display.significance, display.thin_borrowers)
    headline.draw(answer, selection, book)
    parts.switch(part.PARTS, part.every_month(book) if over_time else "")
    if over_time:
        time_board.draw(shown, frames)
    elif answer.borrowers:
        board.draw(shown, by, across, answer, frames)
        statement = statement_text(default_rates.loans_behind(selection, (), book))
        loans.draw(frames["loans"], answer, statement, partial(_all_loans, selection, shown, access.guard(PAGE)))


def _overall(shown: view.View) -> dict[str, Statement]:
    """What the answer at the head is made of."""
    selection, book = shown.selection, shown.book
    compared = selection.comparison()
    asked = {"overall": default_rates.overall(selection, book)}
    return asked | ({"compared": default_rates.overall(compared, book)} if compared else {})


def _by_segment(shown: view.View, by: str, across: str) -> dict[str, Statement]:
    """What the part by segment shows. What the book can't answer is not asked."""
    book, selection, beside = shown.book, shown.selection, shown.beside(by)
    held = dimension_choice.controls(book, other_than=by)
    asked = {
        "totals": controls.totals(selection, book),
        "whole": controls.totals(controls.WHOLE_BOOK, book),
        "loans": default_rates.loans_behind(selection, (), book, first=SHOWN_LOANS),
    }
    if book.values_of(by):
        asked["segments"] = default_rates.by_segment(beside, by, book)
        if held:
            asked["strata"] = default_rates.by_group_and_stratum(beside, by, held, book)
        if book.values_of(across):
            asked["pairs"] = default_rates.by_pair(selection, by, across, book)
    return asked


def _over_time(shown: view.View) -> dict[str, Statement]:
    """What the part over time shows: every month of disbursement, whatever the filters' period."""
    selection, cohort = shown.selection.over_all_time(), choices.cohort()
    asked = {
        "vintage_cells": vintages.cells(selection, cohort),
        "vintage_pairs": vintages.pairs(selection, cohort),
        "transitions": months.transitions(selection, first=time_board.oldest(shown.book.as_of)),
        "first_payments": first_payment.by_month(selection),
    }
    for course in Course:
        asked[f"{course}_cells"] = cures.cells(selection, course, Cohort.YEAR)
        asked[f"{course}_pairs"] = cures.pairs(selection, course, Cohort.YEAR)
    return asked


def _all_loans(selection: Selection, shown: view.View, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    check()
    return stream(default_rates.loans_behind(selection, (), shown.book), shown.book.snapshot_id)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
