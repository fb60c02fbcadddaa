"""The history of one case: its events in their order, with the words and the decisions that belong to them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from desk import review_store, state
from desk.review_store import Key, of, subject
from desk.review_tables import decision_outbox, review_decision, review_note
from desk.state import audit_event, staff
from rules.review_case import Decision, Delivery


@dataclass(frozen=True)
class Told:
    """One event. `words` are those that it holds the hash of; None where they are gone or were changed since."""

    sequence: int
    at: datetime
    by: str  # an address, "lending" or "loanboard"
    kind: str
    payload: Mapping[str, Any]
    words: str | None = None
    decision: Decision | None = None  # where one was taken

    @property
    def lost_words(self) -> bool:
        """Whether words were said that do not stand as they were said."""
        return "words_sha256" in self.payload and self.words is None


@dataclass(frozen=True)
class Delivered:
    """How a decision stands with lending."""

    round: int
    state: Delivery
    since: datetime  # when it was to be delivered first
    tries: int
    told: str | None  # what went wrong at the last try, or what lending said
    answered_at: datetime | None


@dataclass(frozen=True)
class History:
    """All that is on record of a case, oldest first, and who is who."""

    events: tuple[Told, ...]
    deliveries: tuple[Delivered, ...]
    names: Mapping[str, str]  # by address


def read(engine: Engine, case: Key) -> History:
    """The history of a case at one moment."""
    wanted = select(audit_event).where(audit_event.c.subject == subject(case)).order_by(audit_event.c.sequence)
    notes = select(review_note.c.words).where(*of(review_note, case))
    decided = select(review_decision).where(*of(review_decision, case))
    sent = select(decision_outbox).where(*of(decision_outbox, case)).order_by(decision_outbox.c.round)
    with state.reading(engine) as connection:
        events = connection.execute(wanted).all()
        words = {review_store.digest(each): each for each in connection.execute(notes).scalars()}
        made = {(row.round, row.stage): review_store.decision_of(row) for row in connection.execute(decided)}
        deliveries = tuple(_delivered(row) for row in connection.execute(sent))
        names = {row.email: row.name for row in connection.execute(select(staff.c.email, staff.c.name))}
    return History(tuple(_told(row, words, made) for row in events), deliveries, names)


def newest(events: Iterable[Told], *kinds: str) -> Told | None:
    """The newest event of some kinds; None where there is none."""
    return next((each for each in reversed(tuple(events)) if each.kind in kinds), None)


def _told(row: Any, words: Mapping[str, str], made: Mapping[tuple[int, int], Decision]) -> Told:
    payload = json.loads(row.payload)
    stage = (payload.get("round"), payload.get("stage"))
    return Told(
        row.sequence, row.at, row.staff_email, row.kind, payload, words.get(payload.get("words_sha256")),
        made.get(stage) if row.kind == "case.decided" else None,
    )  # fmt: skip


def _delivered(row: Any) -> Delivered:
    return Delivered(row.round, Delivery(row.state), row.created_at, row.tries, row.told, row.answered_at)
