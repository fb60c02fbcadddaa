"""The facts of a case, from the live rows of its application: price, burden, score, line, membership, earlier loans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from rules.calendar import business_date
from rules.case_burden import Burden, burden
from rules.case_price import Caps, FeePaid, Price, Terms, priced, required_fee
from rules.policy import Policy
from rules.repaid import Repaid

Row = Mapping[str, Any]
Content = Mapping[str, Sequence[Row]]  # rows by table, as `loanbook.live_book` gives them


@dataclass(frozen=True)
class Reason:
    """What moved a score, and how far."""

    feature: str
    value: str
    contribution: float


@dataclass(frozen=True)
class Scored:
    """The score that counts: the newest one."""

    points: float
    default_probability: float | None
    model: str
    at: datetime
    reasons: tuple[Reason, ...]  # the weightiest first


@dataclass(frozen=True)
class Spell:
    """A membership."""

    tier: str
    from_on: date
    until_on: date | None
    reason: str
    fee_fen: int


@dataclass(frozen=True)
class CheckSeen:
    """What a check of rules or model saw."""

    layer: str
    code: str
    outcome: str  # pass, flag, fail
    value: str | None
    threshold: str | None
    provider: str | None
    at: datetime | None


@dataclass(frozen=True)
class Facts:
    """What is known of an application at a moment."""

    content: Content
    repaid: Repaid
    policy: Policy
    now: datetime

    @property
    def application(self) -> Row:
        """Its row."""
        return self.content["application"][0]

    @property
    def member(self) -> Row:
        """The applicant's row; empty where the book does not hold them."""
        return self.content["member"][0] if self.content["member"] else {}

    @property
    def applied_on(self) -> date:
        """The day of the application."""
        return business_date(instant(self.application["applied_at"]))

    @property
    def amount_fen(self) -> int:
        """What is asked for."""
        return int(self.application["amount"])

    @property
    def income_fen(self) -> int | None:
        """A month's income: as the application says, else the member's."""
        said = self.application["monthly_income"] or self.member.get("monthly_income")
        return None if not said else int(said)

    @cached_property
    def price(self) -> Price | None:
        """What the loan would cost; None where the application says no term or no rate."""
        row = self.application
        if not row["term_months"] or row["annual_rate"] is None or self.amount_fen <= 0:
            return None
        terms = Terms(
            amount_fen=self.amount_fen, term_months=int(row["term_months"]), annual_rate=float(row["annual_rate"]),
            upfront_fee_fen=row["upfront_fee"] or 0, monthly_fee_fen=row["monthly_fee"] or 0,
            membership_fee_fen=self._required_fee(),
        )  # fmt: skip
        return priced(terms, Caps(self.policy.price.cap_ratio, self._prime_cap()))

    @property
    def disclosed_rate(self) -> float | None:
        """The all-in rate that the applicant was told."""
        return _number(self.application["disclosed_rate"])

    @property
    def disclosure_confirmed_at(self) -> datetime | None:
        """When the applicant confirmed to have read it."""
        said = self.application["disclosure_confirmed_at"]
        return None if said is None else instant(said)

    @cached_property
    def burden(self) -> Burden | None:
        """What the income has to carry; None without a price."""
        if self.price is None:
            return None
        return burden(
            income_fen=self.income_fen, instalment_fen=self.price.instalment_fen, amount_fen=self.amount_fen,
            running_fen=self.repaid.next_due_fen, outstanding_fen=self.repaid.outstanding_fen,
            declared_fen=self.application["existing_debt"],
            elsewhere_monthly_ratio=self.policy.case.elsewhere_monthly_ratio,
        )  # fmt: skip

    @cached_property
    def score(self) -> Scored | None:
        """The newest score; None where there is none."""
        if not self.content["score"]:
            return None
        row = max(self.content["score"], key=lambda each: (each["scored_at"] or "", each["id"]))
        reasons = [
            Reason(str(each["feature"]), str(each.get("value", "")), float(each.get("contribution") or 0))
            for each in row["reasons"]
        ]
        return Scored(
            float(row["score"]), _number(row["default_probability"]), row["model_version"], instant(row["scored_at"]),
            tuple(sorted(reasons, key=lambda each: -abs(each.contribution))),
        )  # fmt: skip

    @cached_property
    def checks(self) -> tuple[CheckSeen, ...]:
        """What rules and model said, in their order; what a person said of the application stands in its history."""
        rows = [row for row in self.content["application_check"] if row["layer"] in {"rules", "model"}]
        return tuple(
            CheckSeen(
                row["layer"], row["code"], row["outcome"], row["value"], row["threshold"], row["provider"],
                None if row["checked_at"] is None else instant(row["checked_at"]),
            )
            for row in rows
        )  # fmt: skip

    @cached_property
    def line_fen(self) -> int | None:
        """The credit line in force, else what the tier allows; None where the book says neither."""
        if self.content["credit_line"]:
            return int(max(self.content["credit_line"], key=lambda row: (row["changed_at"] or "", row["id"]))["amount"])
        limits = [row["credit_limit"] for row in self.content["tier"] if row["credit_limit"] is not None]
        return limits[0] if limits else None

    @property
    def line_left_fen(self) -> int | None:
        """What of the line is not lent."""
        return None if self.line_fen is None else max(0, self.line_fen - self.repaid.outstanding_fen)

    @cached_property
    def spells(self) -> tuple[Spell, ...]:
        """The applicant's memberships, the newest first."""
        found = [
            Spell(
                row["tier_code"], business_date(instant(row["started_at"])),
                None if row["ended_at"] is None else business_date(instant(row["ended_at"])), row["reason"],
                row["fee_paid"] or 0,
            )
            for row in self.content["membership"]
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda each: each.from_on, reverse=True))

    @property
    def device_hashes(self) -> tuple[str, ...]:
        """The devices that the applicant was seen on."""
        return _distinct(row["device_hash"] for row in self.content["device_sighting"])

    @property
    def address_hashes(self) -> tuple[str, ...]:
        """The addresses that the applicant was seen at."""
        return _distinct(row["address_hash"] for row in self.content["device_sighting"])

    def _required_fee(self) -> int:
        lent = {row["application_id"]: row["tier_code"] for row in self.content["loan"]}
        before = [
            (lent[row["id"]], business_date(instant(row["applied_at"])))
            for row in self.content["earlier_application"]
            if row["id"] in lent
        ]
        paid = [FeePaid(each.tier, each.from_on, each.fee_fen) for each in self.spells if each.fee_fen]
        days = self.policy.price.membership_fee_days
        return required_fee(paid, self.application["tier_code"], self.applied_on, before, days)

    def _prime_cap(self) -> float | None:
        """The policy's multiple of the prime rate in force today."""
        today = business_date(self.now).isoformat()
        rates = [row for row in self.content["prime_rate"] if str(row["starts_on"]) <= today]
        if not rates:
            return None
        newest = max(rates, key=lambda row: (row["starts_on"], row["id"]))
        return float(newest["one_year_rate"]) * self.policy.price.prime_multiple


def instant(text: str) -> datetime:
    """An instant as the live rows write it, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _number(text: Any) -> float | None:
    return None if text is None else float(text)


def _distinct(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in values if each))
