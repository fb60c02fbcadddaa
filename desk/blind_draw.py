"""Draws the blind sample of each day that has ended, and sees that somebody is asked for each case drawn."""

import hmac
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update

from desk import audit, review_store, staff, state
from desk.audit import Json, Keeper
from desk.blind_tables import review_blind, review_blind_day
from desk.review import Book, placed
from desk.review_opening import LOANBOARD
from desk.review_outbox import LENDING
from desk.review_store import Key, subject
from desk.review_tables import review_case, review_decision
from desk.state import audit_event
from rules import review_blind as rule_of
from rules.calendar import BUSINESS_ZONE, business_date
from rules.policy import Policy, in_force
from rules.review_blind import Candidate, Stratum
from rules.review_people import OFFICERS

_NOBODY = (LOANBOARD, LENDING)  # stand in events for what no person did


def seed(keeper: Keeper) -> bytes:
    """What the draw hangs on: kept outside the state database, so that officers can't foresee it."""
    return hmac.new(keeper.key, b"loanboard blind sample", sha256).digest()


def look(engine: Engine, source: str, seed: bytes, policies: tuple[Policy, ...], book: Book, now: datetime) -> int:
    """Draw of the days that have ended since the last draw, and ask for what nobody has decided; how many were drawn.

    Of several processes that look at once one draws. The running day is never drawn of: its cases can still come.
    """
    with state.reading(engine) as connection:
        idle = not connection.execute(_undrawn(connection, source, now)).all() and not _to_ask(
            connection, source, policies, now
        )
    if idle:
        return 0
    drawn = 0
    with engine.begin() as connection:
        audit.lock(connection)
        by_day = defaultdict(list)
        for row in connection.execute(_undrawn(connection, source, now)):
            by_day[business_date(row.decided_at)].append(row)
        for day, rows in sorted(by_day.items()):
            drawn += _draw(connection, source, seed, day, rows, in_force(policies, day), now)
        _ask(connection, source, seed, policies, book, now)
    return drawn


def _undrawn(connection: Connection, source: str, now: datetime) -> Select[Any]:
    """Decisions that settled a case and stand, of days that have ended and were not drawn of; with who decided first.

    A day that was drawn of has a row for each of its strata; one without decisions has none and needs none.
    """
    newest = connection.execute(
        select(func.max(review_blind_day.c.day)).where(review_blind_day.c.source == source)
    ).scalar()
    first = review_decision.alias("first")
    settled = review_decision.c
    wanted = (
        select(settled.application_id, settled.round, settled.decided_at, first.c.staff_email, first.c.outcome)
        .join_from(review_decision, review_case, _same_case(review_decision, review_case))
        .join(first, _same_case(review_decision, first) & (first.c.round == settled.round) & (first.c.stage == 1))
        .where(settled.source == source, settled.final, settled.round == review_case.c.round)
        .where(settled.decided_at < _starts(business_date(now)))
        .order_by(settled.application_id)
    )
    return wanted if newest is None else wanted.where(settled.decided_at >= _starts(newest + timedelta(days=1)))


def _draw(
    connection: Connection, source: str, seed: bytes, day: date, rows: list[Row[Any]], rule: Policy, now: datetime
) -> int:
    decided: dict[Stratum, list[str]] = defaultdict(list)
    rounds = {row.application_id: row.round for row in rows}
    for row in rows:
        decided[Stratum(row.staff_email, row.outcome)].append(row.application_id)
    ratio = rule.review.blind_sample_ratio
    found = rule_of.draw(seed, decided, _credits(connection, source), ratio)
    for stratum, drawn in sorted(found.items()):
        stood = {"source": source, "day": day, "officer": stratum.officer, "outcome": stratum.outcome, "ratio": ratio}
        counted = {"decided": drawn.decided, "drawn": len(drawn.cases), "credit": drawn.credit}
        connection.execute(insert(review_blind_day), stood | counted)
        for case in drawn.cases:
            row_ = {"source": source, "application_id": case, "round": rounds[case], "drawn_at": now, "relieved": "[]"}
            connection.execute(insert(review_blind), row_)
            payload: dict[str, Json] = {
                "round": rounds[case], "day": day.isoformat(), "of": drawn.decided, "ratio": ratio,
                "policy_from": rule.effective_from.isoformat(),
            }  # fmt: skip
            audit.append(connection, audit.Event(now, LOANBOARD, "blind.drawn", subject((source, case)), payload))
    total = sum(len(drawn.cases) for drawn in found.values())
    told: dict[str, Json] = {"decided": len(rows), "drawn": total, "ratio": ratio, "strata": len(found)}
    about = f"blind sample {source} {day.isoformat()}"
    audit.append(connection, audit.Event(now, LOANBOARD, "blind.day_drawn", about[:200], told))
    return total


