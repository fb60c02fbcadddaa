"""Settlement: repayments allocated to instalments, oldest due first."""

from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    TableClause,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.snapshot_schema import instalment_state
from loanbook.working import run

LOANS_AT_A_TIME = 1_000_000  # settled together: bounds the memory, not the result

_instalment, _repayment = copied.TABLES["instalment"], copied.TABLES["repayment"]


def fill(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, as_of: date) -> None:
    """Fill `instalment_state`, so many loans at a time, in the order of their keys."""
    place = func.row_number().over(order_by=loans.c.id)
    placed = select(loans.c.id, place.label("place")).subquery("placed")
    firsts = select(placed.c.id).where((placed.c.place - 1) % LOANS_AT_A_TIME == 0).order_by(placed.c.place)
    keys = [key for (key,) in run(snapshot, firsts)]
    names = [column.name for column in instalment_state.columns]
    for first, following in pairwise([*keys, None]):
        settled = instalments(loans, as_of, first, following)
        run(snapshot, insert(instalment_state).from_select(names, settled))


def instalments(loans: FromClause, as_of: date, first: Any, following: Any) -> Select[Any]:
    """Each instalment with what has been paid of it, and the day on which it was settled.

    Grain: one row per instalment of the loans from one key up to, not with, the `following` one (None: to the end).
    Columns: those of `instalment_state`.
    Formula: dues and payments are summed up per loan; an instalment is settled by the first payment with which the sum
    of payments reaches the sum of dues up to it. A part payment pays fee, then interest, then principal. An instalment
    of nothing is settled when it is due. What a paid-off loan has left is settled on the day that it was paid off.
    Excludes: payments after as_of (Asia/Shanghai date), payments that are not above zero.
    Source: data-model.md, "instalment_state".
    """
    dues = _dues(loans, first, following)
    payments = _payments(loans, as_of, first, following)
    reached = _reached(dues, payments)
    paid_up = select(payments.c.loan_no, func.max(payments.c.paid_up_fen).label("total_fen")).group_by(
        payments.c.loan_no
    )
    total = paid_up.cte("total")
    before = dues.c.due_up_fen - dues.c.due_fen
    paid = _between(func.coalesce(total.c.total_fen, 0) - before, dues.c.due_fen)
    principal_paid = _between(paid - dues.c.fee_due_fen - dues.c.interest_due_fen, dues.c.principal_due_fen)
    settled_on = case((dues.c.due_fen == 0, dues.c.due_on), else_=reached.c.reached_on)
    return (
        select(
            dues.c.loan_no,
            dues.c.number,
            dues.c.due_on,
            dues.c.due_fen,
            paid.label("paid_fen"),
            principal_paid.label("principal_paid_fen"),
            func.least(settled_on, dues.c.paid_off_on).label("settled_on"),
        )
        .join_from(dues, reached, (dues.c.loan_no == reached.c.loan_no) & (dues.c.number == reached.c.number))
        .outerjoin(total, total.c.loan_no == dues.c.loan_no)
    )


def _dues(loans: FromClause, first: Any, following: Any) -> CTE:
    due = _instalment.c
    due_fen = due.principal_due_fen + due.interest_due_fen + due.fee_due_fen
    due_up = func.sum(due_fen).over(partition_by=loans.c.loan_no, order_by=(due.due_on, due.number))
    return (
        select(
            loans.c.loan_no,
            loans.c.paid_off_on,
            due.number,
            due.due_on,
            due.principal_due_fen,
            due.interest_due_fen,
            due.fee_due_fen,
            due_fen.label("due_fen"),
            cast(due_up, BigInteger).label("due_up_fen"),
        )
        .join_from(_instalment, loans, loans.c.id == due.loan_id)
        .where(_in_range(due.loan_id, first, following), _in_range(loans.c.id, first, following))
        .cte("dues")
    )


def _payments(loans: FromClause, as_of: date, first: Any, following: Any) -> CTE:
    paid = _repayment.c
    paid_on = business_date(paid.paid_at)
    daily = (
        select(loans.c.loan_no, paid_on.label("paid_on"), func.sum(paid.amount_fen).label("paid_fen"))
        .join_from(_repayment, loans, loans.c.id == paid.loan_id)
        .where(_in_range(paid.loan_id, first, following), _in_range(loans.c.id, first, following))
        .where(paid.amount_fen > 0, paid_on <= as_of)
        .group_by(loans.c.loan_no, paid_on)
        .subquery("daily")
    )
    paid_up = func.sum(daily.c.paid_fen).over(partition_by=daily.c.loan_no, order_by=daily.c.paid_on)
    return select(daily.c.loan_no, daily.c.paid_on, cast(paid_up, BigInteger).label("paid_up_fen")).cte("payments")


def _reached(dues: CTE, payments: CTE) -> CTE:
    """The day on which the payments reach each due: dues and payments in one order, the next payment after the due."""
    line = union_all(
        select(
            dues.c.loan_no,
            dues.c.number,
            dues.c.due_up_fen.label("up_fen"),
            literal(0, Integer).label("is_payment"),
            cast(null(), Date).label("paid_on"),
        ),
        select(
            payments.c.loan_no, cast(null(), dues.c.number.type), payments.c.paid_up_fen, literal(1), payments.c.paid_on
        ),
    ).subquery("line")
    next_payment = func.min(line.c.paid_on).over(
        partition_by=line.c.loan_no, order_by=(line.c.up_fen, line.c.is_payment), rows=(0, None)
    )
    ordered = select(line.c.loan_no, line.c.number, line.c.is_payment, next_payment.label("reached_on")).subquery()
    dues_alone = select(ordered.c.loan_no, ordered.c.number, ordered.c.reached_on).where(ordered.c.is_payment == 0)
    return dues_alone.cte("reached")


def _between(value: ColumnElement[Any], most: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value, but not below nothing and not above the most."""
    return func.greatest(func.least(value, most), literal(0))


def _in_range(key: ColumnElement[Any], first: Any, following: Any) -> ColumnElement[bool]:
    return key >= first if following is None else and_(key >= first, key < following)
