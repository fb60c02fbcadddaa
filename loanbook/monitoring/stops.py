"""For what each declined application was declined, by the checks of the layer that did."""

from typing import Any

import duckdb
from sqlalchemy import Select, String, and_, case, cast, func, select

from loanbook import copied
from loanbook.monitoring.applications import DECLINED
from loanbook.monitoring.monitoring_schema import application_fact, application_stop
from loanbook.working import keep_table
from rules.dimensions import UNKNOWN

_check = copied.TABLES["application_check"]
_PERSON = "manual"


def build(snapshot: duckdb.DuckDBPyConnection) -> None:
    """Fill `application_stop`, once `application_fact` is there.

    Formula: the checks of the deciding layer that failed; a person's own check is told by what was written of it. Each
    reason counts once; an application without such a check has the reason unknown.
    Excludes: declined applications of which the book does not say who decided.
    """
    keep_table(snapshot, application_stop, _stops())


def _stops() -> Select[Any]:
    row, check = application_fact.c, _check.c
    written = func.nullif(func.trim(check.value), "")
    said = case((check.layer == _PERSON, func.coalesce(written, check.code)), else_=check.code)
    failed = and_(
        cast(check.application_id, String) == row.application_id,
        check.layer == row.decided_by,
        check.outcome == "fail",
    )
    each = (
        select(row.application_no, row.decided_by.label("layer"), func.coalesce(said, UNKNOWN).label("reason"))
        .select_from(application_fact.outerjoin(_check, failed))
        .where(row.outcome == DECLINED, row.decided_by.is_not(None))
        .distinct()
        .subquery("each")
    )
    alone = func.count().over(partition_by=each.c.application_no) == 1
    return select(each.c.application_no, each.c.layer, each.c.reason, alone.label("alone")).order_by(
        each.c.application_no, each.c.reason
    )
