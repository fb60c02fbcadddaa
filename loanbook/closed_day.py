"""Which business day a snapshot is as of: the last one that the source has closed."""

from datetime import date, datetime, timedelta

import duckdb
from sqlalchemy import func, select, union_all

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.working import run
from rules import calendar

_EVENTS = (("loan", "disbursed_at"), ("repayment", "paid_at"), ("application", "applied_at"))


def of(snapshot: duckdb.DuckDBPyConnection, given: date | None, now: datetime) -> date:
    """The day given, else the one that the book notes, else the newest event's day, at the latest yesterday."""
    if given is not None:
        return given
    [(noted,)] = run(snapshot, select(func.max(copied.TABLES["book_note"].c.as_of)))
    if noted is not None:
        return date.fromisoformat(str(noted))
    yesterday = calendar.business_date(now) - timedelta(days=1)
    newest = (select(business_date(func.max(copied.TABLES[name].c[at])).label("day")) for name, at in _EVENTS)
    events = union_all(*newest).subquery()
    [(newest_on,)] = run(snapshot, select(func.max(events.c.day)))
    return yesterday if newest_on is None else min(yesterday, newest_on)
