"""Borrowers who were told of a raised limit or prompted to borrow again, beside those who were not, and who did."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
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
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
)

from loanbook import closed_day, copied
from loanbook.collections.collections_schema import message_cell
from loanbook.collections.reminded import like, moments
from loanbook.constructs import add_days, business_date, days_between
from loanbook.members import reborrow_prompt
from loanbook.snapshot_schema import instalment_state, loan_fact
from loanbook.working import drop, run, work_table, work_table_in_ranges
from rules.messages import AGAIN_DAYS, LIKE, MESSAGES, RAISED
from rules.reminders import COVARIATES, HELD_OUT, TREATED, Design

_SCATTER, _SCATTERED = 48_271, 2_147_483_647  # of Park and Miller: an order of no meaning

_contacts = copied.TABLES["contact"]
_contact = _contacts.c


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, counted: int, as_of: date
) -> None:
    """Fill `message_cell`: of each message from the plans with an arm where chance held some out, else by likeness.

    numbers: those of `member_number`; loans: those of `standing.loans`, so many.
    Formula: matched: borrowers of a first loan, until they borrow again. Of a raised limit: who owed nothing late, with
    the same instalment ahead on the same day before its due date; of a prompt: on the same day after the loan was paid
    off. Each who got none by that day's end is looked at on one day alone, which is drawn from the days on which others
    got theirs whatever became of the borrower, and left out where they could not have got it then. Who got one later
    stands among them too, for on that day nobody knew.
    Excludes: messages to borrowers of whom any of this does not hold.
    Source: metrics.md, traps 1, 11 and 15; Hernan and Robins 2016 on sequential trials.
    """
    names = [column.name for column in message_cell.columns]
    for purpose in MESSAGES:
        arms = select(func.count()).where(_contact.purpose == purpose, _contact.arm == HELD_OUT)
        [(held_out,)] = run(snapshot, arms)
        if held_out:
            run(snapshot, insert(message_cell).from_select(names, _planned(numbers, loans, purpose, as_of)))
            continue
        firsts = work_table(snapshot, "message_first", _firsts(loans, as_of))
        opened = (_ahead(firsts) if purpose == RAISED else _paid_off(firsts)).subquery("opened")
        got = work_table(snapshot, "message_got", _got(firsts, purpose, as_of))
        treated = work_table_in_ranges(snapshot, "message_treated", _treated(opened, got), "loan_no", counted)
        placed = work_table(snapshot, "message_placed", _placed(treated))
        trial = work_table_in_ranges(snapshot, "message_trial", _waited(opened, got, placed), "loan_no", counted)
        both = [column.name for column in trial.c]
        run(snapshot, insert(trial).from_select(both, select(literal(TREATED), *(placed.c[name] for name in both[1:]))))
        run(snapshot, insert(message_cell).from_select(names, _cells(trial, purpose, as_of)))
        drop(snapshot, firsts, got, treated, placed, trial)


def _planned(numbers: FromClause, loans: FromClause, purpose: str, as_of: date) -> Select[Any]:
    row = reborrow_prompt.planned(numbers, loans, purpose, as_of).subquery("plan").c
    unknown = [literal(0) for _name in COVARIATES for _part in range(3)]
    return (
        select(
            literal(purpose),
            literal(Design.PLANNED.value),
            row.arm,
            *(literal("") for _part in LIKE),
            func.count(),
            *_again(row.prompted_on, row.again_on, as_of),
            *unknown,
        )
        .group_by(row.arm)
        .order_by(row.arm)
    )


def _firsts(loans: FromClause, as_of: date) -> Select[Any]:
    """Each borrower's first loan.

    Columns: loan_no, member_id, disbursed_on, paid_off_on; again_on: when the next one was disbursed; until_on: the
    last day on which borrowing again lay ahead, by as_of.
    """
    row = loans.c
    order: dict[str, Any] = {"partition_by": row.member_id, "order_by": row.loan_no}
    each = select(
        *(row[name] for name in ("loan_no", "member_id", "disbursed_on", "paid_off_on")),
        func.lead(row.disbursed_on, type_=Date()).over(**order).label("again_on"),
        func.row_number().over(**order).label("place"),
    ).subquery("each_loan")
    names = ("loan_no", "member_id", "disbursed_on", "paid_off_on", "again_on")
    until_on = func.least(each.c.again_on, as_of, type_=Date()).label("until_on")
    return select(*(each.c[name] for name in names), until_on).where(each.c.place == 1)


def _ahead(firsts: FromClause) -> Select[Any]:
    """The days on which an instalment is the next one, nothing older being unpaid.

    Grain: one row per instalment of a first loan after those that were settled. Columns: loan_no; number; known_on,
    from which the days are counted; opens_on, closes_on: the first and the last of them; again_on.
    """
    earlier = instalment_state.alias("earlier")
    loan, due, before = firsts.c, instalment_state.c, earlier.c
    is_first = due.number == 1
    return (
        select(
            loan.loan_no,
            cast(due.number, Integer).label("number"),
            due.due_on.label("known_on"),
            case((is_first, loan.disbursed_on), else_=add_days(before.settled_on, 1)).label("opens_on"),
            func.least(due.due_on, due.settled_on, loan.until_on, type_=Date()).label("closes_on"),
            loan.again_on,
        )
        .join_from(firsts, instalment_state, due.loan_no == loan.loan_no)
        .outerjoin(earlier, and_(before.loan_no == due.loan_no, before.number == due.number - 1))
        .where(or_(is_first, before.settled_on.is_not(None)))
    )


def _paid_off(firsts: FromClause) -> Select[Any]:
    """The days since a first loan was paid off. Grain: one row per such loan. Columns: as `_ahead`."""
    loan = firsts.c
    return select(
        loan.loan_no,
        literal(0).label("number"),
        loan.paid_off_on.label("known_on"),
        loan.paid_off_on.label("opens_on"),
        loan.until_on.label("closes_on"),
        loan.again_on,
    ).where(loan.paid_off_on.is_not(None))


def _got(firsts: FromClause, purpose: str, as_of: date) -> Select[Any]:
    """Grain: one row per borrower who got a message. Columns: loan_no, of the first loan; on_day, of the first."""
    loan, made_on = firsts.c, business_date(_contact.contacted_at)
    return (
        select(loan.loan_no, func.min(made_on, type_=Date()).label("on_day"))
        .join_from(_contacts, firsts, loan.member_id == _contact.member_id)
        .where(_contact.purpose == purpose, closed_day.possible(_contact.contacted_at), made_on <= as_of)
        .group_by(loan.loan_no)
    )


def _treated(opened: FromClause, got: FromClause) -> Select[Any]:
    """Columns: loan_no, number, days (from the message to known_on), on_day, again_on."""
    row, made = opened.c, got.c
    days = cast(days_between(made.on_day, row.known_on), Integer).label("days")
    return (
        select(row.loan_no, row.number, days, made.on_day, row.again_on)
        .join_from(opened, got, made.loan_no == row.loan_no)
        .where(made.on_day >= row.opens_on, made.on_day <= row.closes_on)
    )


def _placed(treated: FromClause) -> Select[Any]:
    """Those who got the message, numbered from 0. Columns: place, and those of `_treated`."""
    return select((func.row_number().over(order_by=treated.c.loan_no) - 1).label("place"), treated)


def _waited(opened: FromClause, got: FromClause, placed: FromClause) -> Select[Any]:
    """Those who got none by the end of the day that is drawn for them. Columns: arm, and those of `_treated`."""
    row, one, made = opened.c, placed.c, got.c
    most = select(func.count()).select_from(placed).scalar_subquery()
    drawn = (row.loan_no * _SCATTER % _SCATTERED) % func.nullif(most, 0)
    on_day = type_coerce(row.known_on - one.days, Date)
    return (
        select(literal(HELD_OUT).label("arm"), row.loan_no, row.number, one.days, on_day.label("on_day"), row.again_on)
        .join_from(opened, placed, and_(one.place == drawn, one.number == row.number))
        .outerjoin(got, made.loan_no == row.loan_no)
        .where(on_day >= row.opens_on, on_day <= row.closes_on, or_(made.on_day.is_(None), made.on_day > on_day))
    )


def _cells(trial: FromClause, purpose: str, as_of: date) -> Select[Any]:
    row, fact = trial.c, loan_fact.c
    moment = func.concat(cast(row.number, String), " ", cast(row.days, String))
    keys = [row.arm, *like(row.on_day), moment]
    return (
        select(
            literal(purpose), literal(Design.MATCHED.value), *keys, func.count(),
            *_again(row.on_day, row.again_on, as_of), *moments(),
        )
        .join_from(trial, loan_fact, fact.loan_no == row.loan_no)
        .group_by(*keys)
        .order_by(*keys)
    )  # fmt: skip


def _again(on_day: ColumnElement[Any], again_on: ColumnElement[Any], as_of: date) -> list[ColumnElement[int]]:
    """How many are observed for long enough, and how many of those borrowed again within so many days."""
    observed = add_days(on_day, AGAIN_DAYS) <= as_of
    return [
        func.count().filter(observed),
        func.count().filter(
            observed, case((again_on.is_(None), False), else_=again_on <= add_days(on_day, AGAIN_DAYS))
        ),
    ]
