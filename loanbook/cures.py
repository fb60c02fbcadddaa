"""What became of the loans that went over 90 days past due: cured, moved, paid off, written off; and fallen again."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    Date,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    String,
    TableClause,
    case,
    cast,
    func,
    literal,
    select,
)

from loanbook.constructs import month_number
from loanbook.snapshot_schema import loan_month, loan_state
from loanbook.working import drop, work_table
from rules.calendar import newest_month_end

HELD_MONTHS = 3  # so many month ends after the first one with nothing past due


def build(snapshot: duckdb.DuckDBPyConnection, as_of: date) -> TableClause:
    """The work table of outcomes.

    Grain: one row per loan that went over 90 days past due by the last month end.
    Columns: loan_no, past_due_90_on, cure_exit, cure_month, redefault_exit, redefault_month, as in `loan_fact`.
    Formula: cured at the month end that is the third after one with nothing past due, all four in M0 and no due date
    moved since the default; of several exits the first counts, and a moved date before a cure in the same month.
    Source: metrics.md, "cure", trap 8.
    """
    months = work_table(snapshot, "month_after_default", _months(as_of))
    cures = work_table(snapshot, "cure", _cures(months, as_of))
    found = work_table(snapshot, "loan_cure", _outcomes(months, cures, as_of))
    drop(snapshot, months, cures)
    return found


def _months(as_of: date) -> Select[Any]:
    """The month ends of those loans from the month of their default on."""
    state, month = loan_state.c, loan_month.c
    defaulted_no = month_number(state.past_due_90_on)
    month_no = month_number(month.month_end)
    return (
        select(
            month.loan_no,
            defaulted_no.label("defaulted_no"),
            state.past_due_90_on,
            month_no.label("month_no"),
            cast(month.bucket, String).label("bucket"),
            month.rescheduled,
        )
        .join_from(loan_month, loan_state, state.loan_no == month.loan_no)
        .where(state.past_due_90_on <= newest_month_end(as_of), month_no >= defaulted_no)
    )


def _cures(months: FromClause, as_of: date) -> Select[Any]:
    """When each loan first left its default, and how."""
    month = months.c
    place: dict[str, Any] = {"partition_by": month.loan_no, "order_by": month.month_no}
    held = func.sum(case((month.bucket == "M0", 1), else_=0)).over(**place, rows=(-HELD_MONTHS, 0)) == HELD_MONTHS + 1
    unbroken = func.lag(month.month_no, HELD_MONTHS).over(**place) == month.month_no - HELD_MONTHS
    seen = select(
        month.loan_no, month.month_no, month.bucket, month.rescheduled, (held & unbroken).label("held")
    ).subquery("seen")
    of = seen.c
    left_as = case(
        (of.bucket.in_(("paid_off", "written_off")), of.bucket),
        (of.rescheduled, literal("rescheduled")),
        (of.held, literal("cured")),
    )
    return (
        select(
            of.loan_no,
            func.min(of.month_no, type_=Integer()).label("month_no"),
            func.arg_min(left_as, of.month_no, type_=String()).label("exit"),
        )
        .where(left_as.is_not(None))
        .group_by(of.loan_no)
    )


def _outcomes(months: FromClause, cures: FromClause, as_of: date) -> Select[Any]:
    month, cure = months.c, cures.c
    newest_no = month_number(literal(newest_month_end(as_of), Date))
    loans = select(month.loan_no, month.past_due_90_on, month.defaulted_no).distinct().subquery("defaulted")
    fallen_as = case(
        (month.bucket.in_(("M3+", "written_off")), literal("redefault")),
        (month.bucket == "paid_off", literal("paid_off")),
    )
    falls = (
        select(
            month.loan_no,
            func.min(month.month_no, type_=Integer()).label("month_no"),
            func.arg_min(fallen_as, month.month_no, type_=String()).label("exit"),
        )
        .join_from(months, cures, cure.loan_no == month.loan_no)
        .where(cure.exit == "cured", month.month_no > cure.month_no, fallen_as.is_not(None))
        .group_by(month.loan_no)
        .subquery("fall")
    )
    fall, of = falls.c, loans.c
    observed = func.coalesce(fall.month_no, newest_no, type_=Integer()) - cure.month_no
    return (
        select(
            of.loan_no,
            of.past_due_90_on,
            cure.exit.label("cure_exit"),
            cast(func.coalesce(cure.month_no, newest_no, type_=Integer()) - of.defaulted_no, SmallInteger).label(
                "cure_month"
            ),
            fall.exit.label("redefault_exit"),
            case((cure.exit == "cured", cast(observed, SmallInteger))).label("redefault_month"),
        )
        .select_from(loans)
        .outerjoin(cures, cure.loan_no == of.loan_no)
        .outerjoin(falls, fall.loan_no == of.loan_no)
    )
