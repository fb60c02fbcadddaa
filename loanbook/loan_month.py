"""Each loan at each month end: how late it is, what it owes, and what it was a month before."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    Table,
    TableClause,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.constructs import at_latest, days_between, each_number, end_of_month, month_number
from loanbook.settlement import Settled
from loanbook.snapshot_schema import BUCKETS, STATES, loan_month
from loanbook.working import drop, run, work_table
from rules import calendar, dimensions

STATE = ENUM(*STATES, name="loan_month_state")

_PAST_DUE_DAYS = (0, 30, 60, 90)  # more than so many days: out of M0, M1, M2, M3
_CODES = tuple(dimension.code for dimension in dimensions.ALL)
_month_state = copied.TABLES["month_state"]


def last_month_end(as_of: date) -> date:
    """The newest month end that as_of has reached."""
    this = calendar.last_of_month(as_of)
    return this if this == as_of else calendar.add_days(calendar.first_of_month(as_of), -1)


def create(snapshot: duckdb.DuckDBPyConnection, coded: TableClause) -> None:
    """Create the table, its dimensions in the types of the loans' own."""
    run(snapshot, CreateEnumType(STATE))
    types: dict[str, Any] = {code: coded.c[code].type for code in _CODES}
    types |= {"previous_bucket": STATE, "bucket": STATE}
    columns = [Column(column.name, types.get(column.name, column.type)) for column in loan_month.columns]
    run(snapshot, CreateTable(Table(loan_month.name, MetaData(), *columns)))


def spans(loans: FromClause, as_of: date) -> Select[Any]:
    """The months in which each loan has a state, and how it left.

    Grain: one row per loan that was disbursed by the last month end.
    Columns: loan_no, principal_fen; first_no, last_no, the months (`month_number`) with a bucket, none where the first
    is after the last; exit_no, exit_state, the month and the way in which it left, null while it is open.
    """
    newest = last_month_end(as_of)
    loan = loans.c
    left_on = func.least(loan.charged_off_on, loan.paid_off_on, type_=Date())
    exit_no = case((left_on <= newest, month_number(left_on)))
    exit_state = case((loan.charged_off_on.is_not(None), "written_off"), else_="paid_off")
    return select(
        loan.loan_no,
        loan.principal_fen,
        month_number(loan.disbursed_on).label("first_no"),
        func.coalesce(exit_no - 1, month_number(literal(newest, Date)), type_=Integer()).label("last_no"),
        exit_no.label("exit_no"),
        case((left_on <= newest, cast(exit_state, STATE))).label("exit_state"),
    ).where(loan.disbursed_on <= newest)


def add_settled(
    snapshot: duckdb.DuckDBPyConnection, span: TableClause, settled: Settled, spells: TableClause, coded: TableClause
) -> None:
    """Add the month ends of loans that have just been settled; `spells` are those of `moved_dues`."""
    moved = work_table(snapshot, "moved_month", _moved_months(spells))
    _add(snapshot, from_instalments(span, settled, moved), settled.instalments, span, coded)
    drop(snapshot, moved)


def add_tape(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, span: TableClause, coded: TableClause) -> None:
    """Add the month ends of loans that have a month-end tape instead of instalments."""
    taped = work_table(snapshot, "taped_month", from_tape(loans, span))
    _add(snapshot, select(taped), taped, span, coded)
    drop(snapshot, taped)


