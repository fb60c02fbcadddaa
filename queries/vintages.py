"""What vintage curves are made of: loans by cohort, months on book and how they left, and their borrowers' pairs."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, func, literal, select

from loanbook.snapshot_schema import loan_fact
from queries.earliest import passing
from queries.exits import Rows, exit_of, pairs_within
from rules.filters import Selection
from rules.vintages import Cohort


def cells(selection: Selection, cohort: Cohort) -> Rows:
    """Loans by the month on book at which they left their cohort, or were last seen in it.

    Grain: one row per cohort, month and exit that occurs.
    Columns: cohort ("2025-03", "2025Q1" or "2025"); month; exit ("default", "payoff", "" while open); loans (count),
    principal_fen.
    Formula: what comes first counts, default by the selection's definition or payoff; open loans at the last month end.
    Excludes: loans that have not come to a month end yet.
    Source: metrics.md, "vintage curve".
    """
    month, left = _left(selection)
    loan = loan_fact.c
    by_month = (
        select(
            loan.disbursed_month,
            month.label("month"),
            left.label("exit"),
            func.count().label("loans"),
            func.sum(loan.principal_fen).label("fen"),
        )
        .where(passing(selection), month.is_not(None))
        .group_by(loan.disbursed_month, month, left)
        .subquery("by_month")
    )
    label = _label(cast(by_month.c.disbursed_month, String), cohort)
    return (
        select(
            label.label("cohort"),
            by_month.c.month,
            exit_of(by_month.c.exit).label("exit"),
            cast(func.sum(by_month.c.loans), BigInteger).label("loans"),
            cast(func.sum(by_month.c.fen), BigInteger).label("principal_fen"),
        )
        .group_by(label, by_month.c.month, by_month.c.exit)
        .order_by("cohort", by_month.c.month, "exit")
    )


def pairs(selection: Selection, cohort: Cohort) -> Rows:
    """Pairs of loans that a borrower took in one cohort, by when and how each left it.

    Grain, columns: `queries.exits.pairs_within`.
    Formula: only borrowers with a loan whose loan before falls into its own cohort are looked at, which the row tells.
    Excludes: as `cells`. Read it with `limit=exits.MOST_CELLS`.
    Source: metrics.md, trap 15.
    """
    month, left = _left(selection)
    loan = loan_fact.c
    starts_on = func.date_trunc(cohort.value, loan.disbursed_on)
    again = (
        select(loan.borrower_no, starts_on.label("starts_on"))
        .where(loan.previous_on >= starts_on)
        .distinct()
        .subquery("again")
    )
    loans = (
        select(
            loan.loan_no,
            loan.borrower_no,
            _label(cast(loan.disbursed_month, String), cohort).label("cohort"),
            month.label("month"),
            exit_of(left).label("exit"),
        )
        .join_from(loan_fact, again, (again.c.borrower_no == loan.borrower_no) & (again.c.starts_on == starts_on))
        .where(passing(selection), month.is_not(None))
        .cte("cohort_loan")
    )
    return pairs_within(loans)


def _left(selection: Selection) -> tuple[Any, Any]:
    definition = selection.definition
    return loan_fact.c[f"vintage_month_{definition}"], loan_fact.c[f"vintage_exit_{definition}"]


def _label(month: ColumnElement[str], cohort: Cohort) -> ColumnElement[str]:
    """The cohort of a month such as 2025-03."""
    if cohort is Cohort.MONTH:
        return month
    year = func.substr(month, 1, 4, type_=String())
    if cohort is Cohort.YEAR:
        return year
    number = func.substr(month, 6, 2, type_=String())
    quarter = case((number <= "03", "Q1"), (number <= "06", "Q2"), (number <= "09", "Q3"), else_=literal("Q4"))
    return year.concat(quarter)
