"""Filters in words: the sentence that the frame and the exports carry."""

from datetime import date

from components import formats
from components.language import _, dimension_name, ngettext, value_label
from rules.book import Book
from rules.dimensions import MEMBER_TIERS
from rules.filters import DateRange, Definition, Filters, Horizon, Selection
from rules.member_filters import MemberSelection, not_applied
from rules.text import N_

_LISTED = 3  # values of one dimension that are named; more are counted
_JOINED = " · "
_TIERS = frozenset(dimension.code for dimension in MEMBER_TIERS)  # named with their values: there are three kinds


def in_words(selection: Selection, filters: Filters, book: Book) -> str:
    """Disbursed Jan–Jun 2026 · Bronze, Silver · default = 90+ days within 12 months · against Jul–Dec 2025."""
    drilled = {code for code, _value in filters.drill}
    parts = [_("Disbursed {months}").format(months=period(selection.disbursed, book))]
    parts += [
        _choice(code, values, book.values_of(code), book) for code, values in selection.choices if code not in drilled
    ]
    parts += [f"{dimension_name(code)}: {value_label(code, value, book)}" for code, value in filters.drill]
    parts.append(
        _("default = {definition}").format(definition=default_in_words(selection.definition, selection.horizon))
    )
    if selection.compared is not None:
        parts.append(_("against {months}").format(months=period(selection.compared, book)))
    return _JOINED.join(parts)


def members_in_words(members: MemberSelection, filters: Filters, book: Book) -> str:
    """Registered Jan–Jun 2026 · Bronze, Silver · against Jul–Dec 2025 · Product says nothing of members."""
    parts = [_("Registered {months}").format(months=registered(members.registered, book))]
    drilled = set(filters.drill)
    for code, values in members.choices:
        if len(values) == 1 and (code, values[0]) in drilled:
            parts.append(f"{dimension_name(code)}: {value_label(code, values[0], book)}")
        else:
            said = _choice(code, values, book.member_values_of(code), book)
            parts.append(f"{dimension_name(code)}: {said}" if code in _TIERS and len(values) <= _LISTED else said)
    if members.compared is not None:
        parts.append(_("against {months}").format(months=registered(members.compared, book)))
    if left := not_applied(filters):
        parts.append(
            ngettext("{names} says nothing of members", "{names} say nothing of members", len(left)).format(
                names=", ".join(dimension_name(code) for code in left)
            )
        )
    return _JOINED.join(parts)


def registered(months: DateRange, book: Book) -> str:
    """The months of a period of registration; where an end is open, the book's own."""
    return _months(months.first or book.first_registered_on, months.last or book.last_registered_on)


def period(disbursed: DateRange, book: Book) -> str:
    """The months of a period; where an end is open, the book's own."""
    return _months(disbursed.first or book.first_disbursed_on, disbursed.last or book.last_disbursed_on)


def _months(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return _("at any time")
    return formats.months(first, max(first, last))


def default_in_words(definition: Definition, horizon: Horizon) -> str:
    """What counts as default, and how long it is waited for: 90+ days within 12 months."""
    what = definition_in_words(definition)
    if horizon.months is None:
        return _("{definition}, final outcome").format(definition=what)
    return _("{definition} within {months} months").format(definition=what, months=horizon.months)


def definition_in_words(definition: Definition) -> str:
    """What counts as default: 90+ days."""
    recorded = {Definition.CHARGE_OFF: N_("charge-off"), Definition.RECORDED: N_("recorded by the lender")}
    return _(recorded[definition]) if definition in recorded else _("{days}+ days").format(days=definition.value)


def _choice(code: str, values: tuple[str, ...], held: tuple[str, ...], book: Book) -> str:
    if len(values) > _LISTED:
        return _("{dimension}: {count} of {all}").format(
            dimension=dimension_name(code), count=len(values), all=len(held)
        )
    return ", ".join(value_label(code, value, book) for value in values)
