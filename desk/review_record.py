"""Holds the decisions and what lending is told against the audit chain, which tells each of them."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from desk import review_store, state
from desk.review_store import subject
from desk.review_tables import decision_outbox, review_decision
from desk.state import audit_event
from rules.text import N_

_AT_ONCE = 2_000

CHANGED = N_(
    "The decision on application {application} (round {round}, stage {stage}) is not what event {sequence} tells."
)
MISSING = N_("The decision that event {sequence} tells of ({subject}) is missing.")
UNTOLD = N_("The decision on application {application} (round {round}, stage {stage}) is told by no event.")
OUTBOX = N_("What lending is told on application {application} (round {round}) is not what was decided.")


@dataclass(frozen=True)
class Difference:
    """What is wrong with the first decision that is; `sentence` stands in the catalogues, `values` fill its gaps."""

    sentence: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


def first_difference(engine: Engine) -> Difference | None:
    """The first decision that the chain tells otherwise, at one moment; None where all are as they were taken.

    The chain itself is verified by `desk.audit_chain`; this says whether what the pages show is what it tells.
    """
    with state.reading(engine) as connection:
        stands = {}
        for row in connection.execute(select(review_decision).execution_options(yield_per=_AT_ONCE)):
            made = review_store.decision_of(row)
            stamp = review_store.Stamp(row.stage, row.policy_from, row.due_at, row.final)
            told = review_store.told(made, stamp)
            who = {"at": row.decided_at.isoformat(), "by": made.by}
            where = (subject((row.source, row.application_id)), row.round, row.stage)
            stands[where] = (row.application_id, told | who)
        events = select(audit_event).where(audit_event.c.kind == "case.decided").order_by(audit_event.c.sequence)
        for event in connection.execute(events.execution_options(yield_per=_AT_ONCE)):
            payload = json.loads(event.payload)
            where = (event.subject, payload.pop("round"), payload["stage"])
            del payload["version"]
            found = stands.pop(where, None)
            if found is None:
                return Difference(MISSING, {"sequence": event.sequence, "subject": event.subject})
            if found[1] != payload | {"at": event.at.isoformat(), "by": event.staff_email}:
                return Difference(CHANGED, {**_named(found[0], where), "sequence": event.sequence})
        for where, (application_id, _told) in sorted(stands.items()):
            return Difference(UNTOLD, _named(application_id, where))
        return _outbox(connection)


def _outbox(connection: Any) -> Difference | None:
    """The first row of the outbox that is not the final decision of its round, or is not there."""
    final = select(review_decision).where(review_decision.c.final)
    decided = {(row.source, row.application_id, row.round): row for row in connection.execute(final)}
    rows = {(row.source, row.application_id, row.round): row for row in connection.execute(select(decision_outbox))}
    for where in sorted({*decided, *rows}):
        made, row = decided.get(where), rows.get(where)
        if made is None or row is None or not _same(json.loads(row.body), made):
            return Difference(OUTBOX, {"application": where[1], "round": where[2]})
    return None


def _same(body: dict[str, Any], made: Any) -> bool:
    decision = review_store.decision_of(made)
    reasons = [{"ground": each.ground.value, "code": each.code} for each in decision.reasons]
    said = (body["application_id"], body["outcome"], body["amount_fen"], body["reasons"], body["decided_at"])
    return said == (
        made.application_id, decision.outcome.value, decision.amount_fen, reasons, decision.at.isoformat()
    )  # fmt: skip


def _named(application_id: str, where: tuple[str, int, int]) -> dict[str, Any]:
    return {"application": application_id, "round": where[1], "stage": where[2]}
