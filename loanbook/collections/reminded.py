"""Borrowers before a due date, reminded of it or not: by chance where the lender holds some out, else by likeness."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Select,
    String,
    TableClause,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    insert,
    literal,
    or_,
    select,
)

from loanbook import closed_day, copied
from loanbook.collections.collections_schema import reminder_cell
from loanbook.constructs import add_days, at_earliest, business_date, days_between
from loanbook.loan_dimensions import FEN_PER_CNY
from loanbook.snapshot_schema import instalment_state, loan_fact
from loanbook.working import drop, run, work_table
from rules.collections import REMINDER
from rules.dimensions import UNKNOWN
from rules.policy import Collections
from rules.reminders import COVARIATES, HELD_OUT, LATE_DAYS, STRATA, TREATED, Design

_contacts = copied.TABLES["contact"]
_contact = _contacts.c

Value = ColumnElement[Any]


def build(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, as_of: date, rule: Collections) -> None:
    """Fill `reminder_cell`, from the plans that have an arm where chance held some borrowers out, else by likeness.

    loans: those of `standing.loans`.
    Formula: each borrower counts once. Planned: at the first plan with an arm, in which they stay whatever reached them
    (intention to treat). Matched: at the first instalment of their first loan, if that was unpaid the policy's days
    before; from then on they stand among those who may be reminded, day by day, until they are (treated), or pay, or it
    is due. Who is compared with whom is told by `rules.risk_sets`.
    Excludes: matched: first instalments that are due so soon after the disbursement that some of these days came before
    it, or after as_of.
    Source: metrics.md, traps 1, 11 and 15; Hernan and Robins 2016 on when following begins.
    """
    [(held_out,)] = run(snapshot, select(func.count()).where(_contact.purpose == REMINDER, _contact.arm == HELD_OUT))
    found = _planned(loans, as_of) if held_out else _matched(loans, as_of, rule)
    trial = work_table(snapshot, "reminder_trial", found)
    due = work_table(snapshot, "reminder_due", _due(trial, rule))
    names = [column.name for column in reminder_cell.columns]
    cells = _cells(trial, due, as_of) if held_out else _cells_by_day(trial, due, as_of)
    run(snapshot, insert(reminder_cell).from_select(names, cells))
    drop(snapshot, trial, due)


def _planned(loans: FromClause, as_of: date) -> Select[Any]:
    """Grain: one row per borrower with a plan that has an arm. Columns: loan_no; on_day, of the plan; arm."""
    planned_at = func.coalesce(_contact.planned_at, _contact.contacted_at)
    order = (planned_at, _contact.id)
    place = func.row_number().over(partition_by=_contact.member_id, order_by=order)
    plan = (
        select(loans.c.loan_no, business_date(planned_at).label("on_day"), _contact.arm, place.label("place"))
        .join_from(_contacts, loans, loans.c.id == _contact.loan_id)
        .where(_contact.purpose == REMINDER, _contact.arm.in_((TREATED, HELD_OUT)), closed_day.possible(planned_at))
        .where(business_date(planned_at) <= as_of)
        .subquery("plan")
    )
    return select(plan.c.loan_no, plan.c.on_day, plan.c.arm).where(plan.c.place == 1)


def _matched(loans: FromClause, as_of: date, rule: Collections) -> Select[Any]:
    """Grain: one row per borrower whose first loan has instalments.

    Columns: loan_no; on_day, from which on it is looked who is reminded; reminded_on, null where nobody was.
    """
    first = select(func.min(loans.c.loan_no).label("loan_no")).group_by(loans.c.member_id).subquery("first_loan")
    due = instalment_state.c
    begins, made_on = add_days(due.due_on, -rule.reminder_days), business_date(_contact.contacted_at)
    reminded = and_(
        _contact.loan_id == loans.c.id, _contact.purpose == REMINDER, made_on >= begins, made_on <= due.due_on
    )
    return (
        select(loans.c.loan_no, begins.label("on_day"), func.min(made_on, type_=Date()).label("reminded_on"))
        .join_from(loans, first, first.c.loan_no == loans.c.loan_no)
        .join(instalment_state, and_(due.loan_no == loans.c.loan_no, due.number == 1))
        .outerjoin(_contacts, reminded)
        .where(loans.c.disbursed_on <= begins, due.due_on <= as_of)
        .group_by(loans.c.loan_no, begins)
    )


def _due(trial: FromClause, rule: Collections) -> Select[Any]:
    """The next instalment after that day which was unpaid then. Grain: one row per loan that has one."""
    row, due = trial.c, instalment_state.c
    settled_on = func.coalesce(due.settled_on, date.max)
    return (
        select(
            row.loan_no,
            func.min(due.due_on, type_=Date()).label("due_on"),
            at_earliest(settled_on, due.due_on).label("settled_on"),
        )
        .join_from(trial, instalment_state, due.loan_no == row.loan_no)
        .where(due.due_on >= row.on_day, due.due_on <= add_days(row.on_day, rule.reminder_days))
        .where(or_(due.settled_on.is_(None), due.settled_on >= row.on_day))
        .group_by(row.loan_no)
    )


def _cells(trial: FromClause, due: FromClause, as_of: date) -> Select[Any]:
    """By arm alone, for chance made the groups alike."""
    parts = [
        literal(Design.PLANNED.value), trial.c.arm, *(literal("") for _stratum in STRATA), literal(0),
        *_parts(due.c, as_of),
    ]  # fmt: skip
    joined = trial.join(due, due.c.loan_no == trial.c.loan_no).join(loan_fact, loan_fact.c.loan_no == trial.c.loan_no)
    return select(*parts).select_from(joined).group_by(trial.c.arm).order_by(trial.c.arm)


def _cells_by_day(trial: FromClause, due: FromClause, as_of: date) -> Select[Any]:
    """By what the borrowers were like, and until when they stood among those who were not reminded yet."""
    row, of, fact = trial.c, due.c, loan_fact.c
    reminded = func.coalesce(row.reminded_on <= of.settled_on, false())
    last_day = case((reminded, row.reminded_on), else_=func.least(of.settled_on, of.due_on))
    arm = case((reminded, literal(TREATED)), else_=literal(HELD_OUT))
    keys = [arm, *like(of.due_on), days_between(last_day, of.due_on)]
    return (
        select(literal(Design.MATCHED.value), *keys, *_parts(of, as_of))
        .join_from(trial, due, of.loan_no == row.loan_no)
        .join(loan_fact, fact.loan_no == row.loan_no)
        .group_by(*keys)
        .order_by(*keys)
    )


def like(day: Value) -> list[Value]:
    """In what two loans are alike: the STRATA, as `loan_fact` has them; the quarter is that of a day."""
    quarter = func.concat(cast(extract("year", day), String), "Q", cast(extract("quarter", day), String))
    return [
        quarter if name == "quarter" else func.coalesce(cast(loan_fact.c[name], String), UNKNOWN) for name in STRATA
    ]


def moments() -> list[Value]:
    """Of each of COVARIATES, as `loan_fact` has them, how many have it told, its sum, and that of its squares."""
    fact = loan_fact.c
    known = [fact[name] if name in fact else fact[name.replace("_cny", "_fen")] / FEN_PER_CNY for name in COVARIATES]
    return [part for value in known for part in _moments(value)]


def _parts(of: Any, as_of: date) -> list[ColumnElement[Any]]:
    """What is summed of a cell's borrowers."""
    return [func.count(), *(part for days in LATE_DAYS for part in _late(of, days, as_of)), *moments()]


def _late(of: Any, days: int, as_of: date) -> list[ColumnElement[int]]:
    """How many are observed for so long past their due date, and how many of them were late for longer than so."""
    last_day = add_days(of.due_on, days + 1)
    return [
        func.count().filter(last_day <= as_of),
        func.count().filter(last_day <= as_of, of.settled_on > last_day),
    ]


def _moments(value: Value) -> list[ColumnElement[Any]]:
    whole = cast(func.round(value), Double)
    return [
        func.count(value),
        cast(func.coalesce(func.sum(whole), 0), BigInteger),
        func.coalesce(func.sum(whole * whole), 0.0),
    ]
