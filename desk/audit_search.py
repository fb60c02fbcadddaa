"""The audit chain as auditors read it: its events by kind, person, subject and time, and as rows of a file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pyarrow as pa
from sqlalchemy import ColumnElement, Engine, and_, func, select, true

from desk import state
from desk.state import audit_event as table
from rules.calendar import BUSINESS_ZONE

COLUMNS = ("sequence", "at", "staff_email", "kind", "subject", "payload", "hash")
LONGEST = 200
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Wanted:
    """Which events: what is empty leaves all. `about` is a part of the subject; the days are those of Asia/Shanghai."""

    kind: str = ""
    person: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Found:
    """One event; `payload` as it was hashed."""

    sequence: int
    at: datetime
    staff_email: str
    kind: str
    subject: str
    payload: str


@dataclass(frozen=True)
class Listed:
    """The newest of the events that were asked for, and how many there are in all."""

    newest: tuple[Found, ...]
    count: int


def find(engine: Engine, wanted: Wanted, limit: int) -> Listed:
    """The newest events that are wanted, at one moment."""
    row, condition = table.c, _condition(wanted)
    shown = (row.sequence, row.at, row.staff_email, row.kind, row.subject, row.payload)
    with state.reading(engine) as connection:
        count = connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
        newest = select(*shown).where(condition).order_by(row.sequence.desc()).limit(limit)
        return Listed(tuple(Found(*each) for each in connection.execute(newest)), count)


def kinds(engine: Engine) -> tuple[str, ...]:
    """The kinds of event that are on record."""
    with state.reading(engine) as connection:
        return tuple(connection.execute(select(table.c.kind).distinct().order_by(table.c.kind)).scalars())


def people(engine: Engine) -> tuple[str, ...]:
    """Who has done anything that is on record."""
    with state.reading(engine) as connection:
        return tuple(connection.execute(select(table.c.staff_email).distinct().order_by(table.c.staff_email)).scalars())


def batches(engine: Engine, wanted: Wanted) -> Iterator[pa.RecordBatch]:
    """All events that are wanted, in their order, as texts: with its hash each can be found again in the chain."""
    rows = select(*(table.c[name] for name in COLUMNS)).where(_condition(wanted)).order_by(table.c.sequence)
    with state.reading(engine) as connection:
        for part in connection.execution_options(yield_per=_AT_ONCE).execute(rows).partitions():
            columns = zip(*((each[0], each[1].isoformat(), *each[2:]) for each in part), strict=True)
            yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], names=list(COLUMNS))


def told(payload: str) -> str:
    """A payload as a line that people read: name: value, ...; what holds more is given as it is."""
    values = json.loads(payload)
    return ", ".join(f"{name}: {_plain(value)}" for name, value in values.items())


def _plain(value: object) -> str:
    if isinstance(value, dict) and set(value) == {"before", "after"}:
        return f"{_plain(value['before'])} → {_plain(value['after'])}"
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _condition(wanted: Wanted) -> ColumnElement[bool]:
    row = table.c
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.kind:
        conditions.append(row.kind == wanted.kind)
    if wanted.person:
        conditions.append(row.staff_email == wanted.person)
    if wanted.about:
        conditions.append(row.subject.contains(wanted.about[:LONGEST], autoescape=True))
    if wanted.first is not None:
        conditions.append(row.at >= _begins(wanted.first))
    if wanted.last is not None:
        conditions.append(row.at < _begins(wanted.last + timedelta(days=1)))
    return and_(*conditions)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), BUSINESS_ZONE)