def _credits(connection: Connection, source: str) -> dict[Stratum, float]:
    """What is left of each stratum at its newest draw."""
    table = review_blind_day.c
    newest = (
        select(table.officer, table.outcome, func.max(table.day).label("day"))
        .where(table.source == source)
        .group_by(table.officer, table.outcome)
        .subquery("newest")
    )
    wanted = select(table.officer, table.outcome, table.credit).join_from(
        review_blind_day, newest,
        (table.officer == newest.c.officer) & (table.outcome == newest.c.outcome) & (table.day == newest.c.day),
    ).where(table.source == source)  # fmt: skip
    return {Stratum(row.officer, row.outcome): row.credit for row in connection.execute(wanted)}


def _to_ask(connection: Connection, source: str, policies: tuple[Policy, ...], now: datetime) -> list[Row[Any]]:
    """What was drawn, still stands, and waits: asked of nobody, for too long, or of somebody who is no officer."""
    days = in_force(policies, business_date(now)).review.blind_sample_days
    looks = connection.execute(standing(source).where(review_blind.c.decided_at.is_(None)))
    able = {each.email for each in _officers(connection)}
    return [row for row in looks if row.asked_of not in able or row.asked_at <= now - timedelta(days=days)]


def standing(source: str) -> Select[Any]:
    """What was drawn and has not been reopened since."""
    return (
        select(review_blind, review_case.c.member_id, review_case.c.referred_by_id, review_case.c.external_number)
        .join_from(review_blind, review_case, _same_case(review_blind, review_case))
        .where(review_blind.c.source == source, review_blind.c.round == review_case.c.round)
        .order_by(review_blind.c.drawn_at, review_blind.c.application_id)
    )


def _ask(
    connection: Connection, source: str, seed: bytes, policies: tuple[Policy, ...], book: Book, now: datetime
) -> None:
    waiting = _to_ask(connection, source, policies, now)
    if not waiting:
        return
    open_looks = connection.execute(standing(source).where(review_blind.c.decided_at.is_(None))).all()
    asked = Counter(row.asked_of for row in open_looks if row.asked_of is not None)
    people = [placed(each, book) for each in _officers(connection)]
    for row in waiting:
        relieved = json.loads(row.relieved)
        before = involved(connection, (source, row.application_id)) | {*relieved, *filter(None, [row.asked_of])}
        candidates = [Candidate(person, asked[person.email]) for person in people]
        to = rule_of.choose(
            seed, row.application_id, candidates, involved=before, member_id=row.member_id,
            referred_by_id=row.referred_by_id,
        )  # fmt: skip
        if to is not None:
            asked[to] += 1
            ask(connection, row, to, now, by=LOANBOARD)


def ask(connection: Connection, row: Row[Any], to: str | None, now: datetime, *, by: str) -> None:
    """Ask somebody for a second decision, or nobody for now, and relieve who was asked before; with its event."""
    relieved = [*json.loads(row.relieved), *filter(None, [row.asked_of])]
    connection.execute(
        update(review_blind)
        .where(*review_store.of(review_blind, (row.source, row.application_id)), review_blind.c.round == row.round)
        .values(asked_of=to, asked_at=now, relieved=json.dumps(relieved))
    )
    payload: dict[str, Json] = {"round": row.round, "to": to, "relieved": row.asked_of}
    audit.append(connection, audit.Event(now, by, "blind.asked", subject((row.source, row.application_id)), payload))


def involved(connection: Connection, case: Key) -> frozenset[str]:
    """Who has done anything with a case: decided, held, asked, noted, revealed."""
    did = select(audit_event.c.staff_email).where(
        audit_event.c.subject == subject(case),
        audit_event.c.staff_email.not_in(_NOBODY),
        audit_event.c.kind.not_like("blind.%"),
    )
    return frozenset(connection.execute(did.distinct()).scalars())


def _officers(connection: Connection) -> list[staff.Staff]:
    listed = select(state.staff).where(state.staff.c.active, state.staff.c.role.in_(sorted(OFFICERS)))
    return [staff.of_row(row) for row in connection.execute(listed.order_by(state.staff.c.email))]


def _same_case(first: Any, second: Any) -> Any:
    return (first.c.source == second.c.source) & (first.c.application_id == second.c.application_id)


def _starts(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC)