def from_instalments(span: FromClause, settled: Settled, moved: FromClause) -> Select[Any]:
    """State of each loan at each month end, from its instalments.

    Grain: one row per loan and month end of its span.
    Columns: loan_no, month_no, days_past_due, outstanding_fen, rescheduled.
    Formula: an instalment is the oldest open one from the day on which those before it were settled until its own
    settlement; days past due = month end - its due date, or the older date that it or another was moved away from;
    outstanding = principal less that of the instalments before it, less what has been paid of its own.
    Source: metrics.md, "days past due"; data-model.md, "loan_month".
    """
    month = _oldest_open(span, settled.instalments).subquery("month")
    part = _part_months(settled.part_payments, span).subquery("part")
    of = month.c
    month_end = end_of_month(of.month_no)
    is_open = or_(of.settled_on.is_(None), of.settled_on > month_end)
    late_since = func.least(case((is_open, of.due_on)), moved.c.due_on, type_=Date())
    paid = of.principal_before_fen + case(
        (is_open, func.coalesce(part.c.principal_paid_fen, 0)), else_=of.principal_due_fen
    )
    return (
        select(
            of.loan_no,
            of.month_no,
            func.coalesce(days_between(late_since, month_end), 0).label("days_past_due"),
            func.greatest(of.principal_fen - paid, 0, type_=BigInteger()).label("outstanding_fen"),
            func.coalesce(moved.c.rescheduled, false()).label("rescheduled"),
        )
        .select_from(month)
        .outerjoin(part, and_(part.c.loan_no == of.loan_no, part.c.number == of.number, part.c.month_no == of.month_no))
        .outerjoin(moved, and_(moved.c.loan_no == of.loan_no, moved.c.month_no == of.month_no))
    )


def from_tape(loans: FromClause, span: FromClause) -> Select[Any]:
    """State of each loan at the month ends on its tape; the last entry of a month counts.

    Grain: one row per loan without instalments and month of its span that the tape has.
    Columns: as `from_instalments`; nothing says whether a due date was moved.
    """
    each, instalment = _month_state.c, copied.TABLES["instalment"].c
    month_no = month_number(each.month_end)
    return (
        select(
            loans.c.loan_no,
            month_no.label("month_no"),
            at_latest(each.days_past_due, each.month_end).label("days_past_due"),
            at_latest(each.outstanding_fen, each.month_end).label("outstanding_fen"),
            false().label("rescheduled"),
        )
        .join_from(_month_state, loans, loans.c.id == each.loan_id)
        .join(span, span.c.loan_no == loans.c.loan_no)
        .where(month_no.between(span.c.first_no, span.c.last_no), each.days_past_due.is_not(None))
        .where(each.loan_id.not_in(select(instalment.loan_id).where(instalment.loan_id.is_not(None))))
        .group_by(loans.c.loan_no, month_no)
    )


def _oldest_open(span: FromClause, settled: FromClause) -> Select[Any]:
    """For each month of a loan's span the instalment that was the oldest open one at its end, else the last of all."""
    each = settled.c
    place: dict[str, Any] = {"partition_by": each.loan_no, "order_by": (each.due_on, each.number)}
    closes_no = month_number(func.coalesce(each.settled_on, literal(date.max, Date), type_=Date()))
    opens_no = func.max(closes_no, type_=Integer()).over(**place, rows=(None, -1))
    is_last = func.lead(each.number).over(**place).is_(None)
    before = func.sum(each.principal_due_fen).over(**place, rows=(None, -1))
    last_no = case((is_last, span.c.last_no), else_=func.least(closes_no - 1, span.c.last_no, type_=Integer()))
    turn = (
        select(
            *(each[name] for name in ("loan_no", "number", "due_on", "settled_on", "principal_due_fen")),
            span.c.principal_fen,
            cast(func.coalesce(before, 0), BigInteger).label("principal_before_fen"),
            func.greatest(opens_no, span.c.first_no, type_=Integer()).label("first_no"),
            last_no.label("last_no"),
        )
        .join_from(settled, span, span.c.loan_no == each.loan_no)
        .subquery("turn")
    )
    columns = [column for column in turn.c if column.name not in {"first_no", "last_no"}]
    return select(*columns, each_number(turn.c.first_no, turn.c.last_no).label("month_no")).where(
        turn.c.first_no <= turn.c.last_no
    )


