"""Cases that were late in a month: decided after their deadline, or past it at the month end and undecided then."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, and_, cast, null, select, union_all

from desk import state
from desk.review_tables import review_case, review_decision
from desk.state_types import Instant
from rules.review_case import UNDECIDED

COLUMNS = ("number", "due_at", "decided_at")


def late(engine: Engine, source: str, since: datetime, until: datetime) -> pd.DataFrame:
    """The late cases of a month, those that were due first before the others.

    since: the first instant of the month; until: the first one after it.
    Grain: one row per decision that settled a case, or case without one. Columns: number (lending's own of the
    application); due_at, decided_at (UTC without a zone; missing while it was not decided by the month end).
    Excludes: cases that were withdrawn or closed without a decision.
    """
    made, case = review_decision.c, review_case.c
    same = and_(made.source == case.source, made.application_id == case.application_id)
    decided = (
        select(case.external_number.label("number"), made.due_at, made.decided_at)
        .join_from(review_decision, review_case, same)
        .where(made.source == source, made.final, made.due_at < made.decided_at)
    )
    within = decided.where(made.decided_at >= since, made.decided_at < until)
    later = decided.where(made.decided_at >= until, made.due_at < until).with_only_columns(
        case.external_number.label("number"), made.due_at, cast(null(), Instant).label("decided_at")
    )
    waiting = select(
        case.external_number.label("number"), case.due_at, cast(null(), Instant).label("decided_at")
    ).where(
        case.source == source,
        case.state.in_([each.value for each in UNDECIDED]),
        case.due_at < until,
        case.left_seconds.is_(None),  # no information is awaited
    )
    with state.reading(engine) as connection:
        rows = connection.execute(union_all(within, later, waiting)).all()
    listed = pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
    for name in ("due_at", "decided_at"):
        listed[name] = pd.to_datetime(listed[name], utc=True).dt.tz_localize(None).astype("datetime64[us]")
    return listed.sort_values(["due_at", "number"], kind="stable", ignore_index=True)
