"""What review has done, as rows: decisions, cases that wait or ended without one, pauses, second people's decisions."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, or_, select

from desk import state
from desk.review_store import subject
from desk.review_tables import decision_outbox, review_case, review_decision
from desk.state import audit_event
from rules.review_case import UNDECIDED, Delivery, State

_ASKED, _INFORMED = "case.asked", ("case.answered", "case.informed")
_ENDED = ("case.withdrawn", "case.closed")

_Event = tuple[str, datetime]  # kind, at
Pause = tuple[datetime, datetime | None]  # information was awaited from, until


@dataclass(frozen=True)
class Made:
    """A decision that somebody took."""

    application_id: str
    external_number: str
    product: str
    opened_for: str
    amount_fen: int  # asked for
    round: int
    stage: int
    staff_email: str
    outcome: str
    override: str  # empty where it went as rules and model said
    reasons: tuple[str, ...]  # ground and code, such as "check:court"
    final: bool
    corrects: bool  # the round corrects a decision of the one before
    evidence_hash: str
    began_at: datetime  # the case was opened, or reopened by lending's refusal
    decided_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A case without a decision that settles it: it waits still, or ended before one."""

    application_id: str
    product: str
    opened_for: str
    began_at: datetime
    until: datetime  # now, or when it was withdrawn or closed
    ended: bool
    hand: str  # whoever holds it or was given it; empty for nobody


@dataclass(frozen=True)
class Work:
    """What was decided in a period, and what waits."""

    made: tuple[Made, ...]
    waiting: tuple[Waiting, ...]  # begun in the period, or in somebody's hands
    pauses: dict[str, tuple[Pause, ...]]  # by application


def work(engine: Engine, source: str, since: datetime, now: datetime, hidden: frozenset[str] = frozenset()) -> Work:
    """The work of a book since an instant, at one moment.

    hidden: applications whose decisions are left out, for whoever is to decide them again without knowing.
    """
    with state.reading(engine) as connection:
        made = tuple(each for each in _made(connection, source, since) if each.application_id not in hidden)
        rows = connection.execute(_undecided(source, since, now)).all()
        began = [*(each.began_at for each in made), *(row.opened_at for row in rows)]
        ids = {*(each.application_id for each in made), *(row.application_id for row in rows)}
        told = _told(connection, source, ids, min(began, default=now))
    waiting = tuple(_waiting(row, told.get(row.application_id, []), now) for row in rows)
    return Work(made, waiting, {application: tuple(_pauses(said)) for application, said in told.items()})


def decided_ever(engine: Engine, source: str) -> int:
    """How many decisions were taken on cases of a book."""
    counted = select(func.count()).select_from(review_decision).where(review_decision.c.source == source)
    with state.reading(engine) as connection:
        return int(connection.execute(counted).scalar_one())


def granted(engine: Engine, source: str, hidden: frozenset[str] = frozenset()) -> dict[str, str]:
    """The override of each application that was granted and whose decision stands; empty where it was none."""
    made, case_ = review_decision.c, review_case.c
    wanted = (
        select(made.application_id, made.override)
        .join_from(review_decision, review_case, _same_case(review_decision, review_case))
        .where(made.source == source, made.final, made.round == case_.round, made.outcome != "declined")
    )
    with state.reading(engine) as connection:
        return {row.application_id: row.override or "" for row in connection.execute(wanted) if row[0] not in hidden}


def _made(connection: Connection, source: str, since: datetime) -> list[Made]:
    before = decision_outbox.alias("before")
    reopened = and_(_same_case(review_decision, before), before.c.round == review_decision.c.round - 1)
    wanted = (
        select(
            review_decision, review_case.c.external_number, review_case.c.product, review_case.c.opened_for,
            review_case.c.amount_fen.label("asked_fen"), review_case.c.opened_at, before.c.state.label("before"),
            before.c.answered_at.label("reopened_at"),
        )
        .join_from(review_decision, review_case, _same_case(review_decision, review_case))
        .outerjoin(before, reopened)
        .where(review_decision.c.source == source, review_decision.c.decided_at >= since)
        .order_by(review_decision.c.decided_at, review_decision.c.application_id)
    )  # fmt: skip
    return [_decision(row) for row in connection.execute(wanted)]


def _decision(row: Row[Any]) -> Made:
    reasons = tuple(f"{each['ground']}:{each['code']}" for each in json.loads(row.reasons))
    refused = row.before == Delivery.REFUSED.value
    return Made(
        application_id=row.application_id, external_number=row.external_number, product=row.product,
        opened_for=row.opened_for, amount_fen=row.asked_fen, round=row.round, stage=row.stage,
        staff_email=row.staff_email, outcome=row.outcome, override=row.override or "", reasons=reasons,
        final=row.final, corrects=row.before == Delivery.CORRECTED.value, evidence_hash=row.evidence_hash,
        began_at=row.reopened_at if refused else row.opened_at, decided_at=row.decided_at, due_at=row.due_at,
    )  # fmt: skip


def _undecided(source: str, since: datetime, now: datetime) -> Select[Any]:
    """Cases without a decision: begun since, or in somebody's hands."""
    case = review_case.c
    undecided = case.state.in_([each.value for each in UNDECIDED])
    ended = case.state.in_([State.WITHDRAWN.value, State.CLOSED.value])
    in_hand = or_(case.assigned_to.is_not(None), case.lease_until > now)
    begun = case.opened_at >= since
    wanted = select(review_case).where(case.source == source, or_(undecided & or_(begun, in_hand), ended & begun))
    return wanted.order_by(case.application_id)


def _waiting(row: Row[Any], told: list[_Event], now: datetime) -> Waiting:
    held = row.lease_until is not None and row.lease_until > now
    over = row.state not in {each.value for each in UNDECIDED}
    ended_at = next((at for kind, at in told if kind in _ENDED), now)
    hand = "" if over else (row.lease_holder if held else row.assigned_to) or ""
    return Waiting(
        row.application_id, row.product, row.opened_for, row.opened_at, ended_at if over else now, over, hand
    )  # fmt: skip


def _told(connection: Connection, source: str, ids: set[str], since: datetime) -> dict[str, list[_Event]]:
    """What ended cases, and when information was awaited and came, by application and in its order."""
    named = {subject((source, application)): application for application in ids}
    event = audit_event.c
    wanted = select(event.subject, event.kind, event.at).where(
        event.kind.in_((_ASKED, *_INFORMED, *_ENDED)), event.at >= since
    )
    told: dict[str, list[_Event]] = {}
    for row in connection.execute(wanted.order_by(event.sequence)):
        if row.subject in named:
            told.setdefault(named[row.subject], []).append((row.kind, row.at))
    return told


def _pauses(told: list[_Event]) -> list[Pause]:
    found: list[Pause] = []
    for kind, at in told:
        if kind == _ASKED:
            found.append((at, None))
        elif found and found[-1][1] is None:
            found[-1] = (found[-1][0], at)
    return found


def _same_case(first: Any, second: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = and_(
        first.c.source == second.c.source, first.c.application_id == second.c.application_id
    )
    return same
