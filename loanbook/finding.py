"""What the check of a loan database finds, as sentences for people that never hold a personal value."""

from dataclasses import dataclass
from enum import StrEnum

from rules.text import N_


class Severity(StrEnum):
    """What a finding does to the pages."""

    MISSING = "missing"  # for information: the pages that need it say that the book lacks it
    UNUSABLE = "unusable"  # the refresh refuses it until it is mended
    BROKEN = "broken"  # single rows are wrong; the pages live on


SENTENCES = {
    "missing_table": N_("The table {table} is missing; pages that need it say so."),
    "missing_optional_column": N_("{table} has no column {column}; what it would say counts as unknown."),
    "missing_column": N_("{table} has no column {column}, which it needs."),
    "wrong_column_type": N_("{table}.{column} is of type {found}; it should be {expected}."),
    "wrong_value_type": N_("{table}.{column} should hold {expected}, but does not in {count} row(s): {examples}."),
    "null": N_("{table}.{column} is empty in {count} row(s): {examples}."),
    "negative": N_("{table}.{column} is negative in {count} row(s): {examples}."),
    "not_positive": N_("{table}.{column} is not above zero in {count} row(s): {examples}."),
    "unknown_code": N_("{table}.{column} is none of {expected} in {count} row(s): {examples}."),
    "not_json": N_("{table}.{column} is not JSON in {count} row(s): {examples}."),
    "duplicate_key": N_("In {table}, {count} key(s) stand in more than one row: {examples}."),
    "duplicate_value": N_("{table}.{column} should differ in all rows, but {count} row(s) share theirs: {examples}."),
    "orphan": N_("{table}.{column} names no row of {expected} in {count} row(s): {examples}."),
    "self_referral": N_("{count} member(s) are their own referrer: {examples}."),
    "referral_cycle": N_("{count} member(s) were referred in a circle: {examples}."),
    "registered_before_referrer": N_("{count} member(s) registered before their referrer: {examples}."),
    "membership_overlap": N_("{count} membership(s) begin before the same member's earlier one ends: {examples}."),
    "instalment_numbers": N_("The instalments of {count} loan(s) are not numbered 1 to the term: {examples}."),
    "instalment_principal": N_(
        "The principal of the instalments of {count} loan(s) does not sum to the loan's: {examples}."
    ),
    "repayment_before_disbursement": N_("{count} repayment(s) are before their loan's disbursement: {examples}."),
    "loan_not_approved": N_("The applications of {count} loan(s) are not approved: {examples}."),
    "loan_above_approval": N_("{count} loan(s) are larger than was approved: {examples}."),
    "loan_without_end": N_("{count} loan(s) are paid off or written off without a date: {examples}."),
    "loan_ends_before_disbursement": N_("{count} loan(s) are closed or written off before disbursement: {examples}."),
    "reward_level": N_("The level of {count} reward(s) is not the distance from referrer to referee: {examples}."),
}

_OF_COLUMNS = {"missing_column", "missing_optional_column", "wrong_column_type", "wrong_value_type"}
OF_ROWS = frozenset(SENTENCES) - _OF_COLUMNS - {"missing_table"}  # what rows break: all of them can be listed


@dataclass(frozen=True)
class Finding:
    """One way in which a loan database departs from the contract."""

    severity: Severity
    table: str
    column: str  # empty where the finding is about whole rows or the table
    kind: str  # one of SENTENCES
    count: int = 0
    examples: tuple[str, ...] = ()  # the first few rows, by their keys
    expected: str = ""
    found: str = ""

    @property
    def template(self) -> str:
        """The English sentence with named places, as the catalogues have it."""
        return SENTENCES[self.kind]

    @property
    def parameters(self) -> dict[str, str | int]:
        """What goes into the places of the template."""
        more = "; …" if self.count > len(self.examples) else ""
        return {
            "table": self.table,
            "column": self.column,
            "count": self.count,
            "examples": "; ".join(self.examples) + more,
            "expected": self.expected,
            "found": self.found,
        }

    @property
    def sentence(self) -> str:
        """The finding in English."""
        return self.template.format(**self.parameters)
