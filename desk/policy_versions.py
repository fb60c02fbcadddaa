"""Every version of the policy on record: what changed, who changed and who approved it, when it was first in use."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from desk import audit, state
from desk.audit import Json
from desk.blind_tables import policy_version as table
from desk.review_opening import LOANBOARD
from rules.policy import Policy
from rules.policy_changes import Change, Content, changes, content

_LONGEST_TOLD = 200  # changes that an event tells one by one; the table has all


@dataclass(frozen=True)
class Recorded:
    """A version of the policy, as it was first seen, or seen changed."""

    effective_from: date
    digest: str  # empty where the version was taken back
    changes: tuple[Change, ...]  # against the version that it follows; none of the first
    changed_by: str  # as the policy file says; empty where it does not
    approved_by: str
    seen_at: datetime
    rewritten: bool  # another one of the same date was on record before

    @property
    def taken_back(self) -> bool:
        """Whether the policy file does not have it any more."""
        return not self.digest


def record(engine: Engine, policies: tuple[Policy, ...], now: datetime) -> int:
    """Put versions on record that are not, each with an event; how many were.

    A version that was changed after it was seen is recorded anew, against what it was; one that is gone is recorded as
    taken back. Of several processes that start at once one records.
    """
    with state.reading(engine) as connection:
        if not list(_new(connection, policies)):
            return 0
    with engine.begin() as connection:
        audit.lock(connection)
        new = list(_new(connection, policies))
        for values, kind in new:
            connection.execute(insert(table), values | {"seen_at": now})
            told: list[Json] = list(json.loads(values["changes"]))
            payload: dict[str, Json] = {
                "effective_from": values["effective_from"].isoformat(), "digest": values["digest"],
                "changed_by": values["changed_by"], "approved_by": values["approved_by"],
                "changes": told[:_LONGEST_TOLD], "fields": len(told),
            }  # fmt: skip
            audit.append(connection, audit.Event(now, LOANBOARD, kind, f"policy {values['effective_from']}", payload))
    return len(new)


def listed(engine: Engine) -> tuple[Recorded, ...]:
    """All that is on record, what was recorded last first."""
    with state.reading(engine) as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).all()
    found, seen = [], set()
    for row in rows:
        told = tuple(Change(**each) for each in json.loads(row.changes))
        found.append(
            Recorded(
                row.effective_from, row.digest, told, row.changed_by, row.approved_by, row.seen_at,
                rewritten=row.effective_from in seen,
            )
        )  # fmt: skip
        seen.add(row.effective_from)
    return tuple(reversed(found))


def _new(connection: Connection, policies: tuple[Policy, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    """The rows that are missing, with what their events are called."""
    latest = select(func.max(table.c.id)).group_by(table.c.effective_from)
    known = {row.effective_from: row for row in connection.execute(select(table).where(table.c.id.in_(latest)))}
    before: Content | None = None
    for version in policies:
        said = content(version)
        digest = _digest(said)
        was = known.get(version.effective_from)
        if was is None or was.digest != digest or (was.changed_by, was.approved_by) != _who(version):
            changed = was is not None and bool(was.digest)
            follows = json.loads(was.content) if was is not None and changed else before
            differs = () if follows is None else changes(follows, said)
            values = _values(version.effective_from, digest, said, differs, *_who(version))
            yield values, "policy.rewritten" if changed else "policy.version"
        before = said
    there = {version.effective_from for version in policies}
    for day, row in sorted(known.items()):
        if day not in there and row.digest:
            yield _values(day, "", {}, (), row.changed_by, row.approved_by), "policy.taken_back"


def _who(version: Policy) -> tuple[str, str]:
    return version.changed_by, version.approved_by


def _values(
    day: date, digest: str, said: Content, differs: tuple[Change, ...], changed_by: str, approved_by: str
) -> dict[str, Any]:
    told = json.dumps([asdict(each) for each in differs], ensure_ascii=False)
    written = json.dumps(dict(said), ensure_ascii=False, sort_keys=True)
    return {
        "effective_from": day, "digest": digest, "content": written, "changes": told, "changed_by": changed_by,
        "approved_by": approved_by,
    }  # fmt: skip


def _digest(said: Content) -> str:
    return sha256(json.dumps(dict(said), ensure_ascii=False, sort_keys=True).encode()).hexdigest()
