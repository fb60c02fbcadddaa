"""What vintage curves are made of: loans by cohort, months on book and how they left, and their borrowers' pairs."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    case,
    cast,
    extract,
    func,
    literal,
    select,
)

from loanbook.snapshot_schema import LEFT_AS, loan_fact
from queries.earliest import passing
from queries.exits import Rows, cohort_label, cohort_start, exit_of, pairs_within
from rules.filters import Selection
from rules.vintages import Cohort


def cells(selection: Selection, cohort: Cohort, seen_by: date | None = None) -> Rows:
    """Loans by the month on book at which they left their cohort, or were last seen in it.

    Grain: one row per cohort, month and exit that occurs.
    Columns: cohort ("2025-03", "2025Q1" or "2025"); month; exit ("default", "payoff", "" while open); loans (count),
    principal_fen.
    Formula: what comes first counts, default by the selection's definition or payoff; open loans at the last month end.
    seen_by: a month end before as_of, as of which all is told: who left later was open then; None: the last one.
    Excludes: loans that have not come to a month end yet.
    Source: metrics.md, "vintage curve".
    """
    loan = loan_fact.c
    month, left = _left(selection, seen_by)
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


def pairs(selection: Selection, cohort: Cohort, seen_by: date | None = None) -> Rows:
    """Pairs of loans that a borrower took in one cohort, by when and how each left it.

    Grain, columns: `queries.exits.pairs_within`. Excludes: as `cells`. Read it with `limit=exits.MOST_CELLS`.
    Source: metrics.md, trap 15.
    """
    return pairs_within(_loans(selection, cohort, seen_by), cohort, LEFT_AS["vintage"])


def _loans(selection: Selection, cohort: Cohort, seen_by: date | None) -> FromClause:
    loan = loan_fact.c
    month, left = _left(selection, seen_by)
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


def _left(selection: Selection, seen_by: date | None) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    loan, definition = loan_fact.c, selection.definition
    month, left = loan[f"vintage_month_{definition}"], loan[f"vintage_exit_{definition}"]
    if seen_by is None:
        return month, left
    reach = _months(literal(seen_by, Date)) - _months(loan.disbursed_on)  # on book at that month end
    then = case(((reach >= 0) & month.is_not(None), func.least(cast(month, Integer), reach, type_=Integer())))
    return then, case((month <= reach, left))


def _months(day: ColumnElement[Any]) -> ColumnElement[int]:
    months: ColumnElement[int] = extract("year", day) * 12 + extract("month", day)
    return months
