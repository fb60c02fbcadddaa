"""Default rates over time: every month of disbursement, whatever the filters' period."""

from components import view
from components.rates.time import board, choices
from pages.parts.reading import Frames
from queries import cures, first_payment, months, vintages
from queries.read import Statement
from rules.cures import Course
from rules.vintages import Cohort


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows."""
    selection, cohort = shown.selection.over_all_time(), choices.cohort()
    statements = {
        "vintage_cells": vintages.cells(selection, cohort),
        "vintage_pairs": vintages.pairs(selection, cohort),
        "transitions": months.transitions(selection, first=board.oldest(shown.book.as_of)),
        "first_payments": first_payment.by_month(selection),
    }
    for course in Course:
        statements[f"{course}_cells"] = cures.cells(selection, course, Cohort.YEAR)
        statements[f"{course}_pairs"] = cures.pairs(selection, course, Cohort.YEAR)
    return statements


def draw(shown: view.View, frames: Frames) -> None:
    """The part."""
    board.draw(shown, frames)
