"""Which business day a snapshot is as of: the last one that the source has closed."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Date, Select, case, cast, func, select, union_all

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.snapshots import SnapshotError
from loanbook.working import run
from rules import calendar

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)  # sums of months around them stay within the calendar
_EVENTS = (("loan", "disbursed_at"), ("repayment", "paid_at"), ("application", "applied_at"))


def of(snapshot: duckdb.DuckDBPyConnection, given: date | None, now: datetime) -> date:
    """The day given, else the one that the book notes, else the newest event's day, at the latest yesterday."""
    if given is not None:
        return given
    [(noted,)] = run(snapshot, select(func.max(copied.TABLES["book_note"].c.as_of)))
    if noted is not None:
        return _noted(str(noted))
    yesterday = calendar.business_date(now) - timedelta(days=1)
    newest = (_newest(copied.TABLES[name].c[at], yesterday) for name, at in _EVENTS)
    events = union_all(*newest).subquery()
    [(newest_on,)] = run(snapshot, select(func.max(events.c.day)))
    return yesterday if newest_on is None else newest_on


def possible(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an instant lies in years that can be reckoned with."""
    return (at >= FIRST_DAY) & (at < LAST_DAY + timedelta(days=1))


def _newest(at: ColumnElement[datetime], yesterday: date) -> Select[Any]:
    """The day of a table's newest event, at the latest yesterday; events of no possible day are none."""
    day = business_date(func.max(at).filter(possible(at)))
    return select(case((day > yesterday, cast(yesterday, Date)), else_=day).label("day"))


def _noted(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:  # before the year 1, or after the year 9999
        day = date.min
    if not FIRST_DAY <= day <= LAST_DAY:
        raise SnapshotError(
            f'The loan database\'s table "book_note", column "as_of": {text} can\'t be the last closed day; '
            f"write a day from {FIRST_DAY} to {LAST_DAY}."
        )
    return day
