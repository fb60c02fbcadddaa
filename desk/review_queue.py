"""The queue: what waits, how long, for whom; and the case that somebody should take next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, func, or_, select

from desk import review_store, staff, state
from desk.review import Book, placed
from desk.review_store import Key
from desk.review_tables import review_case as table
from rules.refusal import Refused
from rules.review_case import Delivery, State
from rules.review_people import refuse_unless_may_decide

_AT_ONCE = 50


@dataclass(frozen=True)
class Waiting:
    """A case in the queue."""

    case: Key
    external_number: str
    opened_for: str
    product: str
    tier: str | None
    amount_fen: int
    opened_at: datetime
    due_at: datetime
    state: State  # as it is at that moment: what was parked until before waits
    holder: str | None
    assigned_to: str | None
    parked_until: datetime | None
    delivery: Delivery | None
    round: int


def counts(engine: Engine, source: str, now: datetime) -> dict[State, int]:
    """How many cases stand how; all states are named."""
    standing = _standing(now)
    wanted = select(standing.label("state"), func.count().label("cases")).where(table.c.source == source)
    with state.reading(engine) as connection:
        found = {row.state: row.cases for row in connection.execute(wanted.group_by(standing))}
    return {each: found.get(each.value, 0) for each in State}


def listed(
    engine: Engine, source: str, now: datetime, states: frozenset[State], limit: int = 1_000, offset: int = 0
) -> tuple[Waiting, ...]:
    """Cases that stand in certain ways: by deadline, then the larger ones, then those opened first."""
    wanted = (
        select(table)
        .where(table.c.source == source, _standing(now).in_([each.value for each in states]))
        .order_by(table.c.due_at, table.c.amount_fen.desc(), table.c.opened_at, table.c.application_id)
        .limit(limit)
        .offset(offset)
    )
    with state.reading(engine) as connection:
        return tuple(_waiting(row, now) for row in connection.execute(wanted))


def found(engine: Engine, source: str, external_number: str, now: datetime) -> Waiting | None:
    """The case of an application, by the number that lending gives it."""
    wanted = select(table).where(table.c.source == source, table.c.external_number == external_number.strip())
    with state.reading(engine) as connection:
        row = connection.execute(wanted).first()
    return None if row is None else _waiting(row, now)


def next_for(engine: Engine, source: str, email: str, book: Book, now: datetime) -> Key | None:
    """The case that somebody should take next: what they hold, what was given to them, then what is due first.

    Cases are passed over that others hold or that this person may not decide. Taking it is a claim, which somebody
    else may win; then the next one is asked for.
    """
    free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now, table.c.lease_holder == email)
    mine = or_(table.c.assigned_to.is_(None), table.c.assigned_to == email)
    held = and_(table.c.lease_holder == email, table.c.lease_until > now)
    rank = case((held, 0), (table.c.assigned_to == email, 1), else_=2)
    wanted = (
        select(table)
        .where(table.c.source == source, _standing(now) == State.WAITING.value, free, mine)
        .order_by(rank, table.c.due_at, table.c.amount_fen.desc(), table.c.opened_at, table.c.application_id)
    )
    with state.reading(engine) as connection:
        listed_as = staff.found(connection, email)
        if listed_as is None:
            return None
        person = placed(listed_as, book)
        for row in connection.execute(wanted.execution_options(yield_per=_AT_ONCE)):
            key = (row.source, row.application_id)
            try:
                refuse_unless_may_decide(
                    review_store.case_of(row, review_store.decisions(connection, key, row.round)), person
                )
            except Refused:
                continue
            return key
    return None


def _standing(now: datetime) -> ColumnElement[str]:
    """How a case stands at a moment, as `rules.review_case.Case.at`."""
    back = and_(table.c.state == State.PARKED.value, table.c.parked_until <= now)
    return case((back, State.WAITING.value), else_=table.c.state)


def _waiting(row: Any, now: datetime) -> Waiting:
    stands = review_store.case_of(row, ())
    return Waiting(
        case=(row.source, stands.application_id), external_number=row.external_number,
        opened_for=row.opened_for, product=row.product, tier=row.tier, amount_fen=stands.amount_fen,
        opened_at=stands.opened_at, due_at=stands.due_at, state=stands.at(now), holder=stands.held_by(now),
        assigned_to=stands.assigned_to, parked_until=stands.parked_until, delivery=stands.delivery, round=row.round,
    )  # fmt: skip
