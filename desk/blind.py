"""Decided cases that a second person decides too: what they are asked for, what they must not see until then.

A second decision of this kind changes nothing of the case and is not sent to lending.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, update

from desk import audit, blind_draw, review, review_draft, review_store, rights, staff, state
from desk.audit import Json
from desk.blind_tables import review_blind as table
from desk.review import Rule
from desk.review_store import Key, subject
from desk.review_tables import review_decision
from loanbook.evidence import Seen
from loanbook.evidence_before import before
from rules import review_blind
from rules.refusal import Refused
from rules.review import Changed
from rules.review_blind import may_look
from rules.review_case import Case, Outcome, Override, Reason
from rules.review_reasons import LONGEST_WORDS, override, refuse_unless_complete
from rules.text import N_

SHORTEST_NOTE = 5


class Book(review.Book, Protocol):
    """The loan database, read live."""

    def seen(self, application_id: str) -> Seen:
        """What is seen of an application now."""


@dataclass(frozen=True)
class Look:
    """A case that somebody is asked to decide again."""

    case: Key
    external_number: str
    round: int
    asked_at: datetime


@dataclass(frozen=True)
class Second:
    """What somebody decides of such a case; `evidence_hash` is that of what `seen` showed them."""

    outcome: Outcome
    amount_fen: int | None
    reasons: tuple[Reason, ...]
    rationale: str
    evidence_hash: str


@dataclass(frozen=True)
class Pair:
    """What was decided of one case by two people who did not know of each other."""

    case: Key
    external_number: str
    first_by: str
    first: Outcome
    settled: Outcome  # what lending was sent
    second_by: str
    second: Outcome
    second_override: Override | None
    rationale: str
    decided_at: datetime
    noted_by: str | None

    @property
    def differs(self) -> bool:
        """Whether the second person decided otherwise than what lending was sent."""
        return self.second is not self.settled


def asked_of(engine: Engine, source: str, email: str) -> tuple[Look, ...]:
    """What somebody is asked to decide again, the longest asked first."""
    with state.reading(engine) as connection:
        return tuple(_look(row) for row in connection.execute(_open(source, email)))


def hidden_from(engine: Engine, source: str, email: str) -> frozenset[str]:
    """The applications whose decision somebody must not see yet, by any way: they are to decide them again unseeing."""
    return frozenset(look.case[1] for look in asked_of(engine, source, email))


def is_hidden(engine: Engine, case: Key, email: str) -> bool:
    """Whether somebody must not see yet how a case was decided."""
    return case[1] in hidden_from(engine, case[0], email)


@dataclass(frozen=True)
class Unseeing:
    """A case as it is shown to whoever decides it again: as it stood when it was first decided."""

    case: Case
    seen: Seen
    at: datetime


def unseeing(engine: Engine, case: Key, email: str, book: Book) -> Unseeing:
    """What somebody sees of a case that they are to decide again; `Refused` where they are not asked for it."""
    with state.reading(engine) as connection:
        row = _mine(connection, case, email)
        stands = review_store.load(connection, case).case
        at = _first_at(connection, case, row.round)
    return Unseeing(review_blind.unseeing(stands, email, at), before(book.seen(case[1]), at), at)


def decide(engine: Engine, case: Key, by: str, made: Second, book: Book, rule: Rule, now: datetime) -> bool:
    """Record a second decision, once; whether it differs from what lending was sent. `Refused` where it can't be taken.

    The loan database is read in the transaction: who decides has seen what stood there before the first decision.
    """
    with engine.begin() as connection:
        row = _mine(connection, case, by, lock=True)
        person = staff.found(connection, by)
        applicant = {"member_id": row.member_id, "referred_by_id": row.referred_by_id}
        if person is None or not may_look(review.placed(person, book), involved=frozenset(), **applicant):
            raise Refused(N_("You may not decide this case again; somebody else will be asked."))
        stood = before(book.seen(case[1]), _first_at(connection, case, row.round)).evidence
        if stood.hash != made.evidence_hash:
            raise Changed(stood)
        refuse_unless_complete(made.outcome, made.amount_fen, made.reasons, made.rationale, stood, rule.review)
        against = override(made.outcome, stood)
        values = {
            "outcome": made.outcome.value, "amount_fen": made.amount_fen, "rationale": made.rationale,
            "reasons": json.dumps([asdict(each) for each in made.reasons], ensure_ascii=False),
            "override": against and against.value, "evidence_hash": stood.hash, "policy_from": rule.since,
            "decided_at": now,
        }  # fmt: skip
        connection.execute(update(table).where(*_one(case, row.round)).values(values))
        review_draft.discard(connection, case, by)
        settled = _settled(connection, case, row.round)
        payload: dict[str, Json] = {
            "round": row.round, "outcome": made.outcome.value, "amount_fen": made.amount_fen,
            "override": against and against.value, "evidence_hash": stood.hash, "policy_from": rule.since.isoformat(),
            "reasons": [
                {"ground": each.ground.value, "code": each.code, "words_sha256": review_store.digest(each.words)}
                for each in made.reasons
            ],
            "rationale_sha256": review_store.digest(made.rationale), "settled": settled.value,
        }  # fmt: skip
        audit.append(connection, audit.Event(now, by, "blind.decided", subject(case), payload))
    return made.outcome is not settled


def pass_on(engine: Engine, case: Key, by: str, note: str, now: datetime) -> None:
    """Give a case back that one knows, or can't decide: somebody else will be asked. `Refused` without a word why."""
    _refuse_unless_said(note)
    with engine.begin() as connection:
        row = _mine(connection, case, by, lock=True)
        review_store.add_note(connection, case, by, "blind.asked", note, now)
        blind_draw.ask(connection, row, None, now, by=by)


