"""Totals to hold beside finance's own before a rate is believed."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, select

from loanbook.snapshot_schema import loan_fact
from queries.earliest import is_earliest, passing
from rules.book import Book
from rules.filters import DateRange, Definition, Horizon, Selection

# No filter; totals don't depend on the definition and H.
WHOLE_BOOK = Selection(DateRange(), None, Definition.DPD90, Horizon.FINAL, ())


def totals(selection: Selection, book: Book) -> Select[*tuple[Any, ...]]:
    """Control totals of all loans that pass the filters, observed long enough or not.

    Grain: one row, of zeros when nothing passes. With WHOLE_BOOK: of the whole book.
    Columns: loans, borrowers (count); applied_fen, principal_fen, outstanding_fen, overdue_fen.
    Formula: plain sums; outstanding principal is 0 once a loan is closed or written off. A sum is null where the book
    records it of none of the loans, as a month-end tape does not tell what is overdue.
    """
    loan = loan_fact.c
    sums = (loan.applied_fen, loan.principal_fen, loan.outstanding_fen, loan.overdue_fen)
    return select(
        func.count().label("loans"),
        func.count().filter(is_earliest(selection, (), book)).label("borrowers"),
        *(_sum(column).label(column.name) for column in sums),
    ).where(passing(selection))


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return cast(case((func.count() == 0, 0), else_=func.sum(column)), BigInteger)
