"""What a lender decides about review: which applications a person decides, by when, and which need two people."""

from datetime import date, time
from typing import Annotated, Self

from pydantic import Field, model_validator

from rules.review_case import Ground, Outcome, Override
from rules.section import Section
from rules.working_time import WorkingHours

Cny = Annotated[int, Field(ge=0, le=1_000_000_000)]


class ReviewAmount(Section):
    """The amount from which applications of a product, of a tier, or of both are reviewed."""

    product: str | None = None
    tier: str | None = None
    amount_cny: Cny

    @model_validator(mode="after")
    def _particular(self) -> Self:
        if self.product is None and self.tier is None:
            raise ValueError("name a product, a tier or both; amount_cny of the section holds for all others")
        return self

    def fits(self, product: str, tier: str | None) -> bool:
        """Whether the line is about such applications."""
        return self.product in {None, product} and (self.tier is None or self.tier == tier)

    @property
    def particular(self) -> int:
        """In how many ways it is."""
        return (self.product is not None) + (self.tier is not None)


class PolicyReason(Section):
    """A reason of the lender's own, as the applicant reads it, and what it may be given for."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    name_en: Annotated[str, Field(min_length=1, max_length=200)]
    name_zh: Annotated[str, Field(min_length=1, max_length=200)]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]


class ApplicantWords(Section):
    """How an applicant is told of a check, or of a reason of the score, that spoke against them."""

    ground: Ground
    code: Annotated[str, Field(min_length=1, max_length=60)]
    name_en: Annotated[str, Field(min_length=1, max_length=200)]
    name_zh: Annotated[str, Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _found(self) -> Self:
        if self.ground not in {Ground.CHECK, Ground.SCORE}:
            raise ValueError("ground must be check or score; reasons of the policy have their own names")
        return self


class ReviewPolicy(Section):
    """One version of what is decided about review."""

    amount_cny: Cny
    amounts: tuple[ReviewAmount, ...] = ()
    deadline_working_hours: Annotated[float, Field(gt=0, le=1000)]
    day_starts_at: time
    day_ends_at: time
    holidays: tuple[date, ...]
    make_up_days: tuple[date, ...]
    lease_minutes: Annotated[int, Field(ge=1, le=240)]
    most_in_hand: Annotated[int, Field(ge=1, le=1000)]
    second_decision_overrides: tuple[Override, ...]
    blind_sample_ratio: Annotated[float, Field(ge=0, le=1)]
    blind_sample_days: Annotated[int, Field(ge=1, le=365)]
    good_line_referees: Annotated[int, Field(ge=1)]
    good_lines_first: bool
    reasons: tuple[PolicyReason, ...]
    words: tuple[ApplicantWords, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.day_starts_at.tzinfo or self.day_ends_at.tzinfo or self.day_starts_at >= self.day_ends_at:
            raise ValueError("day_starts_at must be a time of day before day_ends_at")
        both = set(self.holidays) & set(self.make_up_days)
        if both:
            raise ValueError(f"{min(both)} can't be a holiday and a make-up day")
        keys = [(line.product, line.tier) for line in self.amounts]
        if len(set(keys)) < len(keys):
            raise ValueError("a product and a tier have one amount each")
        codes = [reason.code for reason in self.reasons]
        if len(set(codes)) < len(codes):
            raise ValueError("each reason has a code of its own")
        told = [(words.ground, words.code) for words in self.words]
        if len(set(told)) < len(told):
            raise ValueError("applicants are told of a check, or of a reason of the score, in one way each")
        return self

    def from_amount_fen(self, product: str, tier: str | None) -> int:
        """The amount from which an application is reviewed: the most particular line's, the lowest of several."""
        fitting = [line for line in self.amounts if line.fits(product, tier)]
        if not fitting:
            return self.amount_cny * 100
        most = max(line.particular for line in fitting)
        return min(line.amount_cny for line in fitting if line.particular == most) * 100

    def words_for(self, ground: Ground, code: str) -> "PolicyReason | ApplicantWords | None":
        """How an applicant is told of a reason; None where the policy does not say."""
        if ground is Ground.POLICY:
            return next((each for each in self.reasons if each.code == code), None)
        return next((each for each in self.words if (each.ground, each.code) == (ground, code)), None)

    @property
    def hours(self) -> WorkingHours:
        """The working hours that deadlines are counted in."""
        return WorkingHours(
            self.day_starts_at, self.day_ends_at, frozenset(self.holidays), frozenset(self.make_up_days)
        )
