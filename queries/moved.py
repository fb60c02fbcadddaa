"""What moved a rate: what is counted and of how many, by every value of several dimensions at once."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, String, case, cast, func, literal, or_, select

from loanbook.snapshot_schema import loan_fact, loan_month, member_journey
from queries.default_rates import defaulted, mature
from queries.earliest import is_earliest, keeps, passing
from queries.funnel import last_step
from queries.members import passing as member_passing
from rules.ageing import BUCKETS
from rules.book import Book
from rules.delinquency import Late
from rules.filters import Selection
from rules.funnel_steps import Windows
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]


def defaults(selection: Selection, codes: Sequence[str], book: Book) -> Rows:
    """Borrowers and those who defaulted, by each of the dimensions.

    Grain: one row per dimension and value that occurs. Columns: dimension; segment; k (defaulted), n (borrowers).
    Formula: as `default_rates.overall`, a borrower counted once, where their earliest loan of the selection lies: the
    values of each dimension sum to it.
    """
    counted = func.count()
    return _by_each(loan_fact, codes, counted.filter(defaulted(selection)), counted).where(
        passing(selection), is_earliest(selection, (), book), mature(selection)
    )


def first_payments(selection: Selection, codes: Sequence[str]) -> Rows:
    """Borrowers whose first loan's first due date is long enough past, and those who missed it, by each dimension.

    Grain, columns: as `defaults`; k (missed), n (borrowers). Source: metrics.md, "first-payment default".
    """
    missed = loan_fact.c.first_payment_missed
    return _by_each(loan_fact, codes, func.count().filter(missed), func.count()).where(
        passing(selection), loan_fact.c.previous_on.is_(None), missed.is_not(None)
    )


def late(selection: Selection, codes: Sequence[str], late_by: Late, month_end: date) -> Rows:
    """Principal at a month end, and that of loans so many days late, by each dimension.

    Grain, columns: as `defaults`; k (late), n (all), both in fen. Excludes: of the selection only the choices count.
    Source: metrics.md, "current 30+ ratio".
    """
    row = loan_month.c
    are_late, are_here = (or_(*(row.bucket == bucket for bucket in some)) for some in (late_by.buckets, BUCKETS))
    fen = func.sum(row.outstanding_fen)
    return _by_each(loan_month, codes, func.coalesce(fen.filter(are_late), 0), func.coalesce(fen, 0)).where(
        row.month_end == month_end, are_here, keeps(loan_month, selection)
    )


def converted(
    selection: MemberSelection,
    codes: Sequence[str],
    windows: Windows,
    steps: Sequence[str],
    conversion: tuple[str, str],
) -> Rows:
    """Members who reached a step of the funnel, and those who reached a later one, by each dimension.

    Grain, columns: as `defaults`; k (the later step), n (the earlier one). Formula: as `queries.funnel.reached`.
    """
    first, second = (list(steps).index(code) for code in conversion)
    last = last_step(windows, steps)
    return _by_each(
        member_journey, codes, func.count().filter(last >= second), func.count().filter(last >= first)
    ).where(member_passing(selection))


def _by_each(rows: FromClause, codes: Sequence[str], k: ColumnElement[Any], n: ColumnElement[Any]) -> Rows:
    """Both sums by the values of each dimension, in one pass."""
    columns = [rows.c[code] for code in codes]
    is_by = [func.grouping(column) == 0 for column in columns]
    dimension = case(*zip(is_by, (literal(code, String) for code in codes), strict=True))
    segment = case(*zip(is_by, (cast(column, String) for column in columns), strict=True))
    return (
        select(
            dimension.label("dimension"),
            segment.label("segment"),
            cast(k, BigInteger).label("k"),
            cast(n, BigInteger).label("n"),
        )
        .group_by(func.grouping_sets(*columns))
        .order_by("dimension", *columns)
    )
