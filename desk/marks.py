"""Marks: what staff judged of members whose rewards looked farmed, with the reason, recorded and audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Engine, Select, func, insert, select

from desk import audit, rights, staff, state
from desk.state import mark as table
from rules.text import N_

MOST_MEMBERS = 5_000  # of one judgement
LONGEST_REASON = 500
SHORTEST_REASON = 5
_KIND = "abuse.marked"
_AT_ONCE = 500


class Verdict(StrEnum):
    """What somebody judged."""

    FARMED = "farmed"  # the account was made to earn rewards
    CLEARED = "cleared"  # it was not, though the signals said so


class MarkError(ValueError):
    """A mark that can't be made. The message is a sentence for people, to be translated."""


@dataclass(frozen=True)
class Mark:
    """The newest judgement of one member."""

    member_id: str
    verdict: Verdict
    reason: str
    at: datetime
    staff_email: str
    snapshot_id: str


@dataclass(frozen=True)
class Judged:
    """A judgement: by whom, when, and on which snapshot of which book."""

    source: str
    snapshot_id: str
    staff_email: str
    at: datetime
    policy_from: date | None = None  # the version of the policy by which it was judged


def mark(engine: Engine, member_ids: Sequence[str], verdict: Verdict, reason: str, judged: Judged) -> None:
    """Record what was judged of some members, such as those of a ring, with its audit event in one transaction.

    `PermissionError` where the person may not mark (any more); `MarkError` where nobody is named or no reason is given.
    """
    members, said = tuple(dict.fromkeys(member_ids)), " ".join(reason.split())
    if not members:
        raise MarkError(N_("Choose whom to mark."))
    if len(members) > MOST_MEMBERS:
        raise MarkError(N_("Mark at most 5,000 members at once."))
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        raise MarkError(N_("Write the reason in 5 to 500 characters."))
    of_each = {
        "source": judged.source,
        "verdict": verdict,
        "reason": said,
        "at": judged.at,
        "staff_email": judged.staff_email,
        "snapshot_id": judged.snapshot_id,
        "policy_from": judged.policy_from,
    }
    payload: dict[str, audit.Json] = {
        "members": members,
        "verdict": verdict.value,
        "reason": said,
        "snapshot": judged.snapshot_id,
    }
    if judged.policy_from is not None:
        payload["policy_from"] = judged.policy_from.isoformat()
    with engine.begin() as connection:
        person = staff.found(connection, judged.staff_email)
        if person is None or not rights.may(person.role, "mark_abuse"):
            raise PermissionError("mark_abuse")
        for first in range(0, len(members), _AT_ONCE):
            rows = [{**of_each, "member_id": member} for member in members[first : first + _AT_ONCE]]
            connection.execute(insert(table), rows)
        subject = members[0] if len(members) == 1 else f"{members[0]} +{len(members) - 1}"
        audit.append(connection, audit.Event(judged.at, judged.staff_email, _KIND, subject, payload))


def farmed_members(engine: Engine, source: str) -> frozenset[str]:
    """The ids of the members of a book whose newest mark says that they were made to earn rewards."""
    return frozenset(each.member_id for each in listed(engine, source) if each.verdict is Verdict.FARMED)


def listed(engine: Engine, source: str) -> tuple[Mark, ...]:
    """The newest mark of every member of a book who has one, the newest mark first."""
    with state.reading(engine) as connection:
        rows = connection.execute(_newest(source).order_by(table.c.id.desc()))
        return tuple(
            Mark(row.member_id, Verdict(row.verdict), row.reason, row.at, row.staff_email, row.snapshot_id)
            for row in rows
        )


def _newest(source: str) -> Select[tuple[object, ...]]:
    newest = select(func.max(table.c.id)).where(table.c.source == source).group_by(table.c.member_id)
    return select(table).where(table.c.id.in_(newest))
