"""Who holds what of the queue: live, for whoever distributes the work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, case, func, select

from desk import state
from desk.review_queue import Waiting, held, own, stands_waiting, undecided, waiting
from desk.review_tables import review_case as table

MOST_CASES = 500


@dataclass(frozen=True)
class Holder:
    """What somebody has of the queue."""

    email: str
    held: int  # in their hands now
    given: int  # theirs to decide, in nobody's hands
    away: int  # parked by them, or waiting for information
    overdue: int  # of all of these


def holders(engine: Engine, source: str, now: datetime) -> tuple[Holder, ...]:
    """Everybody who has undecided cases, those with the most first."""
    whose = case((held(now), table.c.lease_holder), else_=table.c.assigned_to)
    waits = stands_waiting(now)
    late = (table.c.due_at < now) & (table.c.left_seconds.is_(None) | (table.c.left_seconds <= 0))

    columns = [_count(each) for each in (held(now), waits & ~held(now), ~waits, late)]
    wanted = (
        select(whose.label("email"), *columns)
        .where(table.c.source == source, undecided(), whose.is_not(None))
        .group_by(whose)
        .order_by(func.count().desc(), whose)
    )
    with state.reading(engine) as connection:
        return tuple(Holder(email, *map(int, counts)) for email, *counts in connection.execute(wanted))


def cases_of(engine: Engine, source: str, email: str, now: datetime) -> tuple[Waiting, ...]:
    """The undecided cases that are somebody's, those first that are due first."""
    wanted = select(table).where(table.c.source == source, undecided(), own(email, now))
    ordered = wanted.order_by(table.c.due_at, table.c.amount_fen.desc(), table.c.application_id).limit(MOST_CASES)
    with state.reading(engine) as connection:
        return tuple(waiting(row, now) for row in connection.execute(ordered))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
