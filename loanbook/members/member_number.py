"""The members that everything about members is derived for, numbered by registration."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Select, String, TableClause, cast, func, select

from loanbook import closed_day, copied
from loanbook.constructs import business_date
from loanbook.snapshot_schema import rejected_row
from loanbook.working import work_table

_member = copied.TABLES["member"]


def build(snapshot: duckdb.DuckDBPyConnection, as_of: date) -> TableClause:
    """The work table of the members.

    Grain: one row per member registered by as_of, by (registered_at, id).
    Columns: member_no (1..), id, registered_at, registered_on, dates_imputed.
    Excludes: members without a possible date of registration, and those whose key is repeated: nobody can say which of
    the rows is meant.
    """
    return work_table(snapshot, "numbered_member", _numbered(as_of))


def _numbered(as_of: date) -> Select[Any]:
    row = _member.c
    registered_on = business_date(row.registered_at)
    number = func.row_number().over(order_by=(row.registered_at, row.id)).label("member_no")
    rejected = select(rejected_row.c.key).where(rejected_row.c.table_name == "member")
    return (
        select(
            number,
            row.id,
            row.registered_at,
            registered_on.label("registered_on"),
            func.coalesce(row.dates_imputed, False).label("dates_imputed"),
        )
        .where(
            row.id.is_not(None),
            closed_day.possible(row.registered_at),
            registered_on <= as_of,
            cast(row.id, String).not_in(rejected),
        )
        .order_by(number)
    )
