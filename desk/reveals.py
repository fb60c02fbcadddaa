"""Reveals: a direct identifier of an applicant, shown for minutes to somebody who said what for, on record first.

The record (the row, the words, the audit event) is one transaction, and it is committed before the loan database is
asked for the value; what is refused is on record too. A value is read anew each time it is drawn, and never kept.
"""

import json
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Engine, bindparam, insert, select

from desk import audit, review_once, review_store, rights, staff, state
from desk.audit import Json
from desk.reveal_tables import review_reveal as table
from desk.review import placed
from desk.review_store import Key, subject
from loanbook.evidence import ReviewBook
from rules.refusal import Refused
from rules.reveals import FIELDS, PURPOSES, told
from rules.review_case import UNDECIDED, Case
from rules.text import N_

REVEALED, REFUSED = "case.revealed", "case.reveal_refused"

_ADD = insert(table)
_ONE = select(table).where(table.c.id == bindparam("reveal"))
_NEWEST = (
    select(table)
    .where(*review_store.bound(table), table.c.staff_email == bindparam("by"), table.c.field == bindparam("shown"))
    .order_by(table.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see of the applicant of a case, and what for; asked again with its key, it is one wish."""

    key: str
    case: Key
    by: str
    field: str
    purpose: str
    words: str

    @property
    def digest(self) -> str:
        """Tells this wish from another one."""
        return sha256(json.dumps(astuple(self)).encode()).hexdigest()


@dataclass(frozen=True)
class Reveal:
    """A reveal that was granted; `id` is what a session holds of it."""

    id: int
    case: Key
    by: str
    field: str
    until: datetime


def grant(engine: Engine, asked: Asked, book: ReviewBook, minutes: int, now: datetime) -> Reveal:
    """Put a reveal on record; `Refused` where it is not granted, which goes on record as well."""
    if asked.field not in FIELDS or asked.purpose not in PURPOSES:
        raise ValueError(f"{asked.field!r} for {asked.purpose!r}")
    words, until = told(asked.words), now + timedelta(minutes=minutes)
    payload: dict[str, Json] = {"field": asked.field, "purpose": asked.purpose}
    try:
        with engine.begin() as connection:
            _refuse_unless_may(connection, asked.case, asked.by, asked.field, book, lock=True)
            if review_once.taken(connection, asked.key, asked.digest):
                return _granted(connection, asked)
            review_once.take(connection, asked.key, asked.by, asked.digest, now)
            values = {"source": asked.case[0], "application_id": asked.case[1], "staff_email": asked.by}
            values |= {"field": asked.field, "purpose": asked.purpose}
            added = connection.execute(_ADD.returning(table.c.id), {**values, "at": now, "until": until})
            number = int(added.scalar_one())
            payload |= review_store.add_note(connection, asked.case, asked.by, REVEALED, words, now)
            payload |= {"until": until.isoformat()}
            audit.append(connection, audit.Event(now, asked.by, REVEALED, subject(asked.case), payload))
    except Refused as refused:
        with engine.begin() as connection:
            why = {**payload, "why": refused.sentence}
            audit.append(connection, audit.Event(now, asked.by, REFUSED, subject(asked.case), why))
        raise
    return Reveal(number, asked.case, asked.by, asked.field, until)


def value(engine: Engine, reveal: Reveal, book: ReviewBook, now: datetime) -> str | None:
    """The identifier of a reveal that is on record and has not run out; None where the loan database has none.

    `Refused` once its time is over, or where the person's right or the case is no longer what it was.
    """
    with state.reading(engine) as connection:
        row = connection.execute(_ONE, {"reveal": reveal.id}).first()
        held = None if row is None else ((row.source, row.application_id), row.staff_email, row.field)
        if row is None or held != (reveal.case, reveal.by, reveal.field) or row.until <= now:
            raise Refused(N_("The time of this reveal is over."))
        case = _refuse_unless_may(connection, reveal.case, reveal.by, reveal.field, book)
    return book.personal.value(reveal.field, reveal.case[1], case.member_id)


def offered(role: staff.Role, book: ReviewBook) -> tuple[str, ...]:
    """What a role may reveal of those identifiers that the loan database holds."""
    return tuple(field for field in FIELDS if rights.may_reveal(role, field) and book.personal.has(field))


def initial(book: ReviewBook, member_id: str) -> str | None:
    """The first character of an applicant's name, for the mask that stands in its place."""
    return book.personal.initial(member_id)


def _granted(connection: Connection, asked: Asked) -> Reveal:
    """The reveal that a wish led to before."""
    row = connection.execute(_NEWEST, {**review_store.named(asked.case), "by": asked.by, "shown": asked.field}).one()
    return Reveal(row.id, asked.case, asked.by, asked.field, row.until)


def _refuse_unless_may(
    connection: Connection, key: Key, by: str, field: str, book: ReviewBook, *, lock: bool = False
) -> Case:
    """The case, where somebody may see a field of its applicant; looked up in this very transaction."""
    case = review_store.load(connection, key, lock=lock).case
    person = staff.found(connection, by)
    if person is None or not rights.may_reveal(person.role, field):
        raise Refused(N_("Your role may not reveal this."))
    if case.state not in UNDECIDED:
        raise Refused(N_("The case is decided or closed; its applicant's data is not revealed any more."))
    if placed(person, book).in_conflict(case.member_id, case.referred_by_id):
        raise Refused(N_("You are, referred, or were referred by the applicant; you may not see their data."))
    return case
