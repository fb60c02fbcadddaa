"""What a snapshot says of itself: the facts that filters, sentences and statements need beside the rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Evidence(StrEnum):
    """How deeply a book proves repayment; the deepest that a loan has is used for it."""

    INSTALMENTS = "instalments"
    TAPE = "tape"
    OUTCOMES = "outcomes"


@dataclass(frozen=True)
class Book:
    """One snapshot of a loan book."""

    snapshot_id: str
    name: str
    as_of: date  # the last closed business day; nothing later is counted
    built_at: datetime  # UTC
    loans: int
    evidence: frozenset[Evidence]
    imputed_dates: int  # loans with dates that the importer estimated
    first_disbursed_on: date | None
    last_disbursed_on: date | None
    longest_term_months: int
    values: tuple[tuple[str, tuple[str, ...]], ...]  # dimension code -> its values in their order, absent when unknown
    varying: frozenset[str]  # dimensions in which some borrower has loans with different values
    missing_tables: frozenset[str]
    names: tuple[tuple[str, str, str, str], ...] = ()  # dimension code, value, the lender's English and Chinese name
    definition: str | None = None  # of default, with which the book opens; None: the policy's
    members: int = 0
    first_registered_on: date | None = None
    last_registered_on: date | None = None
    member_steps: tuple[str, ...] = ()  # the steps of the funnel that somebody has reached, in their order
    member_values: tuple[tuple[str, tuple[str, ...]], ...] = ()  # as `values`, of the members' dimensions

    def values_of(self, code: str) -> tuple[str, ...]:
        """The values of one dimension of loans in their own order; none where the book does not record it."""
        return dict(self.values).get(code, ())

    def member_values_of(self, code: str) -> tuple[str, ...]:
        """The values of one dimension of members in their own order; none where the book does not record it."""
        return dict(self.member_values).get(code, ())

    def name_of(self, code: str, value: str, language: str) -> str | None:
        """The lender's own name of a value in "en" or "zh"; None where it gives none."""
        for named_code, named_value, english, chinese in self.names:
            if (named_code, named_value) == (code, value):
                return chinese if language == "zh" else english
        return None
