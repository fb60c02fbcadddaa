"""Cases between the tables and `rules.review_case`."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from desk.audit import Json
from desk.review_tables import review_case, review_decision, review_note
from rules.refusal import Refused
from rules.review_case import Case, Decision, Delivery, Ground, Lease, Outcome, Override, Reason, State
from rules.text import N_

Key = tuple[str, str]  # source and application_id


@dataclass(frozen=True)
class Stamp:
    """What a decision is stamped with when it is taken."""

    stage: int
    policy_from: date  # the version of the policy in force
    due_at: datetime | None  # the deadline at that moment; decisions of before that was recorded have none
    final: bool


_LONGEST = 200
_OF_CASE = ("source", "application_id")


def of(table: Any, key: Key) -> tuple[Any, Any]:
    """The rows of a case."""
    return table.c.source == key[0], table.c.application_id == key[1]


def bound(table: Any) -> list[Any]:
    """The rows of the case that `named` names, in a statement that is built once."""
    return [table.c[name] == bindparam(f"of_{name}") for name in _OF_CASE]


def named(key: Key) -> dict[str, Any]:
    """The values that `bound` waits for."""
    return {f"of_{name}": value for name, value in zip(_OF_CASE, key, strict=True)}


# Built once: building and comparing them took longer than running them.
_CASE = select(review_case).where(*bound(review_case))
_LOCKED = _CASE.with_for_update()
_DECISIONS = (
    select(review_decision).where(*bound(review_decision)).order_by(review_decision.c.round, review_decision.c.stage)
)
_OF_ROUND = _DECISIONS.where(review_decision.c.round == bindparam("in_round"))
_DECIDE, _NOTE = insert(review_decision), insert(review_note)
_FIXED = {
    *_OF_CASE, "external_number", "opened_for", "product", "tier", "applied_at", "default_probability", "signals"
}  # fmt: skip
_SAVE = (
    update(review_case)
    .where(
        *bound(review_case),
        review_case.c.version == bindparam("from_version"),
        review_case.c.tokens == bindparam("from_tokens"),
    )
    .values({each.name: bindparam(f"to_{each.name}") for each in review_case.c if each.name not in _FIXED})
)


class Loaded(NamedTuple):
    """A case, its round, and the number that lending gives its application."""

    case: Case
    round: int
    number: str


def load(connection: Connection, key: Key, *, lock: bool = False) -> Loaded:
    """A case as it stands; `Refused` where there is none. Locked, nobody else changes it before the end."""
    row = connection.execute(_LOCKED if lock else _CASE, named(key)).first()
    if row is None:
        raise Refused(N_("There is no case for application {application}."), application=key[1])
    decided = decisions(connection, key, row.round) if row.decisions else ()
    return Loaded(case_of(row, decided), int(row.round), row.external_number)


def decisions(connection: Connection, key: Key, round_: int | None = None) -> tuple[Decision, ...]:
    """What was decided of a case, in its order: in one round, or in all of them."""
    if round_ is None:
        rows = connection.execute(_DECISIONS, named(key))
    else:
        rows = connection.execute(_OF_ROUND, {**named(key), "in_round": round_})
    return tuple(decision_of(row) for row in rows)


def save(connection: Connection, key: Key, before: Case, after: Case, round_: int) -> None:
    """Write what has changed of a case that was loaded and locked."""
    values = {f"to_{name}": value for name, value in values_of(after).items()} | {"to_round": round_}
    held = {"from_version": before.version, "from_tokens": before.tokens}
    changed = connection.execute(_SAVE, {**named(key), **values, **held})
    if changed.rowcount != 1:
        raise RuntimeError(f"case {key[1]} was changed by somebody else though it was locked")


def add_decision(connection: Connection, key: Key, round_: int, made: Decision, stamp: Stamp) -> None:
    """Record a decision."""
    values = {"source": key[0], "application_id": key[1], "round": round_, "staff_email": made.by, **asdict(stamp)}
    values |= {name: getattr(made, name) for name in _PLAIN}
    values |= {"reasons": json.dumps([asdict(reason) for reason in made.reasons], ensure_ascii=False)}
    connection.execute(_DECIDE, values | {"decided_at": made.at})


def told(made: Decision, stamp: Stamp) -> dict[str, Json]:
    """What the event says of a decision: all of it, free words by their hash alone."""
    due: dict[str, Json] = {} if stamp.due_at is None else {"due_at": stamp.due_at.isoformat()}
    reasons = [
        {"ground": reason.ground.value, "code": reason.code, "words_sha256": digest(reason.words)}
        for reason in made.reasons
    ]
    return {
        "stage": stamp.stage, "final": stamp.final, "policy_from": stamp.policy_from.isoformat(), "role": made.role,
        "authority_fen": made.authority_fen, "outcome": made.outcome.value, "amount_fen": made.amount_fen,
        "override": made.override and made.override.value, "evidence_hash": made.evidence_hash, "reasons": reasons,
        "rationale_sha256": digest(made.rationale), **due,
    }  # fmt: skip


def add_note(connection: Connection, key: Key, by: str, kind: str, words: str, now: datetime) -> dict[str, Json]:
    """Keep what was said; what the event says of it. Words may name people, so they are kept apart from the chain."""
    values = {"source": key[0], "application_id": key[1], "at": now, "staff_email": by, "kind": kind, "words": words}
    connection.execute(_NOTE, values)
    return {"words_sha256": digest(words)}


def digest(words: str) -> str:
    """Tells whether words were changed."""
    return sha256(words.encode()).hexdigest()


def subject(key: Key) -> str:
    """What events of a case are found by; keys that are too long by their hash."""
    found = f"case {key[0]} {key[1]}"
    return found if len(found) <= _LONGEST else f"case {digest(found)}"


def values_of(case: Case) -> dict[str, Any]:
    """What the table keeps of a case, apart from its key, its round and what only the queue needs."""
    lease = case.lease
    return {
        "amount_fen": case.amount_fen, "member_id": case.member_id, "referred_by_id": case.referred_by_id,
        "opened_at": case.opened_at, "due_at": case.due_at, "state": case.state.value, "version": case.version,
        "tokens": case.tokens, "lease_holder": lease and lease.holder, "lease_until": lease and lease.until,
        "assigned_to": case.assigned_to, "escalated_by": case.escalated_by, "parked_until": case.parked_until,
        "asked_at": case.asked_at, "asked_hash": case.asked_hash,
        "left_seconds": None if case.left is None else round(case.left.total_seconds()),
        "decisions": len(case.decisions),
        "decided_at": case.decisions[-1].at if case.state is State.DECIDED else None,
        "corrected": json.dumps(sorted(case.corrected)), "delivery": case.delivery and case.delivery.value,
    }  # fmt: skip


def case_of(row: Row[Any], made: tuple[Decision, ...]) -> Case:
    """A case as its row and the decisions of its round say."""
    until: datetime | None = row.lease_until
    lease = None if row.lease_holder is None or until is None else Lease(row.lease_holder, row.tokens, until)
    return Case(
        application_id=row.application_id, amount_fen=row.amount_fen, member_id=row.member_id,
        referred_by_id=row.referred_by_id, opened_at=row.opened_at, due_at=row.due_at, state=State(row.state),
        version=row.version, tokens=row.tokens, lease=lease, assigned_to=row.assigned_to,
        escalated_by=row.escalated_by, parked_until=row.parked_until, asked_at=row.asked_at,
        asked_hash=row.asked_hash, left=None if row.left_seconds is None else timedelta(seconds=row.left_seconds),
        decisions=made,
        corrected=frozenset(json.loads(row.corrected)),
        delivery=None if row.delivery is None else Delivery(row.delivery),
    )  # fmt: skip


_PLAIN = ("role", "authority_fen", "outcome", "amount_fen", "rationale", "override", "evidence_hash")


def decision_of(row: Row[Any]) -> Decision:
    """A decision as its row says."""
    reasons = tuple(Reason(Ground(each["ground"]), each["code"], each["words"]) for each in json.loads(row.reasons))
    return Decision(
        by=row.staff_email, role=row.role, authority_fen=row.authority_fen, outcome=Outcome(row.outcome),
        amount_fen=row.amount_fen, reasons=reasons, rationale=row.rationale,
        override=None if row.override is None else Override(row.override), evidence_hash=row.evidence_hash,
        at=row.decided_at,
    )  # fmt: skip
