"""The queue: what waits, in which order, how much of it stands how, and the case of an application by its number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, exists, func, or_, select

from desk import review_store, state
from desk.review_store import Key
from desk.review_tables import review_case as table
from desk.review_tables import review_decision
from rules.review_case import UNDECIDED, Delivery, State
from rules.working_time import WorkingHours


class Show(StrEnum):
    """Which cases are listed. Those of the first four may overlap: a case that waits may be held and late."""

    WAITING = "waiting"  # for a decision, whoever holds them
    OVERDUE = "overdue"  # undecided after their deadline
    CLAIMED = "claimed"  # held by somebody now
    SECOND = "second"  # decided once, which did not settle them
    REFUSED = "refused"  # by lending, which could not carry a decision out
    PARKED = "parked"
    ASKED = "asked"
    SENT = "sent"  # decided; lending has not acknowledged it
    DECIDED = "decided"  # and acknowledged
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Sort(StrEnum):
    """What comes first."""

    DUE = "due"  # the predicted breach of the deadline; what has none left to breach, the newest
    AMOUNT = "amount"  # the largest
    AGE = "age"  # the oldest application
    RISK = "risk"  # the highest probability of default


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see of the queue; `of` names whose cases, None all."""

    show: Show = Show.WAITING
    sort: Sort = Sort.DUE
    cause: str | None = None
    product: str | None = None
    of: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A case in the queue."""

    case: Key
    external_number: str
    opened_for: str
    product: str
    tier: str | None
    amount_fen: int
    applied_at: datetime
    opened_at: datetime
    due_at: datetime
    state: State  # as it is at that moment: what was parked until before waits
    holder: str | None
    assigned_to: str | None
    escalated_by: str | None
    parked_until: datetime | None
    left: timedelta | None  # working time to the deadline, where it stands still
    decisions: int  # in the round that runs
    decided_at: datetime | None
    delivery: Delivery | None
    round: int
    default_probability: float | None  # 0-1, of the score when the case was opened
    signals: tuple[str, ...]  # codes of checks that stood out then
    referred_by_id: str | None

    def breach_at(self, hours: WorkingHours, now: datetime) -> datetime:
        """When the deadline is passed if nothing is done; as if the information that is awaited came now."""
        stands = self.left is not None and self.left > timedelta(0)
        return hours.add(now, self.left) if stands and self.left is not None else self.due_at


@dataclass(frozen=True)
class Tally:
    """How many cases stand how, by product and cause; `mine`: undecided ones that are somebody's own."""

    cells: Mapping[tuple[str, str], Mapping[Show, int]]
    mine: int

    def of(self, show: Show, product: str | None = None, cause: str | None = None) -> int:
        """The cases of one kind, of one product, opened for one cause."""
        return sum(
            found[show]
            for (of_product, for_cause), found in self.cells.items()
            if product in {None, of_product} and cause in {None, for_cause}
        )

    @property
    def products(self) -> tuple[str, ...]:
        """The products that there are cases of."""
        return tuple(sorted({product for product, _cause in self.cells}))

    @property
    def causes(self) -> tuple[str, ...]:
        """What there are cases for."""
        return tuple(sorted({cause for _product, cause in self.cells}))


def tally(engine: Engine, source: str, now: datetime, of: str | None, by: str) -> Tally:
    """How many cases stand how, all of them or somebody's own (`of`), and how many undecided ones are `by`'s."""
    sums = [func.sum(case((_shown(show, now), 1), else_=0)).label(show.value) for show in Show]
    grouped = (
        select(table.c.product, table.c.opened_for, *sums)
        .where(table.c.source == source, *([] if of is None else [own(of, now)]))
        .group_by(table.c.product, table.c.opened_for)
    )
    theirs = select(func.count()).where(table.c.source == source, undecided(), own(by, now))
    with state.reading(engine) as connection:
        cells = {
            (row.product, row.opened_for): {show: int(getattr(row, show.value)) for show in Show}
            for row in connection.execute(grouped)
        }
        return Tally(cells, connection.execute(theirs).scalar_one())


def listed(
    engine: Engine, source: str, wanted: Wanted, now: datetime, limit: int = 50, offset: int = 0
) -> tuple[Waiting, ...]:
    """The cases that are wanted, so many from a place on."""
    conditions = [table.c.source == source, _shown(wanted.show, now)]
    conditions += [] if wanted.cause is None else [table.c.opened_for == wanted.cause]
    conditions += [] if wanted.product is None else [table.c.product == wanted.product]
    conditions += [] if wanted.of is None else [own(wanted.of, now)]
    ordered = select(table).where(*conditions).order_by(*_order(wanted))
    with state.reading(engine) as connection:
        return tuple(waiting(row, now) for row in connection.execute(ordered.limit(limit).offset(offset)))


