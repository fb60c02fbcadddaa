"""Writes each loan's month ends, as aged from instalments or taken from a tape, with its dimensions."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    FromClause,
    MetaData,
    Select,
    SmallInteger,
    Table,
    TableClause,
    case,
    cast,
    column,
    false,
    func,
    insert,
    literal,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from loanbook import copied, days
from loanbook.ageing import NO_STATE, PAST_DUE_DAYS, Months
from loanbook.constructs import at_latest, end_of_month, month_number
from loanbook.settlement import Ints
from loanbook.snapshot_schema import BUCKETS, STATES, loan_month
from loanbook.working import drop, run, work_table
from rules import dimensions
from rules.calendar import newest_month_end

STATE = ENUM(*STATES, name="loan_month_state")

_CODES = tuple(dimension.code for dimension in dimensions.ALL)
_month_state = copied.TABLES["month_state"]


def create(snapshot: duckdb.DuckDBPyConnection, coded: TableClause) -> None:
    """Create the table, its dimensions in the types of the loans' own."""
    run(snapshot, CreateEnumType(STATE))
    types: dict[str, Any] = {code: coded.c[code].type for code in _CODES}
    types |= {"previous_bucket": STATE, "bucket": STATE}
    columns = [Column(column.name, types.get(column.name, column.type)) for column in loan_month.columns]
    run(snapshot, CreateTable(Table(loan_month.name, MetaData(), *columns)))


def write(snapshot: duckdb.DuckDBPyConnection, months: Months, loan_no: Ints, coded: TableClause) -> None:
    """Add month ends aged from instalments, ordered by month; `loan_no` is that of each loan's place."""
    order = np.argsort(months.month_no.astype(np.int16), kind="stable")
    loan, previous = months.loan[order], months.previous_state[order]
    is_first = previous == NO_STATE
    written = {
        "loan_no": pa.array(loan_no[loan].astype(np.int32)),
        "month_end": days.dates(days.month_ends(months.month_no[order])),
        "months_on_book": pa.array(months.on_book[order].astype(np.int16)),
        "previous_bucket": pa.array(previous.astype(np.uint8)),
        "bucket": pa.array(months.state[order].astype(np.uint8)),
        "previous_outstanding_fen": pa.array(months.previous_outstanding_fen[order], mask=is_first),
        "outstanding_fen": pa.array(months.outstanding_fen[order]),
        "rescheduled": pa.array(months.rescheduled[order]),
        "interest_fen": pa.array(months.interest_fen[order]),
        "fee_fen": pa.array(months.fee_fen[order]),
        "lost_fen": pa.array(months.lost_fen[order]),
    }
    rows = table("month_now", *(column(name, loan_month.c[name].type) for name in written))
    aged = table("aged", column("loan_no", loan_month.c.loan_no.type))
    snapshot.register(aged.name, pa.table({"loan_no": loan_no}))
    described = work_table(snapshot, "coded_now", select(*coded.c).where(coded.c.loan_no.in_(select(aged.c.loan_no))))
    snapshot.unregister(aged.name)
    snapshot.register(rows.name, pa.table(written))
    values = (_state(each) if each.name.endswith("bucket") else each for each in rows.c)
    add = select(*values, *(described.c[code] for code in _CODES)).join_from(
        rows, described, described.c.loan_no == rows.c.loan_no
    )
    run(snapshot, insert(loan_month).from_select([each.name for each in loan_month.columns], add))
    snapshot.unregister(rows.name)
    drop(snapshot, described)


def add_tape(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, coded: TableClause, as_of: date) -> None:
    """Add the month ends of the loans that have a tape instead of instalments, ordered by month."""
    taped = work_table(snapshot, "taped_month", from_tape(loans, as_of))
    names = [column.name for column in loan_month.columns]
    run(snapshot, insert(loan_month).from_select(names, _followed(taped, loans, coded, as_of)))
    drop(snapshot, taped)


