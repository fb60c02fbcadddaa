"""Default rates by segment, and the loans behind the number."""

from components import view
from components.rates import board, dimension_choice, loans
from components.rates.dimension_choice import Choice
from pages.parts import overall, reading
from pages.parts.reading import Frames
from queries import controls, default_rates
from queries.read import Statement, statement_text

PAGE = "default_rates"
SHOWN_LOANS = 250


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows. What the book can't answer is not asked."""
    book, selection = shown.book, shown.selection
    by, across = (choice.code for choice in _choices(shown))
    beside, held = shown.beside(by), dimension_choice.controls(book, other_than=by)
    statements = {
        "totals": controls.totals(selection, book),
        "whole": controls.totals(controls.WHOLE_BOOK, book),
        "loans": default_rates.loans_behind(selection, (), book, first=SHOWN_LOANS),
    }
    if book.values_of(by):
        statements["segments"] = default_rates.by_segment(beside, by, book)
        if held:
            statements["strata"] = default_rates.by_group_and_stratum(beside, by, held, book)
        if book.values_of(across):
            statements["pairs"] = default_rates.by_pair(selection, by, across, book)
    return statements


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with all loans behind the number as files; nothing where there is no borrower."""
    answer = overall.answer(shown, frames)
    if not answer.borrowers:
        return
    board.draw(shown, *_choices(shown), answer, frames)
    behind = default_rates.loans_behind(shown.selection, (), shown.book)
    loans.draw(frames["loans"], answer, statement_text(behind), reading.rows(PAGE, shown, behind))


def _choices(shown: view.View) -> tuple[Choice, Choice]:
    """By what segments are told apart, and across what."""
    by = dimension_choice.choose("by", shown.book)
    return by, dimension_choice.choose("across", shown.book, other_than=by.code, first="channel")
