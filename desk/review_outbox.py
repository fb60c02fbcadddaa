"""What lending is told: a row with each decision that settles a case, delivered until lending answers it.

Lending fetches what is pending, or it is pushed to its address; either way it answers each key once: acknowledged, or
refused with a reason, which reopens the case. What was corrected meanwhile is answered as such and must not be used.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from desk import audit, review_store, state
from desk.review_store import Key, Loaded, of, subject
from desk.review_tables import decision_outbox as table
from rules import review
from rules.refusal import Refused
from rules.review_actions import Moment
from rules.review_case import Case, Decision, Delivery
from rules.text import N_

LENDING = "lending"  # stands in events for the lender's own system
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_LONGEST_TOLD = 500

_PUT = insert(table)


@dataclass(frozen=True)
class Pending:
    """A decision that lending has not answered."""

    key: str
    case: Key
    body: str  # JSON
    created_at: datetime
    tries: int
    told: str | None


class UnknownDecision(Refused):
    """There is no decision with a key."""

    def __init__(self, key: str) -> None:
        super().__init__(N_("There is no decision {key}."), key=key)


class Answer(StrEnum):
    """How lending's address took a push."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    LATER = "later"  # not reached, or not able to answer now


Post = Callable[[str, str], tuple[Answer, str]]  # key and body -> how it was taken, and what was said


def put(connection: Connection, case: Key, held: Loaded, made: Decision, policy_from: date) -> None:
    """Write what lending is to carry out, in the transaction that decides it."""
    key = sha256(json.dumps([*case, held.round]).encode()).hexdigest()
    body = {
        "key": key, "application_id": case[1], "external_number": held.number, "round": held.round,
        "outcome": made.outcome.value, "amount_fen": made.amount_fen, "decided_at": made.at.isoformat(),
        "reasons": [{"ground": each.ground.value, "code": each.code} for each in made.reasons],
        "policy_from": policy_from.isoformat(),
    }  # fmt: skip
    values = {"source": case[0], "application_id": case[1], "round": held.round, "key": key, "tries": 0}
    values |= {"body": json.dumps(body, ensure_ascii=False), "state": Delivery.PENDING, "created_at": made.at}
    connection.execute(_PUT, {**values, "next_try_at": made.at})


def correct(connection: Connection, case: Key, round_: int, now: datetime) -> None:
    """Take back what is pending, in the transaction that reopens its case."""
    _answered(connection, case, round_, Delivery.CORRECTED, now, None)


def pending(engine: Engine, source: str, limit: int = 100) -> tuple[Pending, ...]:
    """What lending has not answered, oldest first: for lending to fetch, and for people to see how long it waits."""
    wanted = select(table).where(table.c.source == source, table.c.state == Delivery.PENDING)
    with state.reading(engine) as connection:
        rows = connection.execute(wanted.order_by(table.c.created_at, table.c.key).limit(limit)).all()
    return tuple(_pending(row) for row in rows)


def acknowledge(engine: Engine, key: str, now: datetime) -> None:
    """Lending has taken a decision over. Said again, nothing happens; `Refused` where it was corrected meanwhile."""

    def answer(connection: Connection, row: Row[Any], case: Case) -> None:
        _finish(connection, row, case, review.acknowledge(case), Delivery.ACKNOWLEDGED, None, now)

    _answer(engine, key, Delivery.ACKNOWLEDGED, answer)


def refuse(engine: Engine, key: str, reason: str, moment: Moment) -> None:
    """Lending can't carry a decision out: its case waits again. Said again, nothing happens."""
    said = " ".join(reason.split())[:_LONGEST_TOLD] or "?"

    def answer(connection: Connection, row: Row[Any], case: Case) -> None:
        _finish(connection, row, case, review.refuse(case, moment), Delivery.REFUSED, said, moment.now)

    _answer(engine, key, Delivery.REFUSED, answer)


def push(engine: Engine, source: str, post: Post, moment: Moment, limit: int = 20) -> int:
    """Send what is due to lending's address; how many were answered. What is not answered is sent again later.

    Of several processes that push at once one sends a decision; should it die, another does after a while.
    """
    answered = 0
    for each in _take(engine, source, moment.now, limit):
        answer, said = post(each.key, each.body)
        if answer is Answer.LATER:
            with engine.begin() as connection:
                told = {"told": said[:_LONGEST_TOLD]}
                connection.execute(update(table).where(table.c.key == each.key).values(told))
            continue
        try:
            if answer is Answer.ACKNOWLEDGED:
                acknowledge(engine, each.key, moment.now)
            else:
                refuse(engine, each.key, said, moment)
        except Refused:  # corrected while it was on its way: what lending took is void, and the next one tells it so
            continue
        answered += 1
    return answered


def _take(engine: Engine, source: str, now: datetime, limit: int) -> list[Pending]:
    """What is due, put off by as long as the next try waits, so that nobody else sends it meanwhile."""
    due = (table.c.source == source) & (table.c.state == Delivery.PENDING) & (table.c.next_try_at <= now)
    wanted = select(table).where(due).order_by(table.c.next_try_at, table.c.key).limit(limit)
    with engine.begin() as connection:
        rows = connection.execute(wanted.with_for_update(skip_locked=True)).all()
        for row in rows:
            wait = min(_FIRST_WAIT * 2 ** min(row.tries, 20), _LONGEST_WAIT)
            values = {"tries": row.tries + 1, "next_try_at": now + wait}
            connection.execute(update(table).where(table.c.key == row.key).values(values))
    return [_pending(row) for row in rows]


def _answer(engine: Engine, key: str, answer: Delivery, write: Callable[[Connection, Row[Any], Case], None]) -> None:
    with engine.begin() as connection:
        found = connection.execute(select(table.c.source, table.c.application_id).where(table.c.key == key)).first()
        if found is None:
            raise UnknownDecision(key)
        case = review_store.load(connection, (found.source, found.application_id), lock=True).case
        row = connection.execute(select(table).where(table.c.key == key)).one()  # as it is while the case is locked
        if row.state == answer:
            return
        if row.state != Delivery.PENDING:
            raise Refused(N_("This decision is not to be carried out: it is {state}."), state=row.state)
        write(connection, row, case)


def _finish(
    connection: Connection, row: Row[Any], before: Case, after: Case, delivery: Delivery, said: str | None,
    now: datetime,
) -> None:  # fmt: skip
    case = (row.source, row.application_id)
    review_store.save(connection, case, before, after, row.round + (delivery is Delivery.REFUSED))
    _answered(connection, case, row.round, delivery, now, said)
    payload: dict[str, audit.Json] = {"key": row.key, "round": row.round, "version": after.version}
    kind = f"decision.{delivery.value}"
    if said is not None:
        payload |= review_store.add_note(connection, case, LENDING, kind, said, now)
    audit.append(connection, audit.Event(now, LENDING, kind, subject(case), payload))


def _answered(
    connection: Connection, case: Key, round_: int, delivery: Delivery, now: datetime, said: str | None
) -> None:
    held = (*of(table, case), table.c.round == round_, table.c.state == Delivery.PENDING)
    values = {"state": delivery, "answered_at": now, "told": said}
    if connection.execute(update(table).where(*held).values(values)).rowcount != 1:
        raise RuntimeError(f"round {round_} of case {case[1]} has no decision pending")


def _pending(row: Row[Any]) -> Pending:
    return Pending(row.key, (row.source, row.application_id), row.body, row.created_at, row.tries, row.told)
