"""How each loan has been repaid, from the deepest evidence it has: instalments, a month-end tape, or its outcome."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    TableClause,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    insert,
    join,
    literal,
    null,
    or_,
    select,
)

from loanbook import copied
from loanbook.constructs import add_days, add_months, at_latest, days_between, months_between
from loanbook.snapshot_schema import instalment_state, loan_state
from loanbook.working import run
from rules.book import Evidence

_instalment, _month_state = copied.TABLES["instalment"], copied.TABLES["month_state"]

PAST_DUE_DAYS = {"past_due_1_on": 0, "past_due_30_on": 30, "past_due_60_on": 60, "past_due_90_on": 90}


def fill(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, spells: TableClause, as_of: date) -> None:
    """Fill `loan_state`: each loan from the deepest evidence that it has. `spells` are those of `moved_dues`."""
    names = [column.name for column in loan_state.columns]
    for states in (from_instalments(loans, spells, as_of), from_tape(loans, as_of), from_outcomes(loans, as_of)):
        run(snapshot, insert(loan_state).from_select(names, states))


def from_instalments(loans: FromClause, spells: FromClause, as_of: date) -> Select[Any]:
    """State of the loans that have instalments.

    Grain: one row per loan with instalments. Columns: those of `loan_state`.
    Formula: an instalment due on d that is not settled on or before d + T + 1 makes days past due exceed T first on
    that day; days past due = ends_on - oldest due date not settled by then; outstanding = principal less the principal
    part of what has been paid; overdue = what is unpaid of instalments due before as_of. An instalment that was moved
    counts from its old due date until then (`moved_dues.spells`).
    Excludes: whatever comes after the loan was paid off or charged off.
    Source: metrics.md, "days past due".
    """
    each = instalment_state.c
    is_open = or_(each.settled_on.is_(None), each.settled_on > loans.c.ends_on)
    last_unsettled_on = case((is_open, loans.c.ends_on), else_=add_days(each.settled_on, -1))
    crossed = {
        name: func.min(_crossed_on(each.due_on, each.settled_on, loans.c.ends_on, days))
        for name, days in PAST_DUE_DAYS.items()
    }
    is_late = and_(each.due_on < as_of, loans.c.status == "active")
    first_missed = and_(
        each.number == 1, _crossed_on(each.due_on, each.settled_on, literal(as_of, Date), 30).is_not(None)
    )
    aggregates = (
        select(
            loans.c.loan_no,
            *(value.label(name) for name, value in crossed.items()),
            func.min(case((is_open, each.due_on))).label("oldest_open_on"),
            func.max(days_between(each.due_on, last_unsettled_on)).label("worst"),
            func.sum(each.principal_paid_fen).label("principal_paid_fen"),
            func.sum(case((is_late, each.due_fen - each.paid_fen), else_=0)).label("overdue_fen"),
            func.max(each.due_on).label("last_due_on"),
            func.min(each.due_on).label("first_due_on"),
            func.bool_or(first_missed).label("first_missed"),
        )
        .join_from(instalment_state, loans, loans.c.loan_no == each.loan_no)
        .group_by(loans.c.loan_no)
        .subquery("settled")
    )
    moves = _moved(loans, spells, as_of).subquery("moved")
    settled, moved = aggregates.c, moves.c
    days_past_due = func.greatest(days_between(settled.oldest_open_on, loans.c.ends_on), literal(0))
    is_known = add_days(settled.first_due_on, 31) <= as_of
    return _state(
        loans,
        as_of,
        Evidence.INSTALMENTS,
        past_due=[func.least(settled[name], moved[name], type_=Date()) for name in PAST_DUE_DAYS],
        days_past_due=func.coalesce(days_past_due, literal(0)),
        worst=func.greatest(settled.worst, moved.worst, literal(0)),
        outstanding=func.greatest(loans.c.principal_fen - settled.principal_paid_fen, literal(0)),
        overdue=settled.overdue_fen,
        last_due_on=settled.last_due_on,
        first_due_on=settled.first_due_on,
        first_payment_missed=case((is_known, settled.first_missed | func.coalesce(moved.first_missed, false()))),
        rescheduled=func.coalesce(moved.rescheduled, false()),
    ).select_from(
        join(loans, aggregates, settled.loan_no == loans.c.loan_no).outerjoin(moves, moved.loan_no == loans.c.loan_no)
    )


def _moved(loans: FromClause, spells: FromClause, as_of: date) -> Select[Any]:
    """What the dates that a loan's instalments were moved away from say of it. Grain: one row per loan with such."""
    spell, ends_on = spells.c, func.least(loans.c.ends_on, spells.c.until_on, type_=Date())
    crossed = {
        name: func.min(_crossed_on(spell.due_on, spell.until_on, ends_on, days)) for name, days in PAST_DUE_DAYS.items()
    }
    first_missed = and_(
        spell.number == 1, _crossed_on(spell.due_on, spell.until_on, literal(as_of, Date), 30).is_not(None)
    )
    return (
        select(
            loans.c.loan_no,
            *(value.label(name) for name, value in crossed.items()),
            func.max(days_between(spell.due_on, func.least(add_days(spell.until_on, -1), loans.c.ends_on))).label(
                "worst"
            ),
            func.bool_or(first_missed).label("first_missed"),
            literal(True, Boolean).label("rescheduled"),
        )
        .join_from(spells, loans, loans.c.loan_no == spell.loan_no)
        .group_by(loans.c.loan_no)
    )