def _part_months(part_payments: FromClause, span: FromClause) -> Select[Any]:
    """What had been paid of an instalment's principal by each month end at which it was still open."""
    each = part_payments.c
    until_no = func.coalesce(month_number(each.until_on) - 1, span.c.last_no, type_=Integer())
    months = (
        select(
            each.loan_no,
            each.number,
            each.principal_paid_fen,
            each_number(month_number(each.paid_on), func.least(until_no, span.c.last_no)).label("month_no"),
        )
        .join_from(part_payments, span, span.c.loan_no == each.loan_no)
        .subquery("part_month")
    )
    of = months.c
    paid = func.max(of.principal_paid_fen, type_=BigInteger()).label("principal_paid_fen")
    return select(of.loan_no, of.number, of.month_no, paid).group_by(of.loan_no, of.number, of.month_no)


def _moved_months(spells: FromClause) -> Select[Any]:
    """By month: the oldest date that an instalment still counted from before its move, and whether one was moved."""
    spell = spells.c
    counted = select(
        spell.loan_no,
        spell.due_on,
        false().label("rescheduled"),
        each_number(month_number(spell.due_on), month_number(spell.until_on) - 1).label("month_no"),
    )
    changed = select(spell.loan_no, cast(null(), Date), literal(True, Boolean), month_number(spell.changed_on))
    each = union_all(counted, changed).subquery("each")
    return select(
        each.c.loan_no,
        each.c.month_no,
        func.min(each.c.due_on, type_=Date()).label("due_on"),
        func.bool_or(each.c.rescheduled, type_=Boolean()).label("rescheduled"),
    ).group_by(each.c.loan_no, each.c.month_no)


def _add(
    snapshot: duckdb.DuckDBPyConnection, states: Select[Any], of: FromClause, span: FromClause, coded: TableClause
) -> None:
    """Add states, the exits of the loans that `of` names, and what each was a month before; by month, then loan."""
    state = states.subquery("state")
    ageing = select(
        state.c.loan_no,
        state.c.month_no,
        _bucket(state.c.days_past_due).label("bucket"),
        state.c.outstanding_fen,
        state.c.rescheduled,
    )
    left = span.c
    exits = select(left.loan_no, left.exit_no, left.exit_state, literal(0, BigInteger), false()).where(
        left.exit_no.is_not(None), left.exit_no >= left.first_no, left.loan_no.in_(select(of.c.loan_no))
    )
    month = union_all(ageing, exits).subquery("month").c
    place: dict[str, Any] = {"partition_by": month.loan_no, "order_by": month.month_no}
    follows = func.lag(month.month_no).over(**place) == month.month_no - 1
    rows = select(
        month.loan_no,
        month.month_no,
        case((follows, func.lag(month.bucket, type_=STATE).over(**place))).label("previous_bucket"),
        month.bucket,
        case((follows, func.lag(month.outstanding_fen, type_=BigInteger()).over(**place))).label("previous_fen"),
        month.outstanding_fen,
        month.rescheduled,
    ).subquery("row")
    row = rows.c
    described = (
        select(
            row.loan_no,
            end_of_month(row.month_no),
            cast(row.month_no - month_number(coded.c.disbursed_on), SmallInteger),
            row.previous_bucket,
            row.bucket,
            row.previous_fen,
            row.outstanding_fen,
            row.rescheduled,
            *(coded.c[code] for code in _CODES),
        )
        .join_from(rows, coded, coded.c.loan_no == row.loan_no)
        .order_by(row.month_no, row.loan_no)
    )
    run(snapshot, insert(loan_month).from_select([column.name for column in loan_month.columns], described))


def _bucket(days_past_due: ColumnElement[Any]) -> ColumnElement[Any]:
    late = [
        (days_past_due > days, cast(bucket, STATE)) for bucket, days in zip(BUCKETS[1:], _PAST_DUE_DAYS, strict=True)
    ]
    return case(*reversed(late), else_=cast(BUCKETS[0], STATE))
