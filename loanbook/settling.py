"""Settles the loans of a snapshot, so many at a time: fetched as columns, aged, written to its tables."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    TableClause,
    and_,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    table,
)

from loanbook import ageing, copied, days, loan_month, moved_dues
from loanbook.ageing import Months, Spans, Spells
from loanbook.constructs import business_date, month_number, ordinal
from loanbook.settlement import NEVER, Dues, Ints, Payments, Settled, settle
from loanbook.snapshot_schema import STATES, instalment_state
from loanbook.working import columns, drop, run, work_table
from rules.calendar import newest_month_end

LOANS_AT_A_TIME = 500_000  # bounds the memory, not the result; at most 2**20

_instalment, _repayment = copied.TABLES["instalment"], copied.TABLES["repayment"]


def fill(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, coded: TableClause, as_of: date) -> TableClause:
    """Fill `instalment_state` and the months of the loans that have instalments, in the order of their keys.

    The work table of `moved_dues.spells`. Excludes: payments after as_of (Asia/Shanghai date), those not above zero.
    """
    later = moved_dues.later(snapshot, as_of)
    spells = work_table(snapshot, "moved_due", moved_dues.none())
    taken_back = work_table(snapshot, "taken_back", _taken_back(as_of))
    waiting: _Ageing | None = None
    with ThreadPoolExecutor(1) as beside:  # some loans are aged while the next ones are fetched
        for first, following in pairwise([*_first_keys(snapshot, loans), None]):
            these = work_table(snapshot, "loan_now", _loans(loans, taken_back, as_of, first, following))
            numbers = [each for each in these.c if each.name != "id"]  # a key may be a text
            loan = columns(snapshot, select(*numbers).order_by(these.c.place))
            dues = columns(snapshot, _dues(these, later, first, following))
            payments = columns(snapshot, _payments(these, as_of, first, following))
            settled = settle(
                Dues(**dues),
                Payments(**payments),
                loan["paid_off_on"],
            )
            moved = _write_instalments(snapshot, settled, loan["loan_no"], these, as_of)
            run(snapshot, insert(spells).from_select([each.name for each in spells.columns], select(*moved.c)))
            spans = Spans(**{each.name: loan[each.name] for each in fields(Spans)})
            spelled = _spells(snapshot, moved, these)
            drop(snapshot, these, moved)
            _write(snapshot, waiting, coded)
            waiting = _Ageing(loan["loan_no"], beside.submit(ageing.months, settled, spans, spelled))
        _write(snapshot, waiting, coded)
    drop(snapshot, taken_back)
    return spells


@dataclass(frozen=True)
class _Ageing:
    """Loans that are being aged."""

    loan_no: Ints
    months: Future[Months]


def _write(snapshot: duckdb.DuckDBPyConnection, waiting: _Ageing | None, coded: TableClause) -> None:
    if waiting is not None:
        loan_month.write(snapshot, waiting.months.result(), waiting.loan_no, coded)


def _first_keys(snapshot: duckdb.DuckDBPyConnection, loans: TableClause) -> list[Any]:
    place = func.row_number().over(order_by=loans.c.id)
    placed = select(loans.c.id, place.label("place")).subquery("placed")
    firsts = select(placed.c.id).where((placed.c.place - 1) % LOANS_AT_A_TIME == 0).order_by(placed.c.place)
    return [key for (key,) in run(snapshot, firsts)]


def _loans(loans: FromClause, taken_back: FromClause, as_of: date, first: Any, following: Any) -> Select[Any]:
    """The loans from one key up to, not with, the `following` one (None: to the end), and their spans of months."""
    loan, newest = loans.c, literal(newest_month_end(as_of), Date)
    left_on = func.least(loan.charged_off_on, loan.paid_off_on, type_=Date())
    left_as = case((loan.charged_off_on.is_not(None), STATES.index("written_off")), else_=STATES.index("paid_off"))
    return (
        select(
            (func.row_number().over(order_by=loan.id) - 1).label("place"),
            loan.id,
            loan.loan_no,
            loan.principal_fen,
            func.coalesce(ordinal(loan.paid_off_on), NEVER).label("paid_off_on"),
            month_number(loan.disbursed_on).label("first_no"),
            case((left_on <= newest, month_number(left_on) - 1), else_=month_number(newest)).label("last_no"),
            case((left_on <= newest, left_as), else_=ageing.NO_STATE).label("exit_state"),
            func.coalesce(ordinal(left_on), NEVER).label("exit_on"),
            func.coalesce(taken_back.c.amount_fen, 0).label("taken_back_fen"),
        )
        .select_from(loans.outerjoin(taken_back, taken_back.c.loan_id == loan.id))
        .where(_in_range(loan.id, first, following))
    )


def _taken_back(as_of: date) -> Select[Any]:
    """What was paid and taken back again, such as by a bank. Grain: one row per loan of which something was."""
    paid = _repayment.c
    return (
        select(paid.loan_id, cast(-func.sum(paid.amount_fen), BigInteger).label("amount_fen"))
        .where(paid.amount_fen < 0, business_date(paid.paid_at) <= as_of)
        .group_by(paid.loan_id)
    )


def _dues(these: FromClause, later: TableClause | None, first: Any, following: Any) -> Select[Any]:
    due = _instalment.c
    due_on: ColumnElement[Any] = due.due_on
    if later is not None:
        due_on = func.coalesce(later.c.old_due_on, due.due_on, type_=Date())
    rows = (
        select(
            these.c.place.label("loan"),
            due.number,
            ordinal(due_on).label("due_on"),
            (due.principal_due_fen + due.interest_due_fen + due.fee_due_fen).label("due_fen"),
            due.principal_due_fen.label("principal_fen"),
            due.fee_due_fen.label("fee_fen"),
        )
        .join_from(_instalment, these, these.c.id == due.loan_id)
        .where(_in_range(due.loan_id, first, following))
        .order_by(these.c.place, due_on, due.number)
    )
    return rows if later is None else rows.outerjoin(later, moved_dues.moves(later, due))


def _payments(these: FromClause, as_of: date, first: Any, following: Any) -> Select[Any]:
    paid = _repayment.c
    paid_on = business_date(paid.paid_at)
    return (
        select(these.c.place.label("loan"), ordinal(paid_on).label("paid_on"), paid.amount_fen)
        .join_from(_repayment, these, these.c.id == paid.loan_id)
        .where(_in_range(paid.loan_id, first, following), paid.amount_fen > 0, paid_on <= as_of)
        .order_by(these.c.place, paid.paid_at)
    )


def _write_instalments(
    snapshot: duckdb.DuckDBPyConnection, settled: Settled, loan_no: Ints, these: TableClause, as_of: date
) -> TableClause:
    """Add the settled instalments to `instalment_state`; the work table of the spells of these loans."""
    dues = settled.dues
    written = {
        "loan_no": pa.array(loan_no[dues.loan].astype(np.int32)),
        "number": pa.array(dues.number.astype(np.int16)),
        "due_on": days.dates(dues.due_on),
        "due_fen": pa.array(dues.due_fen),
        "paid_fen": pa.array(settled.paid_fen),
        "principal_paid_fen": pa.array(settled.principal_paid_fen),
        "settled_on": days.dates(settled.settled_on, none=NEVER),
    }
    names = [each.name for each in instalment_state.columns]
    rows = table("settled_now", *(column(each.name, each.type) for each in instalment_state.columns))
    snapshot.register(rows.name, pa.table({name: written[name] for name in names}))
    run(snapshot, insert(instalment_state).from_select(names, select(*rows.c)))
    moved = work_table(snapshot, "moved_now", moved_dues.spells(these, rows, as_of))
    snapshot.unregister(rows.name)
    return moved


def _spells(snapshot: duckdb.DuckDBPyConnection, moved: TableClause, these: TableClause) -> Spells:
    spell = moved.c
    found = columns(
        snapshot,
        select(
            these.c.place,
            ordinal(spell.due_on).label("due_on"),
            ordinal(spell.until_on).label("until_on"),
            ordinal(spell.changed_on).label("changed_on"),
        ).join_from(moved, these, these.c.loan_no == spell.loan_no),
    )
    return Spells(found["place"], found["due_on"], found["until_on"], found["changed_on"])


def _in_range(key: ColumnElement[Any], first: Any, following: Any) -> ColumnElement[bool]:
    return key >= first if following is None else and_(key >= first, key < following)
