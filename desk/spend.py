"""Spend that marketing enters: taken in whole or not at all, an invoice in place of its estimate, each time audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, Row, insert, select, update

from desk import audit, rights, staff, state
from desk.audit import Event
from desk.state import spend_entry, spend_upload
from rules.spend import Entry, Kept, Stage, Taken, Upload, against_stored

_KEY = ("day", "campaign", "creator", "post", "code", "kind")


@dataclass(frozen=True)
class File:
    """A file as it was uploaded."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """By which the same file is known again."""
        return sha256(self.content).hexdigest()


def enter(
    engine: Engine,
    source: str,
    entries: Sequence[tuple[int, Entry]],
    *,
    staff_email: str,
    at: datetime,
    file: File | None = None,
) -> Taken:
    """Store entries of a book with their audit event in one transaction, or none where any of them can't be stored.

    entries: each with its row in the file. `PermissionError` where the person may not enter spend (any more). What is
    stored already as it is stays; another amount takes the place of the one before, which is kept as replaced.
    """
    with engine.begin() as connection:
        _require(connection, staff_email)
        _one_after_another(connection)
        if file is not None and (earlier := _earlier(connection, source, file.digest)) is not None:
            return Taken(earlier=earlier)
        stored = _in_force(connection, source, entries)
        faults = against_stored(entries, {key: Stage(row.stage) for key, row in stored.items()})
        if faults:
            return Taken(faults=faults)
        new = [entry for _number, entry in entries if entry.key not in stored]
        other = [entry for _number, entry in entries if entry.key in stored and not _is(stored[entry.key], entry)]
        if not new and not other and file is None:
            return Taken(unchanged=len(entries))
        upload = None if file is None else _upload(connection, source, file, len(entries), staff_email, at)
        replaced = [stored[entry.key].id for entry in other]
        for place in range(0, len(replaced), 500):
            some = spend_entry.c.id.in_(replaced[place : place + 500])
            connection.execute(update(spend_entry).where(some).values(replaced_at=at))
        if new or other:
            about = {"source": source, "at": at, "staff_email": staff_email, "upload_id": upload}
            connection.execute(insert(spend_entry), [{**_row(entry), **about} for entry in [*new, *other]])
        audit.append(connection, _event(source, new, other, stored, file, staff_email, at))
        return Taken(len(new), len(other), len(entries) - len(new) - len(other))


def in_force(engine: Engine, source: str) -> tuple[Kept, ...]:
    """The entries of a book that are in force, the newest first."""
    row = spend_entry.c
    with state.reading(engine) as connection:
        rows = connection.execute(
            select(spend_entry)
            .where(row.source == source, row.replaced_at.is_(None))
            .order_by(row.at.desc(), row.id.desc())
        ).all()
    return tuple(Kept(_entry(each), each.at, each.staff_email) for each in rows)


def _require(connection: Connection, staff_email: str) -> None:
    """The right is looked up in the transaction that writes."""
    person = staff.found(connection, staff_email)
    if person is None or not rights.may(person.role, "enter_spend"):
        raise PermissionError("enter_spend")


def _one_after_another(connection: Connection) -> None:
    """Two who enter the same at once follow each other; SQLite's transactions do so anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('loanboard spend'))")


def _earlier(connection: Connection, source: str, digest: str) -> Upload | None:
    row = spend_upload.c
    found = connection.execute(select(spend_upload).where(row.source == source, row.digest == digest)).first()
    return None if found is None else Upload(found.name, found.at, found.staff_email, found.rows)


def _in_force(
    connection: Connection, source: str, entries: Sequence[tuple[int, Entry]]
) -> dict[tuple[object, ...], Row[tuple[object, ...]]]:
    """The entries in force on the days of new ones, by key."""
    days = [entry.day for _number, entry in entries]
    row = spend_entry.c
    found = connection.execute(
        select(spend_entry).where(
            row.source == source, row.replaced_at.is_(None), row.day >= min(days), row.day <= max(days)
        )
    )
    return {tuple(getattr(each, name) for name in _KEY): each for each in found}


def _is(stored: Row[tuple[object, ...]], entry: Entry) -> bool:
    return (stored.stage, stored.amount_fen, stored.clicks) == (entry.stage.value, entry.amount_fen, entry.clicks)


def _upload(connection: Connection, source: str, file: File, rows: int, staff_email: str, at: datetime) -> int:
    values = {"source": source, "digest": file.digest, "name": file.name[:200], "rows": rows, "at": at}
    made = connection.execute(insert(spend_upload).values(**values, staff_email=staff_email))
    [number] = made.inserted_primary_key or [0]
    return int(number)


def _row(entry: Entry) -> dict[str, object]:
    return {**dict(zip(_KEY, entry.key, strict=True)), "stage": entry.stage.value, "amount_fen": entry.amount_fen,
            "clicks": entry.clicks}  # fmt: skip


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(
        **{name: getattr(row, name) for name in _KEY},
        stage=Stage(row.stage),
        amount_fen=row.amount_fen,
        clicks=row.clicks,
    )


def _event(
    source: str,
    new: Sequence[Entry],
    other: Sequence[Entry],
    stored: dict[tuple[object, ...], Row[tuple[object, ...]]],
    file: File | None,
    staff_email: str,
    at: datetime,
) -> Event:
    """Every change with what was there before."""
    changes = [
        {
            **{name: str(value) for name, value in _row(entry).items() if name not in {"amount_fen", "clicks"}},
            "amount_fen": entry.amount_fen,
            "clicks": entry.clicks,
            "before_stage": None if entry.key not in stored else str(stored[entry.key].stage),
            "before_amount_fen": None if entry.key not in stored else int(stored[entry.key].amount_fen),
        }
        for entry in [*new, *other]
    ]
    told = {"source": source, "entries": changes, "file": None if file is None else file.name[:200],
            "digest": None if file is None else file.digest}  # fmt: skip
    return Event(at, staff_email, "spend.entered", source[:200], told)
