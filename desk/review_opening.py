"""Opens cases for applications that a person is to decide, and closes those that lending no longer asks about."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import islice

from sqlalchemy import Connection, Engine, insert, select

from desk import audit, review_store, state
from desk.audit import Json
from desk.review import Rule
from desk.review_outbox import LENDING
from desk.review_store import Key, subject
from desk.review_tables import review_case
from loanbook.evidence import Application
from rules import review
from rules.review_case import UNDECIDED, Case, State

LOANBOARD = "loanboard"  # stands in events for what happens by itself
_AT_ONCE = 100  # cases in a transaction, so that officers never wait long for the chain

_THERE, _OPEN = select(review_case.c.application_id).where(*review_store.bound(review_case)), insert(review_case)


class Cause(StrEnum):
    """Why a person decides."""

    AMOUNT = "amount"
    REFERRED = "referred"  # by the rules or the score


def cause(application: Application, rule: Rule) -> Cause | None:
    """Why an open application is reviewed; None where it is not."""
    if application.amount_fen >= rule.review.from_amount_fen(application.product, application.tier):
        return Cause.AMOUNT
    return Cause.REFERRED if application.flagged else None


def known(engine: Engine, source: str) -> frozenset[str]:
    """The applications that have a case."""
    there = select(review_case.c.application_id).where(review_case.c.source == source)
    with state.reading(engine) as connection:
        return frozenset(connection.execute(there).scalars())


def open_cases(engine: Engine, source: str, applications: Iterable[Application], rule: Rule, now: datetime) -> int:
    """Open a case for each open application that is reviewed and has none; how many were opened."""
    there = known(engine, source)
    new = ((each, why) for each in applications if each.id not in there and (why := cause(each, rule)) is not None)
    opened = 0
    while batch := list(islice(new, _AT_ONCE)):
        with engine.begin() as connection:
            audit.lock(connection)  # so that of processes that open at once one opens a case
            opened += sum(_open(connection, source, each, why, rule, now) for each, why in batch)
    return opened


def close_cases(engine: Engine, source: str, statuses: Mapping[str, str], now: datetime) -> int:
    """Close undecided cases whose application lending has closed meanwhile, by its status; how many were closed."""
    closed = 0
    for application_id, status in statuses.items():
        if status == "open":
            continue
        key, to = (source, application_id), State.WITHDRAWN if status == "withdrawn" else State.CLOSED
        with engine.begin() as connection:
            before, round_, _number = review_store.load(connection, key, lock=True)
            if before.state not in UNDECIDED:
                continue
            after = review.closed(before, to)
            review_store.save(connection, key, before, after, round_)
            payload: dict[str, Json] = {"status": status, "version": after.version}
            audit.append(connection, audit.Event(now, LENDING, f"case.{to.value}", subject(key), payload))
        closed += 1
    return closed


def undecided(engine: Engine, source: str) -> tuple[str, ...]:
    """The applications whose cases are not decided."""
    wanted = select(review_case.c.application_id).where(
        review_case.c.source == source, review_case.c.state.in_([each.value for each in UNDECIDED])
    )
    with state.reading(engine) as connection:
        return tuple(connection.execute(wanted.order_by(review_case.c.application_id)).scalars())


def _open(connection: Connection, source: str, found: Application, why: Cause, rule: Rule, now: datetime) -> bool:
    """Open one case, unless another process has just done so; whether it was this one."""
    key: Key = (source, found.id)
    case = Case(
        application_id=found.id, amount_fen=found.amount_fen, member_id=found.member_id,
        referred_by_id=found.referred_by_id, opened_at=now,
        due_at=rule.review.hours.add(found.applied_at, review.span(rule.review)),
    )  # fmt: skip
    if connection.execute(_THERE, review_store.named(key)).first() is not None:
        return False
    values = review_store.values_of(case) | {"source": source, "application_id": found.id, "round": 1}
    values |= {"external_number": found.external_number, "opened_for": why, "product": found.product}
    values |= {"applied_at": found.applied_at, "default_probability": found.default_probability}
    connection.execute(_OPEN, {**values, "tier": found.tier, "signals": json.dumps(found.signals)})
    payload: dict[str, Json] = {
        "amount_fen": found.amount_fen, "product": found.product, "tier": found.tier, "cause": why.value,
        "due_at": case.due_at.isoformat(), "policy_from": rule.since.isoformat(),
    }  # fmt: skip
    audit.append(connection, audit.Event(now, LOANBOARD, "case.opened", subject(key), payload))
    return True