def from_tape(loans: FromClause, as_of: date) -> Select[Any]:
    """State of each loan at the month ends on its tape; the last entry of a month counts.

    Grain: one row per loan without instalments and month that the tape has, from the month of disbursement to the one
    before its exit, by the last month end.
    Columns: loan_no, month_no, days_past_due, outstanding_fen.
    """
    each, instalment, newest = _month_state.c, copied.TABLES["instalment"].c, newest_month_end(as_of)
    month_no = month_number(each.month_end)
    return (
        select(
            loans.c.loan_no,
            month_no.label("month_no"),
            at_latest(each.days_past_due, each.month_end).label("days_past_due"),
            at_latest(each.outstanding_fen, each.month_end).label("outstanding_fen"),
        )
        .join_from(_month_state, loans, loans.c.id == each.loan_id)
        .where(each.month_end <= newest, each.days_past_due.is_not(None))
        .where(month_no >= month_number(loans.c.disbursed_on))
        .where(func.coalesce(month_no < month_number(_left_on(loans, newest)), literal(True)))
        .where(each.loan_id.not_in(select(instalment.loan_id).where(instalment.loan_id.is_not(None))))
        .group_by(loans.c.loan_no, month_no)
    )


def _state(code: ColumnElement[Any]) -> ColumnElement[Any]:
    """The state of a code; null for NO_STATE. (Five times as fast as texts that are cast.)"""
    return case(*((code == place, cast(state, STATE)) for place, state in enumerate(STATES)))


def _followed(taped: FromClause, loans: FromClause, coded: TableClause, as_of: date) -> Select[Any]:
    """The states of a tape and the exits after them, each with what it was a month before."""
    newest = newest_month_end(as_of)
    left_on = _left_on(loans, newest)
    left_as = case((loans.c.charged_off_on.is_not(None), "written_off"), else_="paid_off")
    ageing_ = select(
        taped.c.loan_no, taped.c.month_no, _bucket(taped.c.days_past_due).label("bucket"), taped.c.outstanding_fen
    )
    exits = select(loans.c.loan_no, month_number(left_on), cast(left_as, STATE), literal(0, BigInteger)).where(
        left_on.is_not(None), loans.c.loan_no.in_(select(taped.c.loan_no))
    )
    month = union_all(ageing_, exits).subquery("month").c
    place: dict[str, Any] = {"partition_by": month.loan_no, "order_by": month.month_no}
    follows = func.lag(month.month_no).over(**place) == month.month_no - 1
    rows = select(
        month.loan_no,
        month.month_no,
        case((follows, func.lag(month.bucket, type_=STATE).over(**place))).label("previous_bucket"),
        month.bucket,
        case((follows, func.lag(month.outstanding_fen, type_=BigInteger()).over(**place))).label("previous_fen"),
        month.outstanding_fen,
    ).subquery("row")
    row = rows.c
    return (
        select(
            row.loan_no,
            end_of_month(row.month_no),
            cast(row.month_no - month_number(coded.c.disbursed_on), SmallInteger),
            row.previous_bucket,
            row.bucket,
            row.previous_fen,
            row.outstanding_fen,
            false(),
            *(cast(null(), BigInteger) for _received_or_lost in range(3)),  # a tape does not tell
            *(coded.c[code] for code in _CODES),
        )
        .join_from(rows, coded, coded.c.loan_no == row.loan_no)
        .order_by(row.month_no, row.loan_no)
    )


def _left_on(loans: FromClause, newest: date) -> ColumnElement[Any]:
    """When a loan left, if it had by the last month end."""
    left_on = func.least(loans.c.charged_off_on, loans.c.paid_off_on, type_=Date())
    return case((left_on <= newest, left_on))


def _bucket(days_past_due: ColumnElement[Any]) -> ColumnElement[Any]:
    late = [
        (days_past_due > days, cast(bucket, STATE)) for bucket, days in zip(BUCKETS[1:], PAST_DUE_DAYS, strict=True)
    ]
    return case(*reversed(late), else_=cast(BUCKETS[0], STATE))
