"""What vintage curves are made of: loans by cohort, months on book and how they left, and their borrowers' pairs."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, cast, func, select

from loanbook.snapshot_schema import LEFT_AS, loan_fact
from queries.earliest import passing
from queries.exits import Rows, cohort_label, cohort_start, exit_of, pairs_within
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
    loan = loan_fact.c
    month, left = _left(selection)
    keys = cohort_start(loan.disbursed_on, cohort).label("starts_on"), month.label("month"), left.label("exit")
    counted = (
        select(*keys, func.count().label("loans"), func.sum(loan.principal_fen).label("fen"))
        .where(passing(selection), month.is_not(None))
        .group_by(*keys)
        .subquery("counted")
    )
    return select(
        cohort_label(counted.c.starts_on, cohort).label("cohort"),
        counted.c.month,
        exit_of(counted.c.exit).label("exit"),
        counted.c.loans,
        cast(counted.c.fen, BigInteger).label("principal_fen"),
    ).order_by("cohort", "month", "exit")


def pairs(selection: Selection, cohort: Cohort) -> Rows:
    """Pairs of loans that a borrower took in one cohort, by when and how each left it.

    Grain, columns: `queries.exits.pairs_within`. Excludes: as `cells`. Read it with `limit=exits.MOST_CELLS`.
    Source: metrics.md, trap 15.
    """
    return pairs_within(_loans(selection, cohort), cohort, LEFT_AS["vintage"])


def _loans(selection: Selection, cohort: Cohort) -> FromClause:
    loan = loan_fact.c
    month, left = _left(selection)
    starts_on = cohort_start(loan.disbursed_on, cohort)
    return (
        select(
            loan.loan_no,
            loan.borrower_no,
            (loan.previous_on >= starts_on).label("follows"),
            starts_on.label("starts_on"),
            month.label("month"),
            left.label("exit"),
        )
        .where(passing(selection), month.is_not(None))
        .subquery("cohort_loan")
    )


def _left(selection: Selection) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    definition = selection.definition
    return loan_fact.c[f"vintage_month_{definition}"], loan_fact.c[f"vintage_exit_{definition}"]
