"""The rules that bind lending and collection: each limit from a day on, with where it stands written."""

from datetime import date, time
from itertools import pairwise
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, model_validator

from rules.legal_source import LegalSource
from rules.section import Section


class Limit(Section):
    """A rule as it is in force from a day on, until the next one of its kind."""

    from_on: date
    source: LegalSource


class ContactHours(Limit):
    """Between which hours in Shanghai debtors may be contacted about what they owe."""

    starts_at: time
    ends_at: time  # from that minute on no more

    @model_validator(mode="after")
    def _ordered(self) -> "ContactHours":
        if self.starts_at.tzinfo or self.ends_at.tzinfo or self.starts_at >= self.ends_at:
            raise ValueError("starts_at must be a time of day before ends_at")
        return self


class MostCalls(Limit):
    """How many calls a debtor may get on one day in Shanghai."""

    calls: Annotated[int, Field(ge=1, le=100)]


class ThirdPersons(Limit):
    """When somebody else than the debtor may be contacted: not while the debtor can be reached."""

    reached_days: Annotated[int, Field(ge=1, le=365)]  # the debtor answered within so many days before


class ShownPrice(Limit):
    """How far the rate that a customer was shown may lie from the all-in rate."""

    points: Annotated[float, Field(gt=0, lt=1)]  # as a ratio


class Balance(Limit):
    """The most principal that one borrower may owe."""

    cny: Annotated[int, Field(ge=1)]


One = TypeVar("One", bound=Limit)


def _in_order(limits: tuple[One, ...]) -> tuple[One, ...]:
    if any(a.from_on >= b.from_on for a, b in pairwise(limits)):
        raise ValueError("each from_on must be later than the one before")
    return limits


class AdverseImpact(Section):
    """When a group's approval rate is flagged: a fact for a person to judge, not a verdict."""

    ratio: Annotated[float, Field(gt=0, lt=1)]  # of the group with the highest rate
    decided: Annotated[int, Field(ge=1)]  # groups with fewer decided applications are not compared
    reference_share: Annotated[float, Field(ge=0, lt=1)]  # of them, which the group with the highest rate has at least
    income_cny: Annotated[tuple[int, ...], Field(min_length=1, max_length=20)]  # lower edges of a month's income
    source: LegalSource


class Compliance(Section):
    """One version of the rules. A kind without an entry does not bind this lender."""

    contact_hours: Annotated[tuple[ContactHours, ...], AfterValidator(_in_order)] = ()
    answered_calls: Annotated[tuple[MostCalls, ...], AfterValidator(_in_order)] = ()
    unanswered_calls: Annotated[tuple[MostCalls, ...], AfterValidator(_in_order)] = ()
    third_persons: Annotated[tuple[ThirdPersons, ...], AfterValidator(_in_order)] = ()
    price_cap: Annotated[tuple[Limit, ...], AfterValidator(_in_order)] = ()  # the cap itself is price.cap_ratio
    prime_cap: Annotated[tuple[Limit, ...], AfterValidator(_in_order)] = ()  # and price.prime_multiple
    disclosure: Annotated[tuple[Limit, ...], AfterValidator(_in_order)] = ()
    shown_price: Annotated[tuple[ShownPrice, ...], AfterValidator(_in_order)] = ()
    balance: Annotated[tuple[Balance, ...], AfterValidator(_in_order)] = ()
    exposure: Annotated[tuple[Limit, ...], AfterValidator(_in_order)] = ()  # the limit is exposure.most_monthly_incomes
    consent: Annotated[tuple[Limit, ...], AfterValidator(_in_order)] = ()
    adverse_impact: AdverseImpact
