"""What first-payment default is made of: new borrowers by month, and who missed the first payment."""

from typing import Any

from sqlalchemy import Select, String, cast, func, select

from loanbook.snapshot_schema import loan_fact
from queries.earliest import passing
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]


def by_month(selection: Selection) -> Rows:
    """Borrowers by the month of their first loan, with how many missed its first payment.

    Grain: one row per disbursement month in which a borrower's first loan with instalments lies, in order.
    Columns: month ("2025-03"); borrowers, of whom is known whether they paid; missed: the first instalment was unpaid
    for more than 30 days; waiting: borrowers of whom it can't be known yet.
    Formula: a borrower counts by the first loan that they ever took, if it passes the filters.
    Excludes: later loans; loans without instalments.
    Source: metrics.md, "first-payment default".
    """
    loan = loan_fact.c
    missed = loan.first_payment_missed
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
