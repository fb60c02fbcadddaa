"""Filters in words: the sentence that the frame and the exports carry."""

from components import formats
from components.language import _, dimension_name, value_label
from rules.book import Book
from rules.filters import DateRange, Definition, Filters, Horizon, Selection
from rules.text import N_

_LISTED = 3  # values of one dimension that are named; more are counted
_JOINED = " · "


def in_words(selection: Selection, filters: Filters, book: Book) -> str:
    """Disbursed Jan–Jun 2026 · Bronze, Silver · default = 90+ days within 12 months · against Jul–Dec 2025."""
    drilled = {code for code, _value in filters.drill}
    parts = [_("Disbursed {months}").format(months=period(selection.disbursed, book))]
    parts += [_choice(code, values, book) for code, values in selection.choices if code not in drilled]
    parts += [f"{dimension_name(code)}: {value_label(code, value, book)}" for code, value in filters.drill]
    parts.append(
        _("default = {definition}").format(definition=default_in_words(selection.definition, selection.horizon))
    )
    if selection.compared is not None:
        parts.append(_("against {months}").format(months=period(selection.compared, book)))
    return _JOINED.join(parts)


def period(disbursed: DateRange, book: Book) -> str:
    """The months of a period; where an end is open, the book's own."""
    first, last = disbursed.first or book.first_disbursed_on, disbursed.last or book.last_disbursed_on
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


def _choice(code: str, values: tuple[str, ...], book: Book) -> str:
    if len(values) > _LISTED:
        return _("{dimension}: {count} of {all}").format(
            dimension=dimension_name(code), count=len(values), all=len(book.values_of(code))
        )
    return ", ".join(value_label(code, value, book) for value in values)
