"""The audit chain: what staff did, one event after another, each bound to all before it by a keyed hash."""

import hmac
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, bindparam, event, insert, select, update

from desk import audit_file, keys, state
from desk.audit_file import DamagedHead, Head
from desk.state import StateError, audit_event, audit_head
from rules.settings import Settings

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

KEY_FILE = "audit.key"  # in the data folder, where LOANBOARD_AUDIT_KEY is not set
_KEEPER, _HEAD = "loanboard_audit_keeper", "loanboard_audit_head"
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,59}")

# Built once: every decision waits for these.
_LOCK = select(audit_head).with_for_update()
_ADD = insert(audit_event)
_MOVE = update(audit_head).values({name: bindparam(f"to_{name}") for name in ("sequence", "hash", "key_check")})

log = logging.getLogger("loanboard.audit")


@dataclass(frozen=True)
class Event:
    """What somebody did. `subject` is what it was done to, such as a case; the payload holds no personal data."""

    at: datetime
    staff_email: str
    kind: str  # such as "spend.entered"
    subject: str
    payload: Mapping[str, Json]

    def __post_init__(self) -> None:
        """An event that one database would keep otherwise than another is never begun."""
        if self.at.tzinfo is None:
            raise ValueError(f"{self.at} has no time zone")
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"{self.kind!r} is no kind of event")
        for text, length in ((self.staff_email, 320), (self.subject, 200)):
            if not 0 < len(text) <= length or "\x00" in text:
                raise ValueError(f"{text[:80]!r} is empty, too long or holds a zero")

    @property
    def written(self) -> str:
        """The payload as it is hashed and kept."""
        return json.dumps(
            dict(self.payload), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )


@dataclass(frozen=True)
class Keeper:
    """What keeps the chain of one installation: the key, and the file outside the database."""

    key: bytes = field(repr=False)
    file: Path

    @property
    def key_check(self) -> str:
        """Names the key without telling it."""
        return hmac.new(self.key, b"loanboard audit key", sha256).hexdigest()

    def hash(self, sequence: int, of: Event, previous_hash: str) -> str:
        """Covers the hash before and every field, each led by its length, so that nothing can move between fields."""
        at = of.at.astimezone(UTC).isoformat(timespec="microseconds")
        fields = (str(sequence), at, of.staff_email, of.kind, of.subject, of.written, previous_hash)
        return self.hash_of(fields)

    def hash_of(self, fields: Sequence[str]) -> str:
        """The keyed hash of texts in their order."""
        made = hmac.new(self.key, b"loanboard audit 1", sha256)
        for text in fields:
            encoded = text.encode()
            made.update(len(encoded).to_bytes(8, "big"))
            made.update(encoded)
        return made.hexdigest()


def open_state(settings: Settings) -> Engine:
    """The state database of an installation, with what keeps its chain."""
    engine = state.open_engine(settings.state_url)
    keep(engine, keeper(settings))
    return engine


def keeper(settings: Settings) -> Keeper:
    """What keeps the chain, by the settings; `SettingsError` where the data folder can't be written."""
    given = settings.audit_key
    key = keys.kept(settings.data_dir, KEY_FILE) if given is None else given.encode()
    return Keeper(key, settings.data_dir / audit_file.NAME)


def keep(engine: Engine, by: Keeper) -> None:
    """Let what is appended through this engine be hashed with the key, and its head go out after each commit."""
    engine.update_execution_options(**{_KEEPER: by})

    @event.listens_for(engine, "rollback")
    @event.listens_for(engine, "rollback_savepoint")
    def undone(connection: Connection, *_savepoint: Any) -> None:
        if not connection.invalidated:  # one that was lost is not given back, and its head never goes out
            connection.info.pop(_HEAD, None)

    @event.listens_for(engine, "checkin")  # the connection is given back: what was committed is committed
    def done(database: Any, record: Any) -> None:
        head = record.info.pop(_HEAD, None)
        if head is not None and database is not None:
            _go_out(by, head)


def append(connection: Connection, what: Event) -> int:
    """Add an event to the chain in the running transaction; its number.

    Call it last: from here on, whoever else appends waits for this transaction's end.
    """
    by: Keeper | None = connection.get_execution_options().get(_KEEPER)
    if by is None:
        raise RuntimeError("open the state database by desk.audit.open_state, or call desk.audit.keep")
    head = lock(connection)
    if head.key_check not in {None, by.key_check}:
        raise StateError(
            "The audit chain was begun with another key; set LOANBOARD_AUDIT_KEY to it, or give the data folder back "
            f"its {KEY_FILE}."
        )
    sequence = int(head.sequence) + 1
    made = by.hash(sequence, what, head.hash)
    row = {"sequence": sequence, "at": what.at, "staff_email": what.staff_email, "kind": what.kind}
    row |= {"subject": what.subject, "payload": what.written, "previous_hash": head.hash, "hash": made}
    connection.execute(_ADD, row)
    connection.execute(_MOVE, {"to_sequence": sequence, "to_hash": made, "to_key_check": by.key_check})
    if _goes_on(connection, by, Head(head.sequence, head.hash)):
        connection.info[_HEAD] = Head(sequence, made)
    return sequence


def lock(connection: Connection) -> Any:
    """Let nobody else append before this transaction's end; the head as it is. For what must not be done twice."""
    return connection.execute(_LOCK).one()


def newest(engine: Engine) -> Head:
    """The newest event as the database says."""
    with state.reading(engine) as connection:
        row = connection.execute(select(audit_head)).one()
    return Head(row.sequence, row.hash)


def _goes_on(connection: Connection, by: Keeper, newest: Head) -> bool:
    """Whether the chain still holds the head that went out last; else that one stays where it is, as evidence."""
    try:
        kept = audit_file.read(by.file)
    except (OSError, DamagedHead):
        return True  # what is wrong with it is told when the head goes out
    if kept is None or kept == newest:
        return True
    hash_ = connection.execute(select(audit_event.c.hash).where(audit_event.c.sequence == kept.sequence)).scalar()
    if hash_ == kept.hash:
        return True
    log.error("audit chain cut or rewritten", extra={"sequence": kept.sequence})
    return False


def _go_out(by: Keeper, head: Head) -> None:
    """The event is committed whatever happens here; that its head could not go out is in the log, and shows."""
    try:
        audit_file.write(by.file, head)
    except (OSError, DamagedHead) as error:
        log.error("audit head not written", extra={"sequence": head.sequence, "error": type(error).__name__})
