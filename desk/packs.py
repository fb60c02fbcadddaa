"""Packs of month ends: commentary, versioned, and the act that freezes a month, each with its audit event.

A month is frozen once. From then on its pack says what it said then: figures and commentary are kept as they were, with
a digest that the audit chain holds too, and nobody writes on it any more.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, func, insert, select

from desk import audit, rights, staff, state
from desk.pack_tables import pack_comment, pack_frozen
from desk.staff import Staff
from desk.state import audit_event
from rules import pack
from rules.calendar import last_of_month
from rules.pack import Comment, Section
from rules.text import N_

LONGEST_COMMENT = 4000
_COMMENTED, _FROZEN = "pack.commented", "pack.frozen"


class PackError(ValueError):
    """It can't be written or frozen. The message is a sentence for people, to be translated."""


class PackDamagedError(RuntimeError):
    """A frozen pack is not what was frozen. The message is a sentence for people."""


@dataclass(frozen=True)
class Frozen:
    """A month's pack as it was frozen."""

    month_end: date
    figures: str  # of `rules.pack.to_text`
    comments: tuple[Comment, ...]
    digest: str
    at: datetime
    by: str  # the name of whoever froze it


@dataclass(frozen=True)
class PackDesk:
    """The pack of one month end of one book, for one member of staff who looks at one snapshot."""

    engine: Engine
    source: str
    month_end: date
    snapshot_id: str
    staff_email: str
    now: datetime

    def comments(self) -> dict[Section, Comment]:
        """What holds of each section that was written about; a text that was taken back is empty."""
        with state.reading(self.engine) as connection:
            return _comments(connection, self.source, self.month_end)

    def frozen(self) -> Frozen | None:
        """The month's pack as it was frozen; None where it is not. `PackDamagedError` where it was changed since."""
        row = pack_frozen.c
        wanted = select(pack_frozen).where(row.source == self.source, row.month_end == self.month_end)
        with state.reading(self.engine) as connection:
            found = connection.execute(wanted).one_or_none()
            if found is None:
                return None
            on_record = _digests(connection, self.source, self.month_end)
            by = _names(connection).get(found.staff_email, found.staff_email)
        if on_record != {found.digest} or pack.digest(found.figures, found.comments) != found.digest:
            raise PackDamagedError(
                f"The frozen pack of {self.month_end:%Y-%m} is not what was frozen: it was changed in the state "
                "database. Give a backup of it back, and verify the audit chain."
            )
        comments = tuple(
            Comment(Section(each["section"]), each["text"], datetime.fromisoformat(each["at"]), each["by"],
                    each["version"])
            for each in json.loads(found.comments)
        )  # fmt: skip
        return Frozen(found.month_end, found.figures, comments, found.digest, found.at, by)

    def comment(self, section: Section, text: str, after: int) -> None:
        """Write about a section. after: the version that the writer has seen, 0 for none; an empty text takes back.

        `PermissionError` where the person may not (any more); `PackError` where somebody else has written meanwhile,
        the month is frozen, or the text is too long or says what is said already.
        """
        said = "\n".join(line.rstrip() for line in text.strip().splitlines())
        if len(said) > LONGEST_COMMENT:
            raise PackError(N_("Write at most 4,000 characters about a section."))
        with self.engine.begin() as connection:
            audit.lock(connection)
            self._person(connection, "comment_pack")
            self._refuse_frozen(connection)
            held = _comments(connection, self.source, self.month_end).get(section)
            version = held.version if held else 0
            if version != after:
                raise PackError(N_("Somebody has written about this section meanwhile: look at it, then write again."))
            if said == (held.text if held else ""):
                raise PackError(N_("There is nothing new to keep."))
            connection.execute(
                insert(pack_comment),
                {
                    "source": self.source, "month_end": self.month_end, "section": section.value, "text": said,
                    "at": self.now, "staff_email": self.staff_email, "snapshot_id": self.snapshot_id,
                },
            )  # fmt: skip
            self._record(connection, _COMMENTED, {"section": section.value, "version": version + 1, "text": said})

    def freeze(self, figures: str, seen: Mapping[Section, int]) -> str:
        """Freeze the month with these figures and the commentary that holds; its digest.

        figures: `rules.pack.to_text`; seen: the version of each comment that was looked at. `PermissionError` where the
        person may not (any more); `PackError` where it is frozen already, or the commentary has changed meanwhile.
        """
        if last_of_month(self.month_end) != self.month_end or pack.from_text(figures).month_end != self.month_end:
            raise ValueError(f"{self.month_end} is not the month end of these figures")
        with self.engine.begin() as connection:
            audit.lock(connection)
            self._person(connection, "freeze_pack")
            self._refuse_frozen(connection)
            held = _comments(connection, self.source, self.month_end)
            if {section: each.version for section, each in held.items()} != dict(seen):
                raise PackError(N_("The commentary has changed meanwhile: look at it, then freeze the month."))
            comments = _as_text([held[section] for section in Section if section in held])
            digest = pack.digest(figures, comments)
            connection.execute(
                insert(pack_frozen),
                {
                    "source": self.source, "month_end": self.month_end, "figures": figures, "comments": comments,
                    "digest": digest, "at": self.now, "staff_email": self.staff_email, "snapshot_id": self.snapshot_id,
                },
            )  # fmt: skip
            self._record(connection, _FROZEN, {"digest": digest})
        return digest

    def _person(self, connection: Connection, act: str) -> Staff:
        person = staff.found(connection, self.staff_email)
        if person is None or not rights.may(person.role, act):
            raise PermissionError(act)
        return person

    def _refuse_frozen(self, connection: Connection) -> None:
        row = pack_frozen.c
        there = select(func.count()).where(row.source == self.source, row.month_end == self.month_end)
        if connection.execute(there).scalar_one():
            raise PackError(N_("This month is frozen: its pack can't be changed any more."))

    def _record(self, connection: Connection, kind: str, payload: Mapping[str, audit.Json]) -> None:
        told = {"source": self.source, "snapshot": self.snapshot_id, **payload}
        audit.append(connection, audit.Event(self.now, self.staff_email, kind, _subject(self.month_end), told))