def pairs(engine: Engine, source: str, since: datetime | None = None) -> tuple[Pair, ...]:
    """What was decided twice by people who did not know of each other, the newest first."""
    first, settled = review_decision.alias("first"), review_decision.alias("settled")
    wanted = (
        blind_draw.standing(source)
        .add_columns(
            first.c.staff_email.label("first_by"), first.c.outcome.label("first"), settled.c.outcome.label("settled")
        )
        .join(first, _of_look(first) & (first.c.stage == 1))
        .join(settled, _of_look(settled) & settled.c.final)
        .where(table.c.decided_at.is_not(None))
        .order_by(None)
        .order_by(table.c.decided_at.desc(), table.c.application_id)
    )
    if since is not None:
        wanted = wanted.where(table.c.decided_at >= since)
    with state.reading(engine) as connection:
        return tuple(_pair(row) for row in connection.execute(wanted))


def differing(engine: Engine, source: str) -> tuple[Pair, ...]:
    """Those that differ and that no senior has taken note of."""
    return tuple(pair for pair in pairs(engine, source) if pair.differs and pair.noted_by is None)


def take_note(engine: Engine, case: Key, by: str, note: str, now: datetime) -> None:
    """Record that somebody responsible has looked at a case whose two decisions differ, and what they make of it.

    The decision that lending was sent stays as it is; `PermissionError` where the person is not responsible for it.
    """
    _refuse_unless_said(note)
    with engine.begin() as connection:
        person = staff.found(connection, by)
        if person is None or not rights.may(person.role, "note_second_decisions"):
            raise PermissionError("note_second_decisions")
        looked = connection.execute(
            blind_draw.standing(case[0])
            .where(table.c.application_id == case[1], table.c.decided_at.is_not(None))
            .with_for_update(of=table)
        ).first()
        if looked is None:
            raise Refused(N_("This case was not decided twice, or was reopened since."))
        if looked.noted_by is not None:
            raise Refused(N_("{who} has taken note of it already."), who=looked.noted_by)
        if by in {looked.asked_of, *(each.by for each in review_store.decisions(connection, case, looked.round))}:
            raise Refused(N_("You have decided on this case; somebody else takes note of it."))
        values = {"noted_by": by, "noted_at": now}
        connection.execute(update(table).where(*_one(case, looked.round)).values(values))
        payload = {"round": looked.round, **review_store.add_note(connection, case, by, "blind.noted", note, now)}
        audit.append(connection, audit.Event(now, by, "blind.noted", subject(case), payload))


def _open(source: str, email: str) -> Any:
    asked = blind_draw.standing(source).where(table.c.asked_of == email, table.c.decided_at.is_(None))
    return asked.order_by(None).order_by(table.c.asked_at, table.c.application_id)


def _mine(connection: Connection, case: Key, email: str, *, lock: bool = False) -> Row[Any]:
    """What somebody is asked for of a case; `Refused` where they are not, or have decided it."""
    wanted = _open(case[0], email).where(table.c.application_id == case[1])
    row = connection.execute(wanted.with_for_update(of=table) if lock else wanted).first()
    if row is None:
        raise Refused(N_("You are not, or no longer, asked to decide this case again."))
    return row


def _first_at(connection: Connection, case: Key, round_: int) -> datetime:
    return review_store.decisions(connection, case, round_)[0].at


def _settled(connection: Connection, case: Key, round_: int) -> Outcome:
    return review_store.decisions(connection, case, round_)[-1].outcome


def _one(case: Key, round_: int) -> tuple[Any, ...]:
    return (*review_store.of(table, case), table.c.round == round_)


def _of_look(decision: Any) -> Any:
    one = decision.c
    return (
        (one.source == table.c.source) & (one.application_id == table.c.application_id) & (one.round == table.c.round)
    )


def _look(row: Row[Any]) -> Look:
    return Look((row.source, row.application_id), row.external_number, row.round, row.asked_at)


def _pair(row: Row[Any]) -> Pair:
    return Pair(
        (row.source, row.application_id), row.external_number, row.first_by, Outcome(row.first), Outcome(row.settled),
        row.asked_of, Outcome(row.outcome), None if row.override is None else Override(row.override),
        row.rationale, row.decided_at, row.noted_by,
    )  # fmt: skip


def _refuse_unless_said(words: str) -> None:
    if len(words.strip()) < SHORTEST_NOTE:
        raise Refused(N_("Write in a few words what this is about."))
    if len(words) > LONGEST_WORDS:
        raise Refused(N_("Say it in {count} characters or fewer."), count=LONGEST_WORDS)
