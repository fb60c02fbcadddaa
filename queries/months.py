"""What roll rates, loss forecasts and delinquency over time are made of: loans by bucket before and bucket now."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, func, literal, select

from loanbook.snapshot_schema import loan_month
from queries.earliest import keeps
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]


def transitions(selection: Selection, *, first: date | None = None) -> Rows:
    """Loans at each month end by their bucket at the month end before and their bucket now.

    Grain: one row per month end, previous bucket and bucket that occurs, in that order, states as they get later.
    Columns: month_end; previous_bucket ("" in a loan's first month and after a gap); bucket; loans (count);
    previous_outstanding_fen, outstanding_fen (principal then and now); rescheduled (loans whose due date was moved in
    that month).
    Excludes: month ends before `first`; of the selection only the choices count, for a month end holds every vintage.
    Source: metrics.md, "roll rate", "current 30+ ratio".
    """
    month = loan_month.c
    keys = month.month_end, month.previous_bucket, month.bucket
    grouped = (
        select(
            *keys,
            func.count().label("loans"),
            func.sum(month.previous_outstanding_fen).label("before_fen"),
            func.sum(month.outstanding_fen).label("now_fen"),
            func.count().filter(month.rescheduled).label("rescheduled"),
        )
        .where(keeps(loan_month, selection), *([] if first is None else [month.month_end >= first]))
        .group_by(*keys)
        .subquery("by_state")
    )
    row = grouped.c
    return select(
        row.month_end,
        func.coalesce(cast(row.previous_bucket, String), literal("")).label("previous_bucket"),
        cast(row.bucket, String).label("bucket"),
        row.loans,
        cast(func.coalesce(row.before_fen, 0), BigInteger).label("previous_outstanding_fen"),
        cast(func.coalesce(row.now_fen, 0), BigInteger).label("outstanding_fen"),
        row.rescheduled,
    ).order_by(row.month_end, row.previous_bucket, row.bucket)
