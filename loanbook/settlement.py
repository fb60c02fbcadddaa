"""Settlement: repayments allocated to instalments, oldest due first."""

from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    SmallInteger,
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
    Formula: dues and payments are summed up per loan and put in one order; an instalment is settled by the first
    payment with which the sum of payments reaches the sum of dues up to it. A part payment pays fee, then interest,
    then principal. An instalment of nothing is settled when it is due. What a paid-off loan has left is settled on
    the day that it was paid off.
    Excludes: payments after as_of (Asia/Shanghai date), payments that are not above zero.
    Source: data-model.md, "instalment_state".
    """
    dues, payments = _dues(loans, first, following), _payments(loans, as_of, first, following)
    line = union_all(dues, payments).subquery("line")
    each = line.c
    reached_on = func.min(each.paid_on).over(
        partition_by=each.loan_no, order_by=(each.up_fen, each.is_payment), rows=(0, None)
    )
    paid_up = func.max(case((each.is_payment == 1, each.up_fen), else_=0)).over(partition_by=each.loan_no)
    placed = select(*each, reached_on.label("reached_on"), paid_up.label("paid_up_fen")).subquery("placed")
    due = placed.c
    paid = _between(due.paid_up_fen - (due.up_fen - due.due_fen), due.due_fen)
    principal_paid = _between(paid - (due.due_fen - due.principal_due_fen), due.principal_due_fen)
    settled_on = case((due.due_fen == 0, due.due_on), else_=due.reached_on)
    return select(
        due.loan_no,
        due.number,
        due.due_on,
        due.due_fen,
        paid.label("paid_fen"),
        principal_paid.label("principal_paid_fen"),
        func.least(settled_on, due.paid_off_on).label("settled_on"),
    ).where(due.is_payment == 0)


def _dues(loans: FromClause, first: Any, following: Any) -> Select[Any]:
    """One row per instalment, with the sum of the loan's dues up to it."""
    due = _instalment.c
    due_fen = due.principal_due_fen + due.interest_due_fen + due.fee_due_fen
    up_fen = func.sum(due_fen).over(partition_by=loans.c.loan_no, order_by=(due.due_on, due.number))
    return (
        select(
            loans.c.loan_no,
            literal(0, Integer).label("is_payment"),
            cast(up_fen, BigInteger).label("up_fen"),
            cast(null(), Date).label("paid_on"),
            loans.c.paid_off_on,
            due.number,
            due.due_on,
            due_fen.label("due_fen"),
            due.principal_due_fen,
        )
        .join_from(_instalment, loans, loans.c.id == due.loan_id)
        .where(_in_range(due.loan_id, first, following), _in_range(loans.c.id, first, following))
    )


def _payments(loans: FromClause, as_of: date, first: Any, following: Any) -> Select[Any]:
    """One row per payment, with the sum of the loan's payments up to it; the columns of `_dues`."""
    paid = _repayment.c
    paid_on = business_date(paid.paid_at)
    up_fen = func.sum(paid.amount_fen).over(partition_by=loans.c.loan_no, order_by=paid.paid_at)
    return (
        select(
            loans.c.loan_no,
            literal(1, Integer),
            cast(up_fen, BigInteger),
            paid_on,
            *(cast(null(), type_) for type_ in (Date, SmallInteger, Date, BigInteger, BigInteger)),
        )
        .join_from(_repayment, loans, loans.c.id == paid.loan_id)
        .where(_in_range(paid.loan_id, first, following), _in_range(loans.c.id, first, following))
        .where(paid.amount_fen > 0, paid_on <= as_of)
    )


def _between(value: ColumnElement[Any], most: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value, but not below nothing and not above the most."""
    return func.greatest(func.least(value, most), literal(0))


def _in_range(key: ColumnElement[Any], first: Any, following: Any) -> ColumnElement[bool]:
    return key >= first if following is None else and_(key >= first, key < following)