def found(engine: Engine, source: str, external_number: str, now: datetime) -> Waiting | None:
    """The case of an application, by the number that lending gives it, in capitals or as it stands."""
    number = external_number.strip()
    wanted = select(table).where(table.c.source == source, table.c.external_number.in_({number, number.upper()}))
    with state.reading(engine) as connection:
        row = connection.execute(wanted.order_by(table.c.external_number != number)).first()
    return None if row is None else waiting(row, now)


def number(engine: Engine, key: Key) -> str:
    """The number that lending gives the application of a case."""
    with state.reading(engine) as connection:
        return str(connection.execute(select(table.c.external_number).where(*review_store.of(table, key))).scalar_one())


def waiting(row: Any, now: datetime) -> Waiting:
    """A row of the table as the queue shows it at a moment."""
    stands = review_store.case_of(row, ())
    return Waiting(
        case=(row.source, stands.application_id), external_number=row.external_number,
        opened_for=row.opened_for, product=row.product, tier=row.tier, amount_fen=stands.amount_fen,
        applied_at=row.applied_at, opened_at=stands.opened_at, due_at=stands.due_at, state=stands.at(now),
        holder=stands.held_by(now), assigned_to=stands.assigned_to, escalated_by=stands.escalated_by,
        parked_until=stands.parked_until, left=stands.left, decisions=row.decisions, decided_at=row.decided_at,
        delivery=stands.delivery, round=row.round, default_probability=row.default_probability,
        signals=tuple(json.loads(row.signals)), referred_by_id=stands.referred_by_id,
    )  # fmt: skip


def stands_waiting(now: datetime) -> ColumnElement[bool]:
    """Cases that wait at a moment, as `rules.review_case.Case.at`: what was parked until before does."""
    back = and_(table.c.state == State.PARKED.value, table.c.parked_until <= now)
    return or_(table.c.state == State.WAITING.value, back)


def held(now: datetime) -> ColumnElement[bool]:
    """Cases in somebody's hands."""
    return and_(table.c.lease_holder.is_not(None), table.c.lease_until > now)


def undecided() -> ColumnElement[bool]:
    """Cases that are to be decided, now or once they come back."""
    return table.c.state.in_([each.value for each in UNDECIDED])


def own(email: str, now: datetime) -> ColumnElement[bool]:
    """Undecided cases that somebody holds or that are theirs, and decided ones on which they have decided."""
    took = exists().where(
        review_decision.c.source == table.c.source,
        review_decision.c.application_id == table.c.application_id,
        review_decision.c.round == table.c.round,
        review_decision.c.staff_email == email,
    )
    theirs = or_(table.c.assigned_to == email, and_(held(now), table.c.lease_holder == email))
    return or_(and_(undecided(), theirs), and_(table.c.state == State.DECIDED.value, took))


def _shown(show: Show, now: datetime) -> ColumnElement[bool]:
    is_state, waits, delivery = table.c.state.__eq__, stands_waiting(now), table.c.delivery
    clock_runs = or_(table.c.left_seconds.is_(None), table.c.left_seconds <= 0)
    return {
        Show.WAITING: waits,
        Show.OVERDUE: and_(undecided(), table.c.due_at < now, clock_runs),
        Show.CLAIMED: and_(waits, held(now)),
        Show.SECOND: and_(waits, table.c.decisions > 0),
        Show.REFUSED: and_(waits, delivery == Delivery.REFUSED.value),
        Show.PARKED: and_(is_state(State.PARKED.value), table.c.parked_until > now),
        Show.ASKED: is_state(State.ASKED.value),
        Show.SENT: and_(is_state(State.DECIDED.value), delivery == Delivery.PENDING.value),
        Show.DECIDED: and_(is_state(State.DECIDED.value), delivery != Delivery.PENDING.value),
        Show.WITHDRAWN: is_state(State.WITHDRAWN.value),
        Show.CLOSED: is_state(State.CLOSED.value),
    }[show]


def _order(wanted: Wanted) -> list[ColumnElement[Any]]:
    first: dict[Sort, list[ColumnElement[Any]]] = {
        Sort.DUE: _by_deadline(wanted.show),
        Sort.AMOUNT: [table.c.amount_fen.desc()],
        Sort.AGE: [table.c.applied_at],
        Sort.RISK: [table.c.default_probability.desc().nulls_last()],
    }
    return [*first[wanted.sort], table.c.due_at, table.c.amount_fen.desc(), table.c.applied_at, table.c.application_id]


def _by_deadline(show: Show) -> list[ColumnElement[Any]]:
    first: dict[Show, ColumnElement[Any]] = {
        Show.ASKED: table.c.left_seconds,  # the clock stands: what has the least left breaches first once it runs
        Show.SENT: table.c.decided_at,
        Show.DECIDED: table.c.decided_at.desc(),
        Show.WITHDRAWN: table.c.due_at.desc(),
        Show.CLOSED: table.c.due_at.desc(),
    }
    return [first[show]] if show in first else []
