"""Everything that is seen of one application at one moment, and its hash: what a decision is bound to."""

import json
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from loanbook import repaid
from loanbook.live_book import LiveBook, Row
from loanbook.personal import Personal
from loanbook.schema import (
    application,
    application_check,
    credit_line,
    device_sighting,
    instalment,
    loan,
    member,
    membership,
    perk,
    prime_rate,
    product,
    repayment,
    schedule_change,
    score,
    tier,
)
from rules.calendar import business_date
from rules.refusal import Refused
from rules.repaid import Repaid
from rules.review_case import Check, Evidence
from rules.text import N_

_JUDGING = ("rules", "model")  # layers whose checks a person may override
_AT_ONCE = 500
SEEN_TABLES = (  # without the application itself, its product and perks: a case is told to lack these
    application_check, credit_line, device_sighting, instalment, loan, member, membership, prime_rate, repayment,
    schedule_change, score, tier,
)  # fmt: skip


@dataclass(frozen=True)
class Application:
    """An open application as far as it says whether a person decides it."""

    id: str
    external_number: str
    applied_at: datetime
    amount_fen: int
    product: str
    tier: str | None
    member_id: str
    referred_by_id: str | None
    flagged: bool
    default_probability: float | None = None  # 0-1, of the newest score
    signals: tuple[str, ...] = ()  # what rules flagged or failed, and what the model failed


@dataclass(frozen=True)
class Seen:
    """What is seen of an application: what rules need of it, and all of its rows by table, for the screen."""

    evidence: Evidence
    content: dict[str, list[Row]]
    missing: frozenset[str] = frozenset()  # tables that the loan database does not have

    @cached_property
    def _histories(self) -> dict[date, Repaid]:
        return {}

    def repaid_by(self, now: datetime) -> Repaid:
        """The applicant's loans and how they were repaid by a moment's day."""
        day = business_date(now)
        if day not in self._histories:
            self._histories[day] = repaid.of_member(self.content, day)
        return self._histories[day]


