"""Verifies the audit chain from its first event to its head, and against heads that are kept elsewhere."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, String, inspect, select, true, type_coerce

from desk import audit_file, state
from desk.audit import Keeper
from desk.audit_file import DamagedHead, Head
from desk.audit_guards import GENESIS
from desk.state import audit_event, audit_head
from rules.text import N_

_AT_ONCE = 2_000  # rows
_AT = type_coerce(audit_event.c.at, String)  # as the database holds it: what was tampered with need be no instant


class Fault(StrEnum):
    """What is wrong with a chain."""

    GONE = "gone"
    OTHER_KEY = "other_key"
    MISSING = "missing"
    MOVED = "moved"
    CHANGED = "changed"
    CUT = "cut"
    REWRITTEN = "rewritten"
    HEAD = "head"
    FILE = "file"


SENTENCES = {
    Fault.GONE: N_("The tables of the audit chain are gone."),
    Fault.OTHER_KEY: N_("The audit chain was begun with another key than the one in use, so it can't be verified."),
    Fault.MISSING: N_("Event {sequence} is missing."),
    Fault.MOVED: N_("Event {sequence} does not follow the event before it."),
    Fault.CHANGED: N_("Event {sequence} was changed, or was not written by Loanboard."),
    Fault.CUT: N_("Event {sequence} and all after it were cut off: a head that went out names a later event."),
    Fault.REWRITTEN: N_("Event {sequence} is not the one whose head went out: the chain was rewritten."),
    Fault.HEAD: N_("The head in the database is not the newest event, {sequence}."),
    Fault.FILE: N_("The file of the head in the data folder was changed or torn."),
}


@dataclass(frozen=True)
class Broken:
    """The first thing that is wrong, and the event that it is wrong with."""

    fault: Fault
    sequence: int

    def __str__(self) -> str:
        return SENTENCES[self.fault].format(sequence=self.sequence)


@dataclass(frozen=True)
class Verified:
    """How the chain stands: from which event to which it was verified, and what is wrong first, if anything is."""

    first: int
    head: Head
    broken: Broken | None


def verify(engine: Engine, keeper: Keeper, heads: Iterable[Head] = (), newest: int | None = None) -> Verified:
    """Verify the chain at one moment, while it may be written: all of it, or so many of its newest events.

    Held against it are the head in the database, the one in the data folder and those that were deposited elsewhere
    (`heads`). What the events themselves show is told before what their heads show.
    """
    try:
        kept = audit_file.read(keeper.file)  # before the events, which may be added to meanwhile
    except DamagedHead:
        kept, damaged = None, True
    else:
        damaged = False
    if not all(inspect(engine).has_table(table.name) for table in (audit_event, audit_head)):
        return Verified(1, Head(0, GENESIS), Broken(Fault.GONE, 0))
    with state.reading(engine) as connection:
        row = connection.execute(select(audit_head)).first()
        before = _before(connection, newest)
        walk = _Walk(keeper, {*heads, *([] if kept is None else [kept])}, before)
        written = [each for each in audit_event.c if each is not audit_event.c.at]
        newer = audit_event.c.sequence > before.sequence if before.sequence else true()
        events = select(*written, _AT.label("written_at")).where(newer).order_by(audit_event.c.sequence)
        for each in connection.execution_options(yield_per=_AT_ONCE).execute(events):
            if not walk.on(each):
                break
    broken = walk.broken or walk.end(row)
    if broken is None and damaged:
        broken = Broken(Fault.FILE, walk.head.sequence)
    if broken is not None and broken.sequence <= 1 and row is not None and row.key_check != keeper.key_check:
        broken = Broken(Fault.OTHER_KEY, broken.sequence) if row.key_check is not None else broken
    return Verified(before.sequence + 1, walk.head, broken)


def _before(connection: Connection, newest: int | None) -> Head:
    """The event before those that are verified; it is taken as it is."""
    skipped = select(audit_event.c.sequence, audit_event.c.hash).order_by(audit_event.c.sequence.desc()).offset(newest)
    row = None if newest is None else connection.execute(skipped.limit(1)).first()
    return Head(0, GENESIS) if row is None else Head(row.sequence, row.hash)


class _Walk:
    """Goes from event to event until one is wrong."""

    def __init__(self, keeper: Keeper, outside: Iterable[Head], before: Head) -> None:
        self._keeper = keeper
        self._outside = defaultdict[int, set[str]](set)
        for head in outside:
            self._outside[head.sequence].add(head.hash)
        self.head = before
        self.broken: Broken | None = None

    def on(self, row: Any) -> bool:
        """Take the next event; whether it is right."""
        expected = self.head.sequence + 1
        fault = self._fault(row, expected)
        if fault is not None:
            self.broken = Broken(fault, min(expected, row.sequence))
            return False
        self.head = Head(row.sequence, row.hash)
        return True

    def end(self, row: Any) -> Broken | None:
        """What the heads show of a chain whose events are all right."""
        if max(self._outside, default=0) > self.head.sequence:
            return Broken(Fault.CUT, self.head.sequence + 1)
        if row is None or (row.sequence, row.hash) != (self.head.sequence, self.head.hash):
            return Broken(Fault.HEAD, self.head.sequence)
        if self.head.sequence and row.key_check != self._keeper.key_check:
            return Broken(Fault.HEAD, self.head.sequence)
        return None

    def _fault(self, row: Any, expected: int) -> Fault | None:
        if row.sequence != expected:
            return Fault.MISSING if row.sequence > expected else Fault.CHANGED
        if row.previous_hash != self.head.hash:
            return Fault.MOVED
        at = _instant(row.written_at)
        fields = (row.sequence, at, row.staff_email, row.kind, row.subject, row.payload, row.previous_hash)
        if self._keeper.hash_of([str(each) for each in fields]) != row.hash:
            return Fault.CHANGED
        return None if self._outside.get(row.sequence, {row.hash}) == {row.hash} else Fault.REWRITTEN


def _instant(held: object) -> str | None:
    """An instant as it was hashed; None where it is none."""
    try:
        read = held if isinstance(held, datetime) else datetime.fromisoformat(str(held))
    except ValueError:
        return None
    return read.replace(tzinfo=UTC).isoformat(timespec="microseconds")
