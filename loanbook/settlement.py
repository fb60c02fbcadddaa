"""Settlement: repayments allocated to instalments, oldest due first."""

from collections.abc import Iterator
from dataclasses import dataclass
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

from loanbook import copied, moved_dues
from loanbook.constructs import business_date
from loanbook.snapshot_schema import instalment_state
from loanbook.working import drop, run, work_table

LOANS_AT_A_TIME = 1_000_000  # settled together: bounds the memory, not the result

_instalment, _repayment = copied.TABLES["instalment"], copied.TABLES["repayment"]


@dataclass(frozen=True)
class Settled:
    """The work tables of the loans that have been settled together."""

    instalments: TableClause  # `instalments`
    part_payments: TableClause  # `part_payments`


def fill(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, as_of: date) -> Iterator[Settled]:
    """Fill `instalment_state`, so many loans at a time in the order of their keys; what was settled, each time.

    The work tables are gone when the next loans are asked for.
    """
    place = func.row_number().over(order_by=loans.c.id)
    placed = select(loans.c.id, place.label("place")).subquery("placed")
    firsts = select(placed.c.id).where((placed.c.place - 1) % LOANS_AT_A_TIME == 0).order_by(placed.c.place)
    keys = [key for (key,) in run(snapshot, firsts)]
    later = moved_dues.later(snapshot, as_of)
    names = [column.name for column in instalment_state.columns]
    for first, following in pairwise([*keys, None]):
        line = work_table(snapshot, "settlement_line", _line(loans, later, as_of, first, following))
        settled = Settled(
            work_table(snapshot, "settled_instalment", instalments(line)),
            work_table(snapshot, "part_payment", part_payments(line)),
        )
        drop(snapshot, line)
        rows = select(*(settled.instalments.c[name] for name in names))
        run(snapshot, insert(instalment_state).from_select(names, rows))
        yield settled
        drop(snapshot, settled.instalments, settled.part_payments)


def _line(loans: FromClause, later: TableClause | None, as_of: date, first: Any, following: Any) -> Select[Any]:
    """Dues and payments of each loan summed up and put in one order.

    Grain: one row per instalment, and one per payment, of the loans from one key up to, not with, the `following` one
    (None: to the end).
    Columns: those of `_dues`; reached_on, the day on which payments first reached the row's sum; paid_up_fen, all that
    has been paid; before_fen, the sum of the row before.
    Excludes: payments after as_of (Asia/Shanghai date), payments that are not above zero.
    """
    dues, payments = _dues(loans, later, first, following), _payments(loans, as_of, first, following)
    line = union_all(dues, payments).subquery("line")
    each = line.c
    place: dict[str, Any] = {"partition_by": each.loan_no, "order_by": (each.up_fen, each.is_payment)}
    return select(
        *each,
        func.min(each.paid_on).over(**place, rows=(0, None)).label("reached_on"),
        func.max(case((each.is_payment == 1, each.up_fen), else_=0))
        .over(partition_by=each.loan_no)
        .label("paid_up_fen"),
        func.lag(each.up_fen, type_=BigInteger()).over(**place).label("before_fen"),
    )


def instalments(line: FromClause) -> Select[Any]:
    """Each instalment with what has been paid of it, and the day on which it was settled.

    Grain: one row per instalment of the line.
    Columns: those of `instalment_state`; principal_due_fen.
    Formula: dues and payments are summed up per loan and put in one order; an instalment is settled by the first
    payment with which the sum of payments reaches the sum of dues up to it. A part payment pays fee, then interest,
    then principal. An instalment of nothing is settled when it is due. What a paid-off loan has left is settled on
    the day that it was paid off.
    Source: data-model.md, "instalment_state".
    """
    due = line.c
    paid = _between(due.paid_up_fen - (due.up_fen - due.due_fen), due.due_fen)
    settled_on = case((due.due_fen == 0, due.due_on), else_=due.reached_on)
    return select(
        due.loan_no,
        due.number,
        due.due_on,
        due.due_fen,
        paid.label("paid_fen"),
        _principal_paid(paid, due).label("principal_paid_fen"),
        func.least(settled_on, due.paid_off_on, type_=Date()).label("settled_on"),
        due.principal_due_fen,
    ).where(due.is_payment == 0)


def part_payments(line: FromClause) -> Select[Any]:
    """What had been paid of an instalment by a payment that did not settle it.

    Grain: one row per payment whose sum lies inside an instalment, where that reaches its principal.
    Columns: loan_no, number; paid_on; until_on, when the instalment was settled; principal_paid_fen, of the
    instalment's principal with this payment.
    """
    paid, due = line.alias("paid").c, line.alias("due").c
    principal_paid = _principal_paid(paid.up_fen - (due.up_fen - due.due_fen), due)
    is_inside = and_(paid.up_fen < due.up_fen, paid.up_fen > due.up_fen - due.due_fen)
    until_on = func.least(due.reached_on, due.paid_off_on, type_=Date())
    return select(
        paid.loan_no,
        due.number,
        paid.paid_on,
        until_on.label("until_on"),
        principal_paid.label("principal_paid_fen"),
    ).where(
        paid.is_payment == 1,
        func.coalesce(paid.before_fen, 0) < paid.up_fen,
        due.loan_no == paid.loan_no,
        due.is_payment == 0,
        is_inside,
        principal_paid > 0,
    )


def _dues(loans: FromClause, later: TableClause | None, first: Any, following: Any) -> Select[Any]:
    """One row per instalment, with the sum of the loan's dues up to it."""
    due = _instalment.c
    due_fen = due.principal_due_fen + due.interest_due_fen + due.fee_due_fen
    due_on = due.due_on if later is None else func.coalesce(later.c.old_due_on, due.due_on, type_=Date())
    up_fen = func.sum(due_fen).over(partition_by=loans.c.loan_no, order_by=(due_on, due.number))
    rows = (
        select(
            loans.c.loan_no,
            literal(0, Integer).label("is_payment"),
            cast(up_fen, BigInteger).label("up_fen"),
            cast(null(), Date).label("paid_on"),
            loans.c.paid_off_on,
            due.number,
            due_on.label("due_on"),
            due_fen.label("due_fen"),
            due.principal_due_fen,
        )
        .join_from(_instalment, loans, loans.c.id == due.loan_id)
        .where(_in_range(due.loan_id, first, following), _in_range(loans.c.id, first, following))
    )
    return rows if later is None else rows.outerjoin(later, moved_dues.moves(later, due))


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


def _principal_paid(paid: ColumnElement[Any], due: Any) -> ColumnElement[Any]:
    """The principal in what has been paid of an instalment: fee and interest come first."""
    return _between(paid - (due.due_fen - due.principal_due_fen), due.principal_due_fen)


def _between(value: ColumnElement[Any], most: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value, but not below nothing and not above the most."""
    return func.greatest(func.least(value, most), literal(0), type_=BigInteger())


def _in_range(key: ColumnElement[Any], first: Any, following: Any) -> ColumnElement[bool]:
    return key >= first if following is None else and_(key >= first, key < following)