class ReviewBook:
    """A loan database for review. It satisfies `desk.review.Book`."""

    def __init__(self, book: LiveBook) -> None:
        self._book = book

    def evidence(self, application_id: str) -> Evidence:
        """What a decision on an application depends on, now."""
        return self.seen(application_id).evidence

    @property
    def personal(self) -> Personal:
        """The door to the direct identifiers of applicants."""
        return Personal(self._book)

    def referrer(self, member_id: str) -> str | None:
        """Who referred a member; None where nobody did or the member is not known."""
        with self._book.reading() as connection:
            found = self._book.rows(connection, member, {"id": [member_id]}, of=["referred_by_id"])
        return found[0]["referred_by_id"] if found else None

    def seen(self, application_id: str) -> Seen:
        """Everything that is seen of an application now; `Refused` where lending does not know it any more."""
        with self._book.reading() as connection:
            content = self._content(connection, application_id)
        asked = content["application"][0]
        applicant = content["member"][0] if content["member"] else {}
        checks = tuple(
            Check(each["layer"], each["code"], each["outcome"])
            for each in content["application_check"]
            if each["layer"] in _JUDGING
        )
        features = frozenset(each["feature"] for row in content["score"] for each in row["reasons"])
        evidence = Evidence(
            application_id=application_id, hash=hash_of(content), open=asked["status"] == "open",
            amount_fen=asked["amount"], product=_code(content["product"]), tier=asked["tier_code"],
            member_id=asked["member_id"], referred_by_id=applicant.get("referred_by_id"), checks=checks,
            score_reasons=features,
        )  # fmt: skip
        missing = frozenset(each.name for each in SEEN_TABLES if not self._book.has(each))
        return Seen(evidence, content, missing)

    def open_applications(self, known: Container[str] = ()) -> list[Application]:
        """All applications that wait for a decision, oldest first, but for those that are known."""
        with self._book.reading() as connection:
            every = self._book.rows(connection, application, {"status": ["open"]})
            rows = [row for row in every if row["id"] not in known]
            codes = {row["id"]: row["code"] for row in self._book.rows(connection, product, {}, of=["id", "code"])}
            ids = [row["id"] for row in rows]
            checks, scores = self._checks(connection, ids), self._scores(connection, ids)
            referrers = self._referrers(connection, {row["member_id"] for row in rows})
        found = [
            Application(
                row["id"], row["external_number"] or row["id"], _instant(row["applied_at"]), row["amount"],
                codes.get(row["product_id"], ""), row["tier_code"], row["member_id"], referrers.get(row["member_id"]),
                any(outcome == "flag" for _layer, _code, outcome in checks.get(row["id"], ())),
                scores.get(row["id"]), _signals(checks.get(row["id"], ())),
            )
            for row in rows
        ]  # fmt: skip
        return sorted(found, key=lambda each: (each.applied_at, each.id))

    def statuses(self, application_ids: Iterable[str]) -> dict[str, str]:
        """How lending says that applications stand; those that it does not know are left out."""
        found: dict[str, str] = {}
        with self._book.reading() as connection:
            for ids in _parts(application_ids):
                for row in self._book.rows(connection, application, {"id": ids}, of=["id", "status"]):
                    found[row["id"]] = row["status"]
        return found

    def _content(self, connection: Connection, application_id: str) -> dict[str, list[Row]]:
        book = self._book
        asked = book.rows(connection, application, {"id": [application_id]})
        if not asked:
            raise Refused(N_("Lending does not know application {application}."), application=application_id)
        of_application, of_member = {"application_id": [application_id]}, {"member_id": [asked[0]["member_id"]]}
        theirs = {each.name: book.rows(connection, each, of_member) for each in (membership, perk, credit_line, loan)}
        loans = [row["id"] for row in theirs["loan"]]
        paid = {
            each.name: book.rows(connection, each, {"loan_id": loans}) if loans else []
            for each in (instalment, repayment, schedule_change)
        }
        before = book.rows(connection, application, of_member)
        scores = book.rows(connection, score, of_application)
        return {
            "application": asked,
            "earlier_application": [row for row in before if row["id"] != application_id],
            "product": book.rows(connection, product, {"id": [asked[0]["product_id"]]}),
            "tier": book.rows(connection, tier, {"code": [asked[0]["tier_code"]]}),
            "member": book.rows(connection, member, {"id": of_member["member_id"]}),
            "application_check": book.rows(connection, application_check, of_application),
            "score": [row | {"reasons": _reasons(row["reasons"])} for row in scores],
            # when a device was seen last changes with every visit, and says nothing of the applicant
            "device_sighting": book.rows(
                connection, device_sighting, of_member,
                of=["id", "member_id", "device_hash", "address_hash", "first_seen_at"],
            ),
            "prime_rate": book.rows(connection, prime_rate, {}),
            **theirs,
            **paid,
        }  # fmt: skip

    def _checks(self, connection: Connection, ids: list[str]) -> dict[str, list[tuple[str, str, str]]]:
        """Layer, code and outcome of what rules and model flagged or failed, by application."""
        found = defaultdict[str, list[tuple[str, str, str]]](list)
        names = ["id", "application_id", "layer", "code", "outcome"]
        for part in _parts(ids):
            wanted = {"application_id": part, "outcome": ("flag", "fail"), "layer": _JUDGING}
            for row in self._book.rows(connection, application_check, wanted, of=names):
                found[row["application_id"]].append((row["layer"], row["code"], row["outcome"]))
        return found

    def _scores(self, connection: Connection, ids: list[str]) -> dict[str, float]:
        """The probability of default by the newest score, by application."""
        newest: dict[str, tuple[str, str]] = {}
        for part in _parts(ids):
            names = ["id", "application_id", "default_probability", "scored_at"]
            for row in self._book.rows(connection, score, {"application_id": part}, of=names):
                key, said = row["application_id"], (row["scored_at"] or "", row["default_probability"])
                if row["default_probability"] is not None and (key not in newest or newest[key][0] <= said[0]):
                    newest[key] = said
        return {key: float(probability) for key, (_at, probability) in newest.items()}

    def _referrers(self, connection: Connection, ids: Iterable[str]) -> dict[str, str | None]:
        found = {}
        for part in _parts(ids):
            for row in self._book.rows(connection, member, {"id": part}, of=["id", "referred_by_id"]):
                found[row["id"]] = row["referred_by_id"]
        return found


def _signals(checks: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    """The codes of what stands out: a model that flags does no more than hand the application to a person."""
    return tuple(dict.fromkeys(code for layer, code, outcome in checks if layer == "rules" or outcome == "fail"))


def hash_of(content: dict[str, list[Row]]) -> str:
    """The hash of what is seen, whatever the order in which a database gives it."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(written.encode()).hexdigest()


def _reasons(held: Any) -> list[Any]:
    """A score's reasons, which databases hold as JSON or as its text."""
    read = json.loads(held) if isinstance(held, str) else held
    return [each for each in read or [] if isinstance(each, dict) and "feature" in each]


def _code(products: list[Row]) -> str:
    return products[0]["code"] if products else ""


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _parts(ids: Iterable[str]) -> Iterable[list[str]]:
    listed = sorted(ids)
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))
