"""What a person has asked to see of members: the shared filters, resolved to registrations on one book."""

from dataclasses import dataclass, replace
from datetime import date

from rules import calendar
from rules.book import Book
from rules.dimensions import FIRST_TIER, MEMBER, MEMBER_TIERS, TIER
from rules.filters import Choice, DateRange, Filters, Period, compared_to

_CODES = frozenset(dimension.code for dimension in MEMBER)


@dataclass(frozen=True)
class MemberSelection:
    """Filters resolved on one book for statements about members: concrete dates and values."""

    registered: DateRange
    compared: DateRange | None
    choices: tuple[Choice, ...]

    def comparison(self) -> "MemberSelection | None":
        """The same choices over the period that is compared to, or None where there is none."""
        if self.compared is None:
            return None
        return replace(self, registered=self.compared, compared=None)

    def narrowed(self, code: str, *values: str) -> "MemberSelection":
        """Only the members of one segment, or of several."""
        return replace(self, choices=(*self.choices, (code, values)))

    def over_all_time(self) -> "MemberSelection":
        """The same choices over every registration, for figures that show each month beside the others."""
        return replace(self, registered=DateRange(), compared=None)


def newest_mature_registrations(book: Book, mature_days: int) -> date:
    """First day of the newest registration month of which every member has been observed for so many days.

    Formula: a month is mature when its last day + mature_days <= as_of.
    Source: metrics.md, "Membership" and trap 1.
    """
    month = calendar.first_of_month(calendar.add_days(book.as_of, -mature_days))
    if calendar.add_days(calendar.last_of_month(month), mature_days) > book.as_of:
        month = calendar.add_months(month, -1)
    return month


def settled(selection: MemberSelection, book: Book, mature_days: int) -> MemberSelection | None:
    """The selection without registrations after the newest mature month, its comparison cut alike; None if empty.

    So nothing that has not had its time is in a headline, and a day of new registrations does not move it.
    Source: metrics.md, trap 1.
    """
    first, last = selection.registered.first, selection.registered.last
    newest = calendar.last_of_month(newest_mature_registrations(book, mature_days))
    if (first or book.first_registered_on or newest) > newest:
        return None
    if last is not None and last <= newest:
        return selection
    compared = selection.compared
    if compared is not None and compared.first is not None and first is not None:
        back = calendar.months_between(compared.first, first)
        compared = DateRange(compared.first, calendar.last_of_month(calendar.add_months(newest, -back)))
    return replace(selection, registered=DateRange(first, newest), compared=compared)


def resolve_members(filters: Filters, book: Book, mature_days: int, tier: str = FIRST_TIER.code) -> MemberSelection:
    """The concrete selection of members that the filters mean on a book.

    The period counts months of registration; "mature" ones have been observed for `mature_days`, the windows that the
    page names. A choice of tiers is one of the members' `tier` of that kind. Choices that members don't have, and
    values that the book does not hold, are not applied: `not_applied` names the former.
    """
    registered = _registered(filters, book, mature_days)
    asked = [*filters.choices, *((code, (value,)) for code, value in filters.drill)]
    of_members = [(tier if code == TIER.code else code, values) for code, values in asked]
    known = [(code, tuple(v for v in values if v in book.member_values_of(code))) for code, values in of_members]
    return MemberSelection(
        registered=registered,
        compared=compared_to(registered, filters.compare_to),
        choices=tuple(sorted(choice for choice in known if choice[1])),
    )


def held(book: Book, code: str) -> tuple[str, ...]:
    """The values of a shared dimension that the book's loans or its members have, those of loans first."""
    return tuple(dict.fromkeys((*book.values_of(code), *members_held(book, code))))


def members_held(book: Book, code: str) -> tuple[str, ...]:
    """The values of a shared dimension that the book's members have; of tiers those of every kind of them."""
    if code != TIER.code:
        return book.member_values_of(code)
    kinds = (book.member_values_of(dimension.code) for dimension in MEMBER_TIERS)
    return tuple(dict.fromkeys(value for values in kinds for value in values))


def not_applied(filters: Filters) -> tuple[str, ...]:
    """The dimensions that are chosen but say nothing of members, such as the product, in the order chosen."""
    asked = [*(code for code, _values in filters.choices), *(code for code, _value in filters.drill)]
    return tuple(dict.fromkeys(code for code in asked if code != TIER.code and code not in _CODES))


def _registered(filters: Filters, book: Book, mature_days: int) -> DateRange:
    if filters.period is Period.ALL:
        return DateRange()
    if filters.period is Period.CUSTOM:
        return filters.chosen_months()
    newest = newest_mature_registrations(book, mature_days)
    if book.last_registered_on:
        newest = min(newest, calendar.first_of_month(book.last_registered_on))
    months = 12 if filters.period is Period.MATURE_12 else 6
    return DateRange(calendar.add_months(newest, 1 - months), calendar.last_of_month(newest))
