"""What roll rates, loss forecasts and delinquency over time are made of: loans by bucket before and bucket now."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, Table, cast, func, literal, select

from loanbook.snapshot_schema import loan_month, loan_month_count
from queries.earliest import keeps
from rules import dimensions
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
    summed = _from_counts(selection, first) if _is_counted(selection) else _from_loans(selection, first)
    grouped = summed.subquery("by_state")
    row = grouped.c
    return select(
        row.month_end,
        func.coalesce(cast(row.previous_bucket, String), literal("")).label("previous_bucket"),
        cast(row.bucket, String).label("bucket"),
        row.loans,
        cast(func.coalesce(row.before_fen, 0), BigInteger).label("previous_outstanding_fen"),
        cast(func.coalesce(row.now_fen, 0), BigInteger).label("outstanding_fen"),
        row.rescheduled,
    ).order_by(row.month_end, row.previous_bucket, row.bucket)  # as text too, states get later


def income(selection: Selection, *, first: date | None = None) -> Rows:
    """What came in and was lost in each month, of the loans that had not left by the month end before.

    Grain: one row per month end, rising. Columns: month_end; opening_fen, closing_fen (principal at the month end
    before, and at this one); interest_fen, fee_fen (received in the month, as settlement allocates); lost_fen
    (principal of the loans that left in the month unpaid): each null where a tape is the evidence, which does not tell.
    Excludes: as `transitions`; upfront fees, which are paid when a loan is made.
    """
    counted = _is_counted(selection)
    rows = loan_month_count if counted else loan_month
    kept = _chosen(selection) if counted else [keeps(loan_month, selection)]
    row = rows.c
    sums = {
        "opening_fen": func.coalesce(func.sum(row.previous_outstanding_fen), 0),
        "closing_fen": func.coalesce(func.sum(row.outstanding_fen), 0),
        **{name: func.sum(row[name]) for name in ("interest_fen", "fee_fen", "lost_fen")},
    }
    months = [] if first is None else [row.month_end >= first]
    columns = (cast(value, BigInteger).label(name) for name, value in sums.items())
    return select(row.month_end, *columns).where(*kept, *months).group_by(row.month_end).order_by(row.month_end)


def _is_counted(selection: Selection) -> bool:
    """Whether the counts kept of `loan_month` tell: of one dimension at most, and of one that every page offers."""
    chosen = {code for code, _ in selection.choices}
    return len(chosen) <= 1 and chosen <= {dimension.code for dimension in dimensions.SHARED}


def _from_counts(selection: Selection, first: date | None) -> Select[Any]:
    row = loan_month_count.c
    loans, rescheduled = (cast(func.sum(count), BigInteger) for count in (row.loans, row.rescheduled))
    return _grouped(loan_month_count, loans, rescheduled, first).where(*_chosen(selection))


def _chosen(selection: Selection) -> list[ColumnElement[bool]]:
    """The rows of the counts that hold what is chosen."""
    row = loan_month_count.c
    kept: list[ColumnElement[bool]] = [
        (row.dimension == code) & row.value.in_(values) for code, values in selection.choices
    ]
    return kept or [row.dimension.is_(None)]


def _from_loans(selection: Selection, first: date | None) -> Select[Any]:
    moved = func.count().filter(loan_month.c.rescheduled)
    return _grouped(loan_month, func.count(), moved, first).where(keeps(loan_month, selection))


def _grouped(
    rows: Table, loans: ColumnElement[Any], rescheduled: ColumnElement[Any], first: date | None
) -> Select[Any]:
    row = rows.c
    keys = row.month_end, row.previous_bucket, row.bucket
    sums = func.sum(row.previous_outstanding_fen).label("before_fen"), func.sum(row.outstanding_fen).label("now_fen")
    months = [] if first is None else [row.month_end >= first]
    counts = loans.label("loans"), *sums, rescheduled.label("rescheduled")
    return select(*keys, *counts).where(*months).group_by(*keys)
