"""What becomes of defaulted loans: cured, paid off or written off; and of the cured, who defaults again."""

from enum import StrEnum

import pandas as pd

from rules import incidence
from rules.kept import worked_out_once


class Course(StrEnum):
    """Which part of a defaulted loan's way is followed."""

    CURE = "cure"  # from the first day over 90 days past due
    REDEFAULT = "redefault"  # from the month end of the cure


EXITS = {Course.CURE: ("cured", "paid_off", "written_off"), Course.REDEFAULT: ("redefault", "paid_off")}


@worked_out_once
def curves(
    cells: pd.DataFrame, pairs: pd.DataFrame, course: Course, *, thin_loans: int, confidence: float
) -> pd.DataFrame:
    """The share of loans that has come to each exit by months since they set out on the course, per cohort.

    cells, pairs: `queries.cures.cells` and `pairs` of the same course.
    Grain: one row per cohort ("" where they are taken together), exit and month, exits in the order of `EXITS`.
    Columns: cohort, exit, month; at_risk, left, left_otherwise, censored (loans in that month); incidence, low, high
    (0-1); standard_error; drawn; loans, principal_fen of the whole cohort.
    Formula: `rules.incidence.curves`; the incidences of all exits and the share still open sum to one.
    Excludes: what the cells exclude. A cure by a moved due date is none: such a loan stays open.
    Source: metrics.md, "cure", trap 8.
    """
    found = [
        incidence.curves(cells, pairs, kind, thin_loans=thin_loans, confidence=confidence).assign(exit=kind)
        for kind in EXITS[course]
    ]
    return pd.concat(found, ignore_index=True)


def rescheduled(cells: pd.DataFrame) -> int:
    """How many of the loans followed had a due date moved; they are counted apart, for they did not cure by paying."""
    return int(cells["rescheduled"].sum())
