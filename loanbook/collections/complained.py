"""Complaints by topic and month, and how long each waited."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Date, Select, case, func, insert, literal, select

from loanbook import closed_day, copied
from loanbook.collections.collections_schema import complaint_month
from loanbook.constructs import business_date, days_between, first_of_month
from loanbook.dimension_values import text
from loanbook.working import run

_complaint = copied.TABLES["complaint"].c


def build(snapshot: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Fill `complaint_month`.

    Formula: days of Shanghai from receipt to resolution; one that is not resolved by as_of waits until then.
    Excludes: complaints of no possible date or after as_of, and those resolved before they came.
    """
    run(
        snapshot,
        insert(complaint_month).from_select([column.name for column in complaint_month.columns], _counted(as_of)),
    )


def _counted(as_of: date) -> Select[Any]:
    row, today = _complaint, literal(as_of, Date)
    received_on, resolved_on = business_date(row.received_at), business_date(row.resolved_at)
    ended_on = case((resolved_on <= today, resolved_on))
    each = (
        select(
            text(row.topic).label("topic"),
            first_of_month(received_on).label("month"),
            days_between(received_on, func.coalesce(ended_on, today, type_=Date())).label("days"),
            ended_on.is_not(None).label("resolved"),
        )
        .where(closed_day.possible(row.received_at), received_on <= today)
        .subquery("each")
    )
    keys = (each.c.topic, each.c.month, each.c.days)
    return (
        select(*keys, func.count().filter(each.c.resolved), func.count().filter(~each.c.resolved))
        .where(each.c.days >= 0)
        .group_by(*keys)
        .order_by(*keys)
    )
