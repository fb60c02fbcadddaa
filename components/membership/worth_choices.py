"""What the link asks of the part on worth: by what lifetime value is told apart, and how old cohorts must be."""

from components import linked
from components.language import _, dimension_name
from rules.book import Book
from rules.dimensions import AGE_BAND, CHANNEL, FIRST_TIER, GENDER, REFERRAL_LEVEL
from rules.policy import Policy

_BY = "value_by"
_OFFERED = (FIRST_TIER, CHANNEL, AGE_BAND, GENDER, REFERRAL_LEVEL)
_LONGEST_MONTH = 31  # days


def mature_days(rule: Policy, book: Book) -> int:
    """Days after registration at which a member has been observed for as long as lifetime value is followed."""
    return rule.lifetime.observed_months * _LONGEST_MONTH


def by(book: Book) -> str:
    """The dimension by which lifetime value is told apart; empty where the book records none that is offered."""
    codes = _codes(book)
    return linked.value(_BY, codes, codes[0]) if codes else ""


def draw_by(book: Book) -> None:
    """The select box of the dimension."""
    codes = _codes(book)
    if codes:
        linked.select(_BY, codes, opening=codes[0], label=_("Told apart by"), named=dimension_name)


def _codes(book: Book) -> list[str]:
    return [dimension.code for dimension in _OFFERED if book.member_values_of(dimension.code)]
