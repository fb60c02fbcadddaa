"""Due dates that were moved: an instalment counts from its old date until the change, and from its new one after it."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    TableClause,
    and_,
    cast,
    false,
    func,
    null,
    or_,
    select,
)

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.working import run, work_table

_change = copied.TABLES["schedule_change"]


def later(snapshot: duckdb.DuckDBPyConnection, as_of: date) -> TableClause | None:
    """The work table of the moves after as_of, which have not happened yet; None where there are none.

    Grain: one row per loan and due date that was moved. Columns: loan_id, new_due_on, number, old_due_on.
    """
    change = _change.c
    moves_after = (
        select(change.loan_id, change.new_due_on, change.number, func.min(change.old_due_on).label("old_due_on"))
        .where(business_date(change.changed_at) > as_of, change.old_due_on.is_not(None))
        .group_by(change.loan_id, change.new_due_on, change.number)
    )
    [(there,)] = run(snapshot, select(func.count()).select_from(moves_after.subquery()))
    return work_table(snapshot, "moved_later", moves_after) if there else None


def moves(change: FromClause, due: Any) -> ColumnElement[bool]:
    """Whether a change is of an instalment: its date, and its number where the change says one."""
    return and_(
        change.c.loan_id == due.loan_id,
        change.c.new_due_on == due.due_on,
        or_(change.c.number.is_(None), change.c.number == due.number),
    )


def none() -> Select[Any]:
    """No spells: the columns of `spells`, without a row."""
    types: dict[str, Any] = {
        "loan_no": Integer,
        "number": SmallInteger,
        "due_on": Date,
        "until_on": Date,
        "changed_on": Date,
    }
    return select(*(cast(null(), type_).label(name) for name, type_ in types.items())).where(false())


def spells(loans: FromClause, settled: FromClause, as_of: date) -> Select[Any]:
    """How long each instalment counted from a date that it was moved away from.

    Grain: one row per change by as_of of the loans that have been settled.
    Columns: loan_no; number of the instalment, null where none fits; due_on, the old date; until_on, the day on which
    the change, or before it the settlement, ended that; changed_on.
    Source: metrics.md, trap 8: an extension is no cure.
    """
    change = _change.c
    changed_on = business_date(change.changed_at)
    of = settled.c
    return (
        select(
            loans.c.loan_no,
            func.min(of.number, type_=SmallInteger()).label("number"),
            change.old_due_on.label("due_on"),
            func.least(changed_on, func.min(of.settled_on), type_=Date()).label("until_on"),
            changed_on.label("changed_on"),
        )
        .join_from(_change, loans, loans.c.id == change.loan_id)
        .outerjoin(
            settled,
            and_(
                of.loan_no == loans.c.loan_no,
                of.due_on == change.new_due_on,
                or_(change.number.is_(None), of.number == change.number),
            ),
        )
        .where(changed_on <= as_of, change.old_due_on.is_not(None), loans.c.loan_no.in_(select(of.loan_no)))
        .group_by(loans.c.loan_no, change.old_due_on, changed_on)
    )
