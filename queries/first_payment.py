"""What first-payment default is made of: new borrowers by month, and who missed the first payment."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, case, cast, func, literal, select

from loanbook.snapshot_schema import loan_fact
from queries.earliest import passing
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]

_LATE_DAYS = 31  # after its due date a payment is more than 30 days late


def by_month(selection: Selection, known_by: date | None = None) -> Rows:
    """Borrowers by the month of their first loan, with how many missed its first payment.

    Grain: one row per disbursement month in which a borrower's first loan with instalments lies, in order.
    Columns: month ("2025-03"); borrowers, of whom is known whether they paid; missed: the first instalment was unpaid
    for more than 30 days; waiting: borrowers of whom it can't be known yet.
    Formula: a borrower counts by the first loan that they ever took, if it passes the filters. known_by: a day before
    as_of, by which it was known of those whose first due date lay at least 31 days back then; None: as_of.
    Excludes: later loans; loans without instalments.
    Source: metrics.md, "first-payment default".
    """
    loan = loan_fact.c
    missed: ColumnElement[bool] = loan.first_payment_missed
    if known_by is not None:
        last_due_on = literal(known_by - timedelta(days=_LATE_DAYS), Date)
        missed = case((loan.first_due_on <= last_due_on, missed))
    return (
        select(
            cast(loan.disbursed_month, String).label("month"),
            func.count(missed).label("borrowers"),
            func.count().filter(missed).label("missed"),
            func.count().filter(missed.is_(None)).label("waiting"),
        )
        .where(passing(selection), loan.previous_on.is_(None), loan.first_due_on.is_not(None))
        .group_by(loan.disbursed_month)
        .order_by(loan.disbursed_month)
    )
