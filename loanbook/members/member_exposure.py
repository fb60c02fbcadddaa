"""What each member owes at month ends, against income and credit line; and each member's line from day to day."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
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
    cast,
    column,
    func,
    insert,
    literal,
    select,
    table,
    union_all,
)

from loanbook import copied
from loanbook.constructs import add_days, at_latest, business_date, days_between
from loanbook.members.in_force import NOTHING, gathered, in_force_of, summed
from loanbook.members.membership_spell import Tiers
from loanbook.members.movement_schema import line_spell, member_exposure
from loanbook.referrals.preorder import Ints
from loanbook.settlement import NEVER
from loanbook.snapshot_schema import loan_month, loan_state, member_journey
from loanbook.working import columns, drop, run, work_table

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
    people = _members(snapshot)
    in_force = {
        "standing": in_force_of(snapshot, people, standing, standing.c.standing),
        "declared_fen": in_force_of(snapshot, people, *_daily_fen(_declared(numbers, "existing_debt_fen"))),
        "income_fen": in_force_of(snapshot, people, *_daily_fen(_incomes(numbers))),
        "line_fen": in_force_of(snapshot, people, lines, lines.c.fen),
    }
    owed = work_table(snapshot, "owing_loan", _owing(numbers, loans, _raises(lines)))
    drop(snapshot, lines)
    loan = _of_loans(snapshot, owed)
    drop(snapshot, owed)
    month_ends = run(snapshot, select(loan_month.c.month_end).distinct().order_by(loan_month.c.month_end.desc()))
    for (month_end,) in reversed(month_ends[:MONTHS]):  # one at a time, so that memory does not grow with their number
        found = _owing_at(columns(snapshot, _outstanding(month_end)), loan, people)
        values = {name: each.on(month_end.toordinal())[found["member_no"]] for name, each in in_force.items()}
        _write(snapshot, {**found, **values}, month_end, known)


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


def _members(snapshot: duckdb.DuckDBPyConnection) -> int:
    [(members,)] = run(snapshot, select(func.count()).select_from(member_journey))
    return int(members)


def _daily_fen(daily: Select[Any]) -> tuple[FromClause, ColumnElement[Any]]:
    """Amounts as `in_force_of` takes them."""
    row = daily.subquery("daily_fen").c
    rows = select(row.member_no, row.day.label("from_on"), row.fen).subquery("fen_of_day")
    return rows, rows.c.fen


def _of_loans(snapshot: duckdb.DuckDBPyConnection, owed: TableClause) -> dict[str, Ints]:
    """What `_owing` tells, by loan_no: 0 for the member of a loan whose member is not known, NEVER for no raise."""
    found = columns(
        snapshot,
        select(owed.c.loan_no, owed.c.member_no, func.coalesce(owed.c.raised_days, NEVER).label("raised_days")),
    )
    last = int(found["loan_no"].max(initial=0))
    member_no, raised_days = np.zeros(last + 1, np.int64), np.full(last + 1, NEVER)
    member_no[found["loan_no"]], raised_days[found["loan_no"]] = found["member_no"], found["raised_days"]
    return {"member_no": member_no, "raised_days": raised_days}


def _outstanding(month_end: date) -> Select[Any]:
    """The loans with principal outstanding at one month end, and whether they are late."""
    month = loan_month.c
    late = cast(month.bucket.in_(_LATE), Integer).label("late")
    return select(month.loan_no, month.outstanding_fen, late).where(
        month.month_end == literal(month_end, Date), month.outstanding_fen > 0
    )


def _owing_at(month: dict[str, Ints], loan: dict[str, Ints], members: int) -> dict[str, Ints]:
    """Members with principal outstanding at one month end, what they owe, and their fewest days since a raise."""
    known = month["loan_no"] < len(loan["member_no"])
    known[known] = loan["member_no"][month["loan_no"][known]] > 0
    loan_no = month["loan_no"][known]
    found, place = gathered(loan["member_no"][loan_no], members)
    late = month["late"][known] > 0
    raised_days = np.full(len(found), NEVER)
    np.minimum.at(raised_days, place[late], loan["raised_days"][loan_no[late]])
    owed_fen = summed(month["outstanding_fen"][known], place, len(found))
    return {"member_no": found, "outstanding_fen": owed_fen, "raised_days": raised_days}


def _write(snapshot: duckdb.DuckDBPyConnection, found: dict[str, Ints], month_end: date, known: Tiers) -> None:
    fen = ("declared_fen", "income_fen", "line_fen")
    arrays = {
        "member_no": pa.array(found["member_no"].astype(np.int32)),
        "standing": pa.array(found["standing"], mask=found["standing"] == NOTHING),
        "outstanding_fen": pa.array(found["outstanding_fen"]),
        **{name: pa.array(found[name], mask=found[name] == NOTHING) for name in fen},
        "raised_days": pa.array(found["raised_days"], mask=found["raised_days"] == NEVER),
    }
    snapshot.register("owing_now", pa.table(arrays))
    row = table("owing_now", *(column(name, BigInteger) for name in arrays)).c
    values = {
        **{name: row[name] for name in arrays},
        "month_end": literal(month_end, Date),
        "standing": known.of_place(row.standing),
    }
    names = [column.name for column in member_exposure.columns]
    run(snapshot, insert(member_exposure).from_select(names, select(*(values[name].label(name) for name in names))))
    snapshot.unregister("owing_now")
