"""What the course of defaulted loans is made of: how many were cured, paid off or written off after how many months."""

from sqlalchemy import BigInteger, FromClause, cast, func, select, true

from loanbook.snapshot_schema import LEFT_AS, loan_fact
from queries.earliest import passing
from queries.exits import Rows, cohort_label, cohort_start, exit_of, pairs_within
from rules.cures import Course
from rules.filters import Selection
from rules.vintages import Cohort


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
    keys = loan.starts_on, loan.month, loan.exit
    counted = (
        select(
            *keys,
            func.count().label("loans"),
            func.count().filter(loan.rescheduled).label("rescheduled"),
            cast(func.sum(loan.principal_fen), BigInteger).label("principal_fen"),
        )
        .group_by(*keys)
        .subquery("counted")
    )
    return select(
        cohort_label(counted.c.starts_on, by).label("cohort"),
        counted.c.month,
        exit_of(counted.c.exit).label("exit"),
        *(counted.c[name] for name in ("loans", "rescheduled", "principal_fen")),
    ).order_by("cohort", "month", "exit")


def pairs(selection: Selection, course: Course, by: Cohort | None = None) -> Rows:
    """Pairs of one borrower's loans in a cohort of `cells`, by when and how each ended.

    Grain, columns: `queries.exits.pairs_within`. Excludes: as `cells`. Read it with `limit=exits.MOST_CELLS`.
    """
    return pairs_within(_followed(selection, course, by), by, LEFT_AS[course])


def _followed(selection: Selection, course: Course, by: Cohort | None) -> FromClause:
    """The loans that are on the course, one row each."""
    loan = loan_fact.c
    month, left = loan[f"{course}_month"], loan[f"{course}_exit"]
    is_on_it = true() if course is Course.CURE else loan.cure_exit == "cured"
    return (
        select(
            loan.loan_no,
            loan.borrower_no,
            loan.previous_on.is_not(None).label("follows"),
            cohort_start(loan.past_due_90_on, by).label("starts_on"),
            month.label("month"),
            left.label("exit"),
            loan.rescheduled,
            loan.principal_fen,
        )
        .where(passing(selection), loan.past_due_90_on.is_not(None), is_on_it, month.is_not(None))
        .subquery("followed")
    )
