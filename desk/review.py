"""Review on record: each action one transaction on the state database, with its audit event and outbox row, or nothing.

Whoever acts hands over what they saw (lease token, version, hash of the evidence); all of it has to hold when the case
is locked and its evidence was read again. An action that is asked for twice with one key is taken once.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol

from sqlalchemy import Connection, Engine

from desk import audit, review_draft, review_once, review_outbox, review_store, staff, state
from desk.audit import Json
from desk.review_store import Key, Loaded, subject
from rules import review
from rules.refusal import Refused
from rules.review_actions import Action, Ask, Assign, Correct, Decide, Moment, Park
from rules.review_case import Case, Evidence, Person, State
from rules.review_policy import ReviewPolicy
from rules.text import N_

_KINDS = {
    "Claim": "case.claimed", "GiveUp": "case.given_up", "Decide": "case.decided", "Ask": "case.asked",
    "Answer": "case.answered", "Note": "case.noted", "Park": "case.parked", "Escalate": "case.escalated",
    "Assign": "case.assigned", "Withdraw": "case.withdrawn", "Correct": "case.correction_begun",
}  # fmt: skip


class Book(Protocol):
    """The loan database, read live."""

    def evidence(self, application_id: str) -> Evidence:
        """What is seen of an application now."""

    def referrer(self, member_id: str) -> str | None:
        """Who referred a member."""


@dataclass(frozen=True)
class Rule:
    """The policy in force, and since when it is."""

    review: ReviewPolicy
    since: date


@dataclass(frozen=True)
class Asked:
    """Somebody's action on a case; `key` is new for each action that is meant, and the same when it is sent again."""

    key: str
    case: Key
    by: str
    action: Action

    @property
    def kind(self) -> str:
        """What the event is called."""
        return _KINDS[type(self.action).__name__]

    @property
    def digest(self) -> str:
        """Tells this action from another one."""
        told = json.dumps([self.case, self.by, self.kind, asdict(self.action)], default=str)
        return sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class Done:
    """The case as it is after an action; `again` where the action had been taken before."""

    case: Case
    again: bool = False


def perform(engine: Engine, asked: Asked, book: Book, rule: Rule, now: datetime) -> Done:
    """Take an action; `Refused` where it is not taken, and then nothing is written.

    The loan database is read while the case is locked, so that a decision is bound to what it says at that moment.
    """
    with engine.begin() as connection:
        held = review_store.load(connection, asked.case, lock=True)
        before, meant = held.case, asked.digest
        if review_once.taken(connection, asked.key, meant):
            return Done(before, again=True)
        person = _person(connection, asked.by, book)
        asked = replace(asked, action=_current(connection, asked.action, book))
        evidence = book.evidence(asked.case[1]) if isinstance(asked.action, Decide | Ask) else None
        after = review.act(before, person, asked.action, Moment(now, rule.review, evidence))
        if after.version == before.version:  # a lease was kept alive: nobody needs to know that later
            review_store.save(connection, asked.case, before, after, held.round)
        else:
            review_once.take(connection, asked.key, asked.by, meant, now)
            _write(connection, asked, held, after, rule, now)
    return Done(after)


def read(engine: Engine, case: Key) -> Case:
    """A case as it stands."""
    with state.reading(engine) as connection:
        return review_store.load(connection, case).case


def _write(connection: Connection, asked: Asked, held: Loaded, after: Case, rule: Rule, now: datetime) -> None:
    round_ = held.round
    payload: dict[str, Json] = {"version": after.version, "round": round_, **_told(asked.action)}
    reopened = isinstance(asked.action, Correct)
    review_store.save(connection, asked.case, held.case, after, round_ + reopened)
    if reopened:
        review_outbox.correct(connection, asked.case, round_, now)
    if isinstance(asked.action, Decide):
        payload |= _decide(connection, asked, held, after, rule)
    words = getattr(asked.action, "note", None) or getattr(asked.action, "question", None)
    if words is not None:
        payload |= review_store.add_note(connection, asked.case, asked.by, asked.kind, words, now)
    audit.append(connection, audit.Event(now, asked.by, asked.kind, subject(asked.case), payload))


def _decide(connection: Connection, asked: Asked, held: Loaded, after: Case, rule: Rule) -> dict[str, Json]:
    """Record a decision, and what lending is to do where it settles the case; what the event says of it."""
    made, final = after.decisions[-1], after.state is State.DECIDED
    stage = len(after.decisions)
    stamp = review_store.Stamp(stage, rule.since, after.due_at, final)
    review_store.add_decision(connection, asked.case, held.round, made, stamp)
    review_draft.discard(connection, asked.case, asked.by)
    if final:
        review_outbox.put(connection, asked.case, held, made, rule.since)
    return review_store.told(made, stamp)


def _told(action: Action) -> dict[str, Json]:
    """What the event says of an action beside its words."""
    if isinstance(action, Park):
        return {"until": action.until.isoformat()}
    if isinstance(action, Assign):
        return {"to": None if action.to is None else action.to.email}
    return {}


def _person(connection: Connection, email: str, book: Book) -> Person:
    """Who acts, as the staff list says in this very transaction."""
    person = staff.found(connection, email)
    if person is None:
        raise Refused(N_("{email} has no access any more; nothing was recorded."), email=email)
    return placed(person, book)


def _current(connection: Connection, action: Action, book: Book) -> Action:
    """An action that names somebody else, with them as they are now."""
    if not isinstance(action, Assign) or action.to is None:
        return action
    person = staff.found(connection, action.to.email)
    if person is None:
        raise Refused(N_("{email} is not on the staff list."), email=action.to.email)
    return replace(action, to=placed(person, book))


def placed(person: staff.Staff, book: Book) -> Person:
    """A member of staff as rules of review see them, with who referred them where they are a member."""
    referrer = None if person.member_id is None else book.referrer(person.member_id)
    return Person(person.email, person.role.value, person.authority_fen, person.member_id, referrer)