def frozen_months(engine: Engine, source: str) -> frozenset[date]:
    """The month ends of a book that are frozen."""
    with state.reading(engine) as connection:
        wanted = select(pack_frozen.c.month_end).where(pack_frozen.c.source == source)
        return frozenset(connection.execute(wanted).scalars())


def _subject(month_end: date) -> str:
    return f"pack {month_end:%Y-%m}"


def _comments(connection: Connection, source: str, month_end: date) -> dict[Section, Comment]:
    row = pack_comment.c
    wanted = select(pack_comment).where(row.source == source, row.month_end == month_end).order_by(row.id)
    names, found = _names(connection), dict[Section, Comment]()
    for each in connection.execute(wanted):
        section = Section(each.section)
        version = found[section].version + 1 if section in found else 1
        by = names.get(each.staff_email, each.staff_email)
        found[section] = Comment(section, each.text, each.at, by, version)
    return found


def _names(connection: Connection) -> dict[str, str]:
    return {row.email: row.name for row in connection.execute(select(state.staff.c.email, state.staff.c.name))}


def _digests(connection: Connection, source: str, month_end: date) -> set[str]:
    """What the audit chain says that was frozen of a month."""
    row = audit_event.c
    wanted = select(row.payload).where(row.kind == _FROZEN, row.subject == _subject(month_end))
    told = (json.loads(payload) for payload in connection.execute(wanted).scalars())
    return {each["digest"] for each in told if each["source"] == source}


def _as_text(comments: list[Comment]) -> str:
    listed = [asdict(each) | {"section": each.section.value, "at": each.at.isoformat()} for each in comments]
    return json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
