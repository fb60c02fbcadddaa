"""What the months of loans come to, for the choices that are made most: a few thousand rows instead of millions."""

from typing import Any

import duckdb
from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, insert, literal, null, select

from loanbook.snapshot_schema import loan_month, loan_month_count
from loanbook.working import run
from rules import dimensions

_RECEIVED = ("interest_fen", "fee_fen", "lost_fen")


def fill(snapshot: duckdb.DuckDBPyConnection) -> None:
    """Fill `loan_month_count` from `loan_month`: all loans together, and by each of the shared dimensions."""
    names = [column.name for column in loan_month_count.columns]
    for code in (None, *(dimension.code for dimension in dimensions.SHARED)):
        run(snapshot, insert(loan_month_count).from_select(names, _counted(code)))


def _counted(code: str | None) -> Select[Any]:
    month = loan_month.c
    value: list[ColumnElement[Any]] = [] if code is None else [month[code]]
    keys = [*value, month.month_end, month.previous_bucket, month.bucket]
    counts = (
        select(
            *keys,
            func.count().label("loans"),
            func.sum(month.previous_outstanding_fen).label("before_fen"),
            func.sum(month.outstanding_fen).label("now_fen"),
            func.count().filter(month.rescheduled).label("rescheduled"),
            *(func.sum(month[name]).label(name) for name in _RECEIVED),
        )
        .group_by(*keys)
        .subquery("counted")
    )
    row = counts.c
    return select(
        literal(code, String),
        cast(null() if code is None else row[code], String),
        row.month_end,
        cast(row.previous_bucket, String),
        cast(row.bucket, String),
        row.loans,
        cast(row.before_fen, BigInteger),
        cast(row.now_fen, BigInteger),
        row.rescheduled,
        *(cast(row[name], BigInteger) for name in _RECEIVED),
    )
