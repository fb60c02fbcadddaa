"""What each member owes at month ends, against income and credit line; and each member's line from day to day."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    SmallInteger,
    TableClause,
    and_,
    cast,
    func,
    insert,
    literal,
    select,
    union_all,
)

from loanbook import copied
from loanbook.constructs import add_days, at_latest, business_date, days_between
from loanbook.members.membership_spell import Tiers
from loanbook.members.movement_schema import line_spell, member_exposure
from loanbook.snapshot_schema import loan_month, loan_state
from loanbook.working import drop, run, work_table

MONTHS = 36  # newest month ends that are kept
_LATE = ("M2", "M3", "M3+")  # over 30 days past due

_application, _member, _credit_line = (copied.TABLES[name] for name in ("application", "member", "credit_line"))


def fill(
    snapshot: duckdb.DuckDBPyConnection,
    known: Tiers,
    numbers: TableClause,
    loans: TableClause,
    standing: TableClause,
    as_of: date,
) -> None:
    """Fill `line_spell` and `member_exposure`.

    numbers: id and member_no of every member; loans: those of `standing.loans`; standing: of `membership_spell.fill`.
    Excludes: loans of members whom the book does not hold; members without principal outstanding at a month end.
    """
    lines = work_table(snapshot, "line_now", _spells(_lines(numbers), as_of))
    names = [column.name for column in line_spell.columns]
    run(snapshot, insert(line_spell).from_select(names, _lines_on_tiers(lines, standing, known)))
    facts = {
        "line_fen": lines,
        "declared_fen": work_table(snapshot, "debt_now", _spells(_declared(numbers, "existing_debt_fen"), as_of)),
        "income_fen": work_table(snapshot, "income_now", _spells(_incomes(numbers), as_of)),
        "standing": standing,
    }
    owed = work_table(snapshot, "owing_loan", _owing(numbers, loans, _raises(lines)))
    month_ends = run(snapshot, select(loan_month.c.month_end).distinct().order_by(loan_month.c.month_end.desc()))
    names = [column.name for column in member_exposure.columns]
    for (month_end,) in reversed(month_ends[:MONTHS]):  # one at a time, so that memory does not grow with their number
        run(snapshot, insert(member_exposure).from_select(names, _owing_at(month_end, owed, facts, known)))
    drop(snapshot, owed, *(table for table in facts.values() if table is not standing))


def _lines(numbers: TableClause) -> Select[Any]:
    """The line of each day on which it was changed; the last change of a day counts."""
    row = _credit_line.c
    return _daily(numbers, _credit_line, row.member_id, row.changed_at, row.amount_fen)


def _declared(numbers: TableClause, column: str) -> Select[Any]:
    """What the applications that say so declare."""
    row = _application.c
    return _daily(numbers, _application, row.member_id, row.applied_at, row[column])


def _incomes(numbers: TableClause) -> Select[Any]:
    """Income as applications declare it; before the first of them, and without any, that of the member."""
    ever = literal(date.min, Date)
    own = select(numbers.c.member_no, ever.label("day"), _member.c.monthly_income_fen.label("fen"))
    own = own.join_from(_member, numbers, numbers.c.id == _member.c.id).where(_member.c.monthly_income_fen.is_not(None))
    return select(union_all(_declared(numbers, "monthly_income_fen"), own).subquery("income"))


def _daily(
    numbers: TableClause, table: FromClause, member_id: ColumnElement[Any], at: ColumnElement[Any],
    fen: ColumnElement[Any],
) -> Select[Any]:  # fmt: skip
    day = business_date(at)
    return (
        select(numbers.c.member_no, day.label("day"), at_latest(fen, at).label("fen"))
        .join_from(table, numbers, numbers.c.id == member_id)
        .where(fen.is_not(None))
        .group_by(numbers.c.member_no, day)
    )


def _spells(daily: Select[Any], as_of: date) -> Select[Any]:
    """Each amount from its day to the day before the next, by as_of; fen_before: the one before."""
    row, today = daily.subquery("daily").c, literal(as_of, Date)
    order: dict[str, Any] = {"partition_by": row.member_no, "order_by": row.day}
    next_on = func.lead(row.day, type_=Date()).over(**order)
    return select(
        row.member_no,
        row.fen,
        func.lag(row.fen, type_=BigInteger()).over(**order).label("fen_before"),
        row.day.label("from_on"),
        func.coalesce(add_days(next_on, -1), today).label("last_on"),
    ).where(row.day <= today)


def _lines_on_tiers(lines: TableClause, standing: TableClause, known: Tiers) -> Select[Any]:
    line, stood = lines.c, standing.c
    from_on = func.greatest(line.from_on, stood.from_on, type_=Date())
    last_on = func.least(line.last_on, stood.last_on, type_=Date())
    overlap = and_(stood.member_no == line.member_no, stood.from_on <= line.last_on, stood.last_on >= line.from_on)
    return (
        select(line.member_no, known.of_place(stood.standing), line.fen, from_on, last_on)
        .join_from(lines, standing, overlap)
        .order_by(line.member_no, from_on)
    )


def _raises(lines: TableClause) -> FromClause:
    row = lines.c
    return select(row.member_no, row.from_on).where(row.fen > row.fen_before).subquery("raise")


def _owing(numbers: TableClause, loans: TableClause, raises: FromClause) -> Select[Any]:
    """Each loan's member, and how many days before it went over 30 days past due the line was last raised."""
    late_on, raise_ = loan_state.c.past_due_30_on, raises.c
    before = and_(raise_.member_no == numbers.c.member_no, raise_.from_on <= late_on)
    return (
        select(
            loans.c.loan_no,
            numbers.c.member_no,
            cast(days_between(func.max(raise_.from_on), late_on), SmallInteger).label("raised_days"),
        )
        .join_from(loans, numbers, numbers.c.id == loans.c.member_id)
        .join(loan_state, loan_state.c.loan_no == loans.c.loan_no)
        .outerjoin(raises, before)
        .group_by(loans.c.loan_no, numbers.c.member_no, late_on)
    )


def _owing_at(month_end: date, owed: TableClause, facts: dict[str, TableClause], known: Tiers) -> Select[Any]:
    """Members with principal outstanding at one month end."""
    month, day = loan_month.c, literal(month_end, Date)
    fewest = func.min(owed.c.raised_days).filter(month.bucket.in_(_LATE))
    at_end = (
        select(
            owed.c.member_no,
            cast(func.sum(month.outstanding_fen), BigInteger).label("outstanding_fen"),
            fewest.label("raised_days"),
        )
        .join_from(loan_month, owed, owed.c.loan_no == month.loan_no)
        .where(month.month_end == day, month.outstanding_fen > 0)
        .group_by(owed.c.member_no)
        .subquery("at_end")
    )
    at = {name: table.alias(f"{name}_then") for name, table in facts.items()}
    rows = select(
        at_end.c.member_no,
        day,
        known.of_place(at["standing"].c.standing),
        at_end.c.outstanding_fen,
        *(at[name].c.fen for name in ("declared_fen", "income_fen", "line_fen")),
        at_end.c.raised_days,
    ).select_from(at_end)
    for each in at.values():
        in_force = and_(each.c.member_no == at_end.c.member_no, each.c.from_on <= day, each.c.last_on >= day)
        rows = rows.outerjoin(each, in_force)
    return rows.order_by(at_end.c.member_no)
