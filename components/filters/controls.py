"""The filters' widgets. They show what is chosen and change it; the choice itself is kept in `choice`."""

from datetime import date
from itertools import zip_longest
from typing import Any

import streamlit as st

from components import formats
from components.filters import choice, tier_choice
from components.language import _, dimension_name, value_label
from rules import calendar, dimensions
from rules.book import Book
from rules.filters import Comparison, Definition, Filters, Horizon, Period
from rules.member_filters import members_held
from rules.text import N_

_PERIODS = {
    Period.MATURE_12: N_("Newest 12 mature months"),
    Period.MATURE_6: N_("Newest 6 mature months"),
    Period.ALL: N_("Everything"),
    Period.CUSTOM: N_("Chosen months"),
}
_COMPARISONS = {
    Comparison.PREVIOUS: N_("The period before"),
    Comparison.YEAR_EARLIER: N_("A year earlier"),
    Comparison.NONE: N_("Nothing"),
}
_DEFINITIONS = {
    Definition.DPD30: N_("More than 30 days past due"),
    Definition.DPD60: N_("More than 60 days past due"),
    Definition.DPD90: N_("More than 90 days past due"),
    Definition.CHARGE_OFF: N_("Charge-off"),
    Definition.RECORDED: N_("Recorded by the lender"),
}
_HORIZONS = {
    Horizon.M6: N_("6 months"),
    Horizon.M12: N_("12 months"),
    Horizon.FINAL: N_("Final outcome"),
}


_Field = tuple[str, str, object, dict[Any, str]]  # of Filters: name, label, value, options


def draw(filters: Filters, opening: Filters, book: Book, *, of_members: bool = False) -> None:
    """The widgets of all shared filters, for the inside of the popover: those of loans, or those that members have too.

    A dimension that the book lacks is left out.
    """
    period = _("Members registered in") if of_members else _("Loans disbursed in")
    rows: list[tuple[_Field, ...]] = [
        (
            ("period", period, filters.period, _PERIODS),
            ("compare_to", _("Compare with"), filters.compare_to, _COMPARISONS),
        )
    ]
    if not of_members:
        rows.append(
            (
                ("definition", _("Default is"), filters.definition, _DEFINITIONS),
                ("horizon", _("Within"), filters.horizon, _HORIZONS),
            )
        )
    with st.container(key="controls", gap="small"):
        for fields in rows:
            for place, field in zip(st.columns(2, gap="small"), fields, strict=True):
                with place:
                    _select(*field)
            if fields[0][0] == "period" and filters.period is Period.CUSTOM:
                _months(filters, _registrations(book) if of_members else _disbursements(book), book)
        held = [
            (dimension.code, values)
            for dimension in dimensions.SHARED
            if (values := members_held(book, dimension.code) if of_members else book.values_of(dimension.code))
        ]
        for left, right in zip_longest(held[::2], held[1::2]):
            for place, each in zip(st.columns(2, gap="small"), (left, right), strict=True):
                if each is not None:
                    with place:
                        code = tier_choice.chosen() if of_members and each[0] == dimensions.TIER.code else each[0]
                        _values(*each, dict(filters.choices).get(each[0], ()), book, dimension_name(code))
        if of_members and any(code == dimensions.TIER.code for code, _held in held):
            tier_choice.draw()
    st.button(
        _("Back to the usual filters"),
        icon=":material/restart_alt:",
        key="filters-reset",
        disabled=filters == opening,
        on_click=_reset,
        args=(opening,),
        width="stretch",
    )


def _select(field: str, label: str, value: object, options: dict[Any, str]) -> None:
    key = f"filter-{field}"
    st.session_state[key] = value
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: _(options[option]),
        key=key,
        on_change=_take,
        args=(field, key),
        filter_mode=None,
    )


def _disbursements(book: Book) -> tuple[date | None, date | None]:
    return book.first_disbursed_on, book.last_disbursed_on


def _registrations(book: Book) -> tuple[date | None, date | None]:
    return book.first_registered_on, book.last_registered_on


def _months(filters: Filters, ends: tuple[date | None, date | None], book: Book) -> None:
    offered = _offered_months(filters, ends, book)
    first, last = filters.first_month or offered[0], filters.last_month or offered[-1]
    left, right = st.columns(2, gap="small")
    for place, field, label, value in (
        (left, "first_month", _("From"), first),
        (right, "last_month", _("To"), last),
    ):
        key = f"filter-{field}"
        st.session_state[key] = value
        with place:
            st.selectbox(label, offered, format_func=formats.month, key=key, on_change=_take, args=(field, key))


def _offered_months(filters: Filters, ends: tuple[date | None, date | None], book: Book) -> list[date]:
    """The book's months from the one end to the other, and those that the link names."""
    named = [month for month in (filters.first_month, filters.last_month) if month is not None]
    held = [day for day in ends if day is not None]
    months = [calendar.first_of_month(day) for day in held] or named or [calendar.first_of_month(book.as_of)]
    first, length = min(months), calendar.months_between(min(months), max(months)) + 1
    return sorted({calendar.add_months(first, months) for months in range(length)} | set(named))


def _values(code: str, held: tuple[str, ...], values: tuple[str, ...], book: Book, name: str) -> None:
    key = f"filter-{code}"
    st.session_state[key] = list(values)
    st.multiselect(
        name,
        tuple(dict.fromkeys((*held, *values))),  # what was chosen on a page of the other kind stays in sight
        format_func=lambda value: value_label(code, value, book),
        key=key,
        placeholder=_("All"),
        on_change=_take_values,
        args=(code, key),
    )


def _take(field: str, key: str) -> None:
    fields: dict[str, object] = {field: st.session_state[key]}
    if field == "period" and st.session_state[key] is Period.CUSTOM:
        fields |= {"first_month": choice.chosen().first_month, "last_month": choice.chosen().last_month}
    choice.change(**fields)


def _take_values(code: str, key: str) -> None:
    others = [chosen for chosen in choice.chosen().choices if chosen[0] != code]
    values = tuple(st.session_state[key])
    order = [dimension.code for dimension in dimensions.SHARED]
    kept = [*others, (code, values)] if values else others
    choice.change(choices=tuple(sorted(kept, key=lambda chosen: order.index(chosen[0]))))


def _reset(opening: Filters) -> None:
    choice.change(**{name: getattr(opening, name) for name in Filters.__dataclass_fields__})
