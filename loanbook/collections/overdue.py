"""How loans that came into a bucket of lateness left it: cured, moved, written off, or not yet."""

from datetime import date
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
    false,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)

from loanbook.collections.collections_schema import overdue_month
from loanbook.constructs import add_days, days_between, first_of_month
from loanbook.snapshot_schema import instalment_state
from loanbook.working import drop, run, work_table_in_ranges
from rules.collections import CURED, LATE_BUCKETS, MOVED, WRITTEN_OFF
from rules.incidence import OPEN
from rules.policy import Collections

_DAYS = (0, 30, 60, 90)  # past due for more than so many days: in the buckets in their order
_NEVER = date(9999, 12, 31)

Value = ColumnElement[Any]


def build(
    snapshot: duckdb.DuckDBPyConnection, loans: TableClause, spells: TableClause, counted: int, rule: Collections
) -> None:
    """Fill `overdue_month`.

    loans: those of `standing.loans`, so many of them; spells: those of `moved_dues`.
    Formula: a loan is late from the day after a due date until everything due is settled; within that time it comes
    into a bucket on the first day on which an instalment is unsettled for so long. It leaves all its buckets when
    everything due is settled (cured), when a due date of it is moved, or when it is written off.
    Excludes: loans without instalments, of which no single days are known.
    Source: metrics.md, "days past due", "ageing bucket", "cure", trap 8.
    """
    late = work_table_in_ranges(snapshot, "late_spell", _spells(loans, spells), "loan_no", counted)
    names = [column.name for column in overdue_month.columns]
    run(snapshot, insert(overdue_month).from_select(names, _by_month(late, rule.followed_days)))
    drop(snapshot, late)


def _spells(loans: FromClause, moved: FromClause) -> Select[Any]:
    """Grain: one row per loan and time of being late. Columns: loan, entry into each bucket, how and when it ended."""
    row = _numbered(_times(loans, moved)).subquery("numbered").c
    spell = (
        select(
            row.loan_no,
            *(
                func.min(add_days(row.from_on, days), type_=Date())
                .filter(add_days(row.from_on, days) < func.coalesce(row.until_on, _NEVER))
                .label(f"from_{days}")
                for days in _DAYS
            ),
            func.min(row.until_on, type_=Date()).filter(row.was_moved).label("moved_on"),
            case((func.count(row.until_on) == func.count(), func.max(row.until_on))).label("cured_on"),
        )
        .group_by(row.loan_no, row.spell)
        .subquery("spell")
    )
    loan, of = loans.c, spell.c
    return select(
        loan.loan_no,
        loan.member_id,
        loan.principal_fen,
        *(of[f"from_{days}"] for days in _DAYS),
        loan.ends_on,
        func.coalesce(of.moved_on, of.cured_on, loan.ends_on, type_=Date()).label("left_on"),
        case(
            (of.moved_on.is_not(None), literal(MOVED)),
            (of.cured_on.is_not(None), literal(CURED)),
            (loan.charged_off_on.is_not(None), literal(WRITTEN_OFF)),
            else_=literal(OPEN),
        ).label("exit"),
    ).join_from(loans, spell, of.loan_no == loan.loan_no)


def _times(loans: FromClause, moved: FromClause) -> Select[Any]:
    """When each instalment was late, from its due date on and from each one that it was moved away from."""
    loan, due, spell = loans.c, instalment_state.c, moved.c
    settled_on = case((due.settled_on <= loan.ends_on, due.settled_on))
    from_dues = (
        select(
            due.loan_no,
            due.number,
            add_days(due.due_on, 1).label("from_on"),
            settled_on.label("until_on"),
            false().label("was_moved"),
        )
        .join_from(instalment_state, loans, loan.loan_no == due.loan_no)
        .where(due.due_on < loan.ends_on, or_(settled_on.is_(None), settled_on > add_days(due.due_on, 1)))
    )
    from_moves = (
        select(
            spell.loan_no,
            spell.number,
            add_days(spell.due_on, 1),
            spell.until_on,
            (spell.until_on == spell.changed_on),
        )
        .join_from(moved, loans, loan.loan_no == spell.loan_no)
        .where(spell.until_on > add_days(spell.due_on, 1), spell.until_on <= loan.ends_on)
    )
    return select(*union_all(from_dues, from_moves).subquery("late").c)


def _numbered(times: Select[Any]) -> Select[Any]:
    """Times that overlap or touch are one: another begins where the loan was settled up before."""
    late = times.subquery("late_time")
    order = (late.c.from_on, late.c.was_moved, late.c.number, late.c.until_on)
    place: dict[str, Any] = {"partition_by": late.c.loan_no, "order_by": order}
    before = func.max(func.coalesce(late.c.until_on, _NEVER), type_=Date()).over(**place, rows=(None, -1))
    seen = select(late, before.label("before_on")).subquery("seen")
    order = (seen.c.from_on, seen.c.was_moved, seen.c.number, seen.c.until_on)
    begins = case((or_(seen.c.before_on.is_(None), seen.c.from_on > seen.c.before_on), 1), else_=0)
    return select(seen, func.sum(begins).over(partition_by=seen.c.loan_no, order_by=order).label("spell"))


def _by_month(late: FromClause, most_days: int) -> Select[Any]:
    row = late.c
    entries = union_all(
        *(
            select(
                row.loan_no,
                row.member_id,
                row.principal_fen,
                literal(bucket).label("bucket"),
                row[f"from_{days}"].label("from_on"),
                days_between(row[f"from_{days}"], row.left_on).label("days"),
                row.exit,
            ).where(and_(row[f"from_{days}"] <= row.ends_on, _is_inside(row[f"from_{days}"], row)))
            for bucket, days in zip(LATE_BUCKETS, _DAYS, strict=True)
        )
    ).subquery("entry")
    entry = entries.c
    month = first_of_month(entry.from_on)
    previous = func.lag(month, type_=Date()).over(
        partition_by=(entry.member_id, entry.bucket), order_by=(entry.from_on, entry.loan_no)
    )
    each = select(
        entry.bucket,
        month.label("month"),
        previous.label("previous_month"),
        cast(func.least(entry.days, most_days, type_=Integer()), SmallInteger).label("days"),
        case((entry.days > most_days, literal(OPEN)), else_=entry.exit).label("exit"),
        entry.principal_fen,
    ).subquery("each")
    keys = (each.c.bucket, each.c.month, each.c.previous_month, each.c.days, each.c.exit)
    return (
        select(*keys, func.count().label("loans"), cast(func.sum(each.c.principal_fen), BigInteger))
        .group_by(*keys)
        .order_by(*keys)
    )


def _is_inside(from_on: Value, row: Any) -> ColumnElement[bool]:
    """Whether a loan came into a bucket before what ended its lateness."""
    return or_(from_on < row.left_on, row.exit.in_((WRITTEN_OFF, OPEN)))
