"""What the reserve part asks beside what the overview asks of the reserve: movements by reason, balances by funder."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, func, select

from loanbook import copied
from loanbook.monitoring.monitoring_schema import loan_charge
from loanbook.snapshot_schema import loan_month

Rows = Select[*tuple[Any, ...]]

_reserve, _funder = copied.TABLES["reserve_movement"], copied.TABLES["funder"]
_OWN = "own"


def movements(as_of: date) -> Rows:
    """What the reserve rose and fell by, and why.

    Grain: one row per day and reason with a movement up to as_of. Columns: day; reason; amount_fen: they re-sum to
    `queries.overview.reserve`.
    """
    row = _reserve.c
    return (
        select(
            row.moved_on.label("day"),
            func.coalesce(cast(row.reason, String), "").label("reason"),
            cast(func.coalesce(func.sum(row.amount_fen), 0), BigInteger).label("amount_fen"),
        )
        .where(row.moved_on <= as_of)
        .group_by(row.moved_on, row.reason)
        .order_by(row.moved_on, "reason")
    )


def by_funder(month_end: date) -> Rows:
    """What is out at a month end by funder and how late it is, and what of it the funder has lent.

    Grain: one row per funder and ageing bucket with a loan, in the orders of both.
    Columns: funder; own (the lender's own money); bucket; loans (count); outstanding_fen; funded_fen (its share).
    Excludes: loans that have left.
    """
    month, row = loan_month.c, loan_charge.c
    funder = (
        select(_funder.c.name, func.bool_or(_funder.c.kind == _OWN).label("own")).group_by(_funder.c.name).subquery()
    )
    share = func.coalesce(row.funded_share, 1.0)
    found = (
        select(
            month.funder,
            month.bucket,
            func.count().label("loans"),
            cast(func.sum(month.outstanding_fen), BigInteger).label("outstanding_fen"),
            cast(func.sum(func.round(month.outstanding_fen * share)), BigInteger).label("funded_fen"),
        )
        .select_from(loan_month.outerjoin(loan_charge, row.loan_no == month.loan_no))
        .where(month.month_end == month_end, month.outstanding_fen > 0)
        .group_by(month.funder, month.bucket)
        .subquery("found")
    )
    return (
        select(
            cast(found.c.funder, String).label("funder"),
            func.coalesce(funder.c.own, False).label("own"),
            cast(found.c.bucket, String).label("bucket"),
            *(found.c[name] for name in ("loans", "outstanding_fen", "funded_fen")),
        )
        .select_from(found.outerjoin(funder, funder.c.name == cast(found.c.funder, String)))
        .order_by(found.c.funder, found.c.bucket)
    )