def from_tape(loans: FromClause, as_of: date) -> Select[Any]:
    """State of the loans that have month ends instead: a threshold is crossed at the first month end over it.

    Grain: one row per loan without instalments and with a month end by as_of. Columns: those of `loan_state`.
    Excludes: month ends after as_of or after the loan was paid off or charged off.
    """
    each = _month_state.c
    crossed = {
        name: func.min(case((each.days_past_due > days, each.month_end))) for name, days in PAST_DUE_DAYS.items()
    }
    tape = (
        select(
            loans.c.loan_no,
            *(value.label(name) for name, value in crossed.items()),
            at_latest(each.days_past_due, each.month_end).label("days_past_due"),
            func.max(each.days_past_due).label("worst"),
            at_latest(each.outstanding_fen, each.month_end).label("outstanding_fen"),
        )
        .join_from(_month_state, loans, loans.c.id == each.loan_id)
        .where(each.month_end <= loans.c.ends_on, each.days_past_due.is_not(None), ~_has_instalments(loans))
        .group_by(loans.c.loan_no)
        .subquery("tape")
    )
    return _state(
        loans,
        as_of,
        Evidence.TAPE,
        past_due=[tape.c[name] for name in PAST_DUE_DAYS],
        days_past_due=func.greatest(tape.c.days_past_due, literal(0)),
        worst=func.greatest(tape.c.worst, literal(0)),
        outstanding=tape.c.outstanding_fen,
        overdue=None,
        last_due_on=add_months(loans.c.disbursed_on, loans.c.term_months),
    ).join_from(loans, tape, tape.c.loan_no == loans.c.loan_no)


def from_outcomes(loans: FromClause, as_of: date) -> Select[Any]:
    """State of the loans of which only the outcome is known: nothing between disbursement and closing.

    Grain: one row per loan with neither instalments nor a month end by then. Columns: those of `loan_state`.
    """
    each = _month_state.c
    has_tape = exists(
        select(each.loan_id).where(
            each.loan_id == loans.c.id, each.month_end <= loans.c.ends_on, each.days_past_due.is_not(None)
        )
    )
    return _state(
        loans,
        as_of,
        Evidence.OUTCOMES,
        past_due=[cast(null(), Date) for _ in PAST_DUE_DAYS],
        days_past_due=None,
        worst=None,
        outstanding=None,
        overdue=None,
        last_due_on=add_months(loans.c.disbursed_on, loans.c.term_months),
    ).where(~_has_instalments(loans), ~has_tape)


def _state(
    loans: FromClause,
    as_of: date,
    evidence: Evidence,
    *,
    past_due: list[ColumnElement[Any]],
    days_past_due: ColumnElement[Any] | None,
    worst: ColumnElement[Any] | None,
    outstanding: ColumnElement[Any] | None,
    overdue: ColumnElement[Any] | None,
    last_due_on: ColumnElement[Any],
    first_due_on: ColumnElement[Any] | None = None,
    first_payment_missed: ColumnElement[Any] | None = None,
    rescheduled: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """The columns of `loan_state` in their order; a closed loan owes nothing, a paid-off one is not past due."""
    loan = loans.c
    is_closed = loan.status != "active"
    closed_on = func.least(loan.paid_off_on, loan.charged_off_on)
    closed_as = case(
        (loan.charged_off_on.is_not(None), literal("written_off")),
        (loan.paid_off_on < last_due_on, literal("early")),
        (loan.paid_off_on.is_not(None), literal("at_term")),
    )
    return select(
        loan.loan_no,
        cast(loan.id, String),
        literal(evidence.value),
        *past_due,
        loan.charged_off_on,
        loan.defaulted_on,
        case((loan.status == "paid_off", 0), else_=_or_null(days_past_due)),
        _or_null(worst),
        case((is_closed, 0), else_=_or_null(outstanding)),
        case((is_closed, 0), else_=_or_null(overdue)),
        months_between(loan.disbursed_on, func.least(literal(as_of, Date), closed_on)),
        closed_on,
        closed_as,
        last_due_on,
        loan.dates_imputed,
        cast(null(), Date) if first_due_on is None else first_due_on,
        cast(null(), Boolean) if first_payment_missed is None else first_payment_missed,
        false() if rescheduled is None else rescheduled,
    )


def _crossed_on(
    due_on: ColumnElement[Any], settled_on: ColumnElement[Any], ends_on: ColumnElement[Any], days: int
) -> ColumnElement[Any]:
    """The first day on which an instalment is more than so many days past due; null where that never came."""
    day = add_days(due_on, days + 1)
    return case((and_(day <= ends_on, or_(settled_on.is_(None), settled_on > day)), day))


def _has_instalments(loans: FromClause) -> ColumnElement[bool]:
    return exists(select(_instalment.c.loan_id).where(_instalment.c.loan_id == loans.c.id))


def _or_null(value: ColumnElement[Any] | None) -> ColumnElement[Any]:
    return cast(null(), Integer) if value is None else value
