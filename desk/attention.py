"""What staff have said that they know of, with their note: recorded and audited, so that nothing is told twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, insert, select

from desk import audit, rights, staff, state
from desk.state import attention_note as table
from rules.attention import LONGEST_KEY, Acknowledged
from rules.text import N_

LONGEST_NOTE, SHORTEST_NOTE = 500, 5
_KIND = "attention.acknowledged"


class NoteError(ValueError):
    """A note that can't be kept. The message is a sentence for people, to be translated."""


@dataclass(frozen=True)
class AttentionDesk:
    """What is known of one book's items, for one member of staff."""

    engine: Engine
    source: str
    snapshot_id: str
    staff_email: str
    now: datetime

    def known(self) -> dict[str, Acknowledged]:
        """The newest acknowledgement of each item, by its key."""
        newest = select(func.max(table.c.id)).where(table.c.source == self.source).group_by(table.c.key)
        with state.reading(self.engine) as connection:
            rows = connection.execute(select(table).where(table.c.id.in_(newest)))
            return {row.key: Acknowledged(row.size, row.at) for row in rows}

    def acknowledge(self, key: str, size: float, note: str) -> None:
        """Record that somebody knows of an item, as bad as it is now, with its audit event in one transaction.

        `PermissionError` where the person may not (any more); `NoteError` where the note says nothing.
        """
        said = " ".join(note.split())
        if not SHORTEST_NOTE <= len(said) <= LONGEST_NOTE:
            raise NoteError(N_("Write in 5 to 500 characters what you know of it or do about it."))
        subject = key[:LONGEST_KEY]
        row = {
            "source": self.source,
            "key": subject,
            "size": size,
            "note": said,
            "at": self.now,
            "staff_email": self.staff_email,
            "snapshot_id": self.snapshot_id,
        }
        payload = {"note": said, "size": repr(size), "snapshot": self.snapshot_id}
        with self.engine.begin() as connection:
            person = staff.found(connection, self.staff_email)
            if person is None or not rights.may(person.role, "acknowledge"):
                raise PermissionError("acknowledge")
            connection.execute(insert(table), [row])
            audit.append(connection, audit.Event(self.now, self.staff_email, _KIND, subject, payload))
