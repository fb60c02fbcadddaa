"""What the course of defaulted loans is made of: how many were cured, paid off or written off after how many months."""

from sqlalchemy import CTE, BigInteger, ColumnElement, String, cast, extract, func, literal, select, true

from loanbook.snapshot_schema import loan_fact
from queries.earliest import passing
from queries.exits import Rows, exit_of, pairs_within
from rules.cures import Course
from rules.filters import Selection
from rules.vintages import Cohort

TOGETHER = ""  # the cohort where all loans are taken together


def cells(selection: Selection, course: Course, by: Cohort | None = None) -> Rows:
    """Loans that went over 90 days past due, by when and how that ended; or cured ones, by when and how that did.

    Grain: one row per cohort of the day over 90 days past due ("" where by is None), month and exit that occurs.
    Columns: cohort; month (calendar months from there, or from the cure); exit ("cured", "paid_off", "written_off";
    after a cure "redefault", "paid_off"; "" while open); loans, rescheduled (those of them with a moved due date),
    principal_fen.
    Excludes: loans that never were over 90 days past due, or that were not cured; those that have not come to a month
    end since.
    Source: metrics.md, "cure", trap 8.
    """
    loan = _followed(selection, course, by).c
    return (
        select(
            loan.cohort,
            loan.month,
            loan.exit,
            func.count().label("loans"),
            func.count().filter(loan.rescheduled).label("rescheduled"),
            cast(func.sum(loan.principal_fen), BigInteger).label("principal_fen"),
        )
        .group_by(loan.cohort, loan.month, loan.exit)
        .order_by(loan.cohort, loan.month, loan.exit)
    )


def pairs(selection: Selection, course: Course, by: Cohort | None = None) -> Rows:
    """Pairs of one borrower's loans in a cohort of `cells`, by when and how each ended.

    Grain, columns: `queries.exits.pairs_within`. Excludes: as `cells`. Read it with `limit=exits.MOST_CELLS`.
    """
    return pairs_within(_followed(selection, course, by))


def _followed(selection: Selection, course: Course, by: Cohort | None) -> CTE:
    """The loans that are on the course, one row each."""
    loan = loan_fact.c
    month, left = loan[f"{course}_month"], loan[f"{course}_exit"]
    is_on_it = true() if course is Course.CURE else loan.cure_exit == "cured"
    return (
        select(
            loan.loan_no,
            loan.borrower_no,
            _cohort(by).label("cohort"),
            month.label("month"),
            exit_of(left).label("exit"),
            loan.rescheduled,
            loan.principal_fen,
        )
        .where(passing(selection), loan.past_due_90_on.is_not(None), is_on_it, month.is_not(None))
        .cte("followed")
    )


def _cohort(by: Cohort | None) -> ColumnElement[str]:
    if by is None:
        return literal(TOGETHER, String)
    day = loan_fact.c.past_due_90_on
    year = cast(extract("year", day), String)
    if by is Cohort.YEAR:
        return year
    if by is Cohort.QUARTER:
        return year.concat("Q").concat(cast(extract("quarter", day), String))
    return year.concat("-").concat(func.lpad(cast(extract("month", day), String), 2, "0"))
