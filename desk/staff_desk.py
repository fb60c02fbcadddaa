"""The staff list as an administrator changes it on a page: what is refused comes back as a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk import staff, staff_changes
from desk.staff import Staff
from rules.refusal import Refused


@dataclass(frozen=True)
class StaffDesk:
    """The staff list, for one administrator. `translate`: a sentence of the catalogues in the reader's language."""

    engine: Engine
    by: str
    clock: Callable[[], datetime]
    translate: Callable[[str], str]

    def entry(self, email: str) -> tuple[Staff, bool] | None:
        """A member of staff and whether they are active; None where nobody has the address."""
        return next((each for each in staff.listed(self.engine) if each[0].email == email), None)

    def add(self, person: Staff) -> str | None:
        """Put somebody on the list."""
        return self._told(lambda now: staff_changes.add(self.engine, self.by, person, now))

    def change(self, seen: Staff, person: Staff) -> str | None:
        """Change an entry that was seen as it is."""
        return self._told(lambda now: staff_changes.change(self.engine, self.by, seen, person, now))

    def act(self, act: str, email: str) -> str | None:
        """Take access, give it back, end sessions, or allow another account."""
        acts: dict[str, Callable[[datetime], None]] = {
            "take_access": lambda now: staff_changes.set_active(self.engine, self.by, email, False, now),
            "give_access": lambda now: staff_changes.set_active(self.engine, self.by, email, True, now),
            "end_sessions": lambda now: staff_changes.end_sessions(self.engine, self.by, email, now),
            "allow_account": lambda now: staff_changes.unbind(self.engine, self.by, email, now),
        }
        return self._told(acts[act])

    def _told(self, change: Callable[[datetime], None]) -> str | None:
        try:
            change(self.clock())
        except Refused as refused:
            return self.translate(refused.sentence).format(**refused.values)
        return None
