"""What was seen of an application before a moment: what has happened since, and the decision itself, left out.

For whoever decides a case again without knowing how it was decided.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from loanbook.evidence import Seen, hash_of
from loanbook.live_book import Row
from rules.calendar import business_date
from rules.review_case import Check

# When a row came about; rows of other tables don't change with time, or follow their loan.
_BORN = {
    "earlier_application": "applied_at", "application_check": "checked_at", "score": "scored_at",
    "device_sighting": "first_seen_at", "membership": "started_at", "perk": "granted_at",
    "credit_line": "changed_at", "loan": "disbursed_at", "repayment": "paid_at",
    "schedule_change": "changed_at", "prime_rate": "starts_on",
}  # fmt: skip
_UNDECIDED: Row = {
    "status": "open", "decided_at": None, "decided_by": None, "approved_amount": None, "disclosure_confirmed_at": None,
}  # fmt: skip
_CHANGED = ("application", "earlier_application", "application_check", "score", "membership", "perk", "loan")
_OF_LOANS = frozenset({"instalment", "repayment", "schedule_change"})
_PERSON = "manual"


def before(seen: Seen, at: datetime) -> Seen:
    """The same as it stood just before a moment, waiting to be decided; with a hash of its own.

    Rows that came later are left out, and with them the loan that the decision led to; what later happened to earlier
    loans, memberships, perks and applications is blank; what persons checked in it is left out.
    """
    moment = at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    content = {name: [row for row in rows if _is_before(name, row, moment)] for name, rows in seen.content.items()}
    application_id = seen.evidence.application_id
    content = {name: content.get(name, []) for name in {*content, *_CHANGED}}
    loans = {row["id"] for row in content["loan"] if row["application_id"] != application_id}
    content = {name: _of_loans(name, rows, loans) for name, rows in content.items()}
    content |= {
        "application": [_known(row, _UNDECIDED) for row in content["application"]],
        "earlier_application": [_application(row, moment) for row in content["earlier_application"]],
        "application_check": [row for row in content["application_check"] if row["layer"] != _PERSON],
        "membership": [_blank(row, moment, "ended_at") for row in content["membership"]],
        "perk": [_perk(row, moment) for row in content["perk"]],
        "loan": [_loan(row, moment, business_date(at)) for row in content["loan"]],
    }
    checks = tuple(Check(each["layer"], each["code"], each["outcome"]) for each in content["application_check"])
    features = frozenset(each["feature"] for row in content["score"] for each in row["reasons"])
    evidence = replace(seen.evidence, hash=hash_of(content), open=True, checks=checks, score_reasons=features)
    return replace(seen, evidence=evidence, content=content)


def _is_before(table: str, row: Row, moment: str) -> bool:
    """Whether a row had come about; one without a time always has."""
    born = row.get(_BORN.get(table, ""))
    return born is None or str(born) < moment


def _of_loans(table: str, rows: list[Row], loans: set[Any]) -> list[Row]:
    if table == "loan":
        return [row for row in rows if row["id"] in loans]
    return [row for row in rows if row["loan_id"] in loans] if table in _OF_LOANS else rows


def _application(row: Row, moment: str) -> Row:
    decided = row.get("decided_at")
    return row if decided is not None and str(decided) < moment else _known(row, _UNDECIDED)


def _perk(row: Row, moment: str) -> Row:
    used = row.get("redeemed_at")
    return _known(row, {"redeemed_at": None, "loan_id": None}) if used is not None and str(used) >= moment else row


def _loan(row: Row, moment: str, day: date) -> Row:
    shown = _blank(_blank(row, moment, "closed_at"), moment, "written_off_at")
    defaulted = row.get("defaulted_on")
    if defaulted is not None and str(defaulted) >= day.isoformat():
        shown = shown | {"defaulted_on": None}
    return shown if shown == row else shown | {"status": "active"}


def _blank(row: Row, moment: str, name: str) -> Row:
    at = row.get(name)
    return row | {name: None} if at is not None and str(at) >= moment else row


def _known(row: Row, values: Row) -> Row:
    """A row with other values in columns that it has."""
    return row | {name: value for name, value in values.items() if name in row}
