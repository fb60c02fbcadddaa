"""Marks as a page shows and records them: what a member of staff judges on one snapshot of one book."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from desk import marks, staff
from desk.marks import Judged, MarkError, Verdict
from rules.calendar import BUSINESS_ZONE
from rules.text import N_


@dataclass(frozen=True)
class MarkDesk:
    """The marks of one book, for one member of staff."""

    engine: Engine
    source: str
    snapshot_id: str
    staff_email: str
    clock: Callable[[], datetime]
    policy_from: date | None = None

    def rows(self) -> list[tuple[str, str, str, datetime, str]]:
        """The newest mark of every member: member_id, verdict, reason, at (Asia/Shanghai), the name of who judged."""
        names = {person.email: person.name for person, _active in staff.listed(self.engine)}
        return [
            (
                each.member_id,
                each.verdict.value,
                each.reason,
                each.at.astimezone(BUSINESS_ZONE).replace(tzinfo=None),
                names.get(each.staff_email, each.staff_email),
            )
            for each in marks.listed(self.engine, self.source)
        ]

    def mark(self, member_ids: Sequence[str], verdict: str, reason: str) -> str | None:
        """Record a verdict; the sentence that says why it was not, to be translated."""
        judged = Judged(self.source, self.snapshot_id, self.staff_email, self.clock(), self.policy_from)
        try:
            marks.mark(self.engine, member_ids, Verdict(verdict), reason, judged)
        except MarkError as error:
            return str(error)
        except PermissionError:
            return N_("Your role may not judge this any more.")
        return None
