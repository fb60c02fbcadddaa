"""Filters as they stand in a link: codes, not labels, so that a link reads the same in both languages.

What counts as default, and within how long, always stands there; of the rest only what differs from the opening
filters. Whatever does not fit is read as the opening value.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar

from rules import dimensions
from rules.book import Book
from rules.filters import Comparison, Definition, Filters, Horizon, Period
from rules.member_filters import held

KEYS = ("period", "from", "to", "compare", "definition", "horizon", *(d.code for d in dimensions.SHARED), "drill")

_MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])")  # later sums of months stay within the calendar
_ESCAPES = {"%": "%25", "~": "%7E", ":": "%3A"}
_Choice = TypeVar("_Choice", bound=StrEnum)

Parameters = dict[str, list[str]]


def read(parameters: Mapping[str, Sequence[str]], opening: Filters, book: Book) -> Filters:
    """The filters that a link asks for, on one book."""

    def last(key: str) -> str:
        values = parameters.get(key) or [""]
        return values[-1]

    choices = []
    for dimension in dimensions.SHARED:
        asked = set(parameters.get(dimension.code, ()))
        kept = tuple(value for value in held(book, dimension.code) if value in asked)
        if kept:
            choices.append((dimension.code, kept))
    first, last_month = _month(last("from")), _month(last("to"))
    period = _one_of(Period, last("period"), opening.period)
    if period is Period.CUSTOM and first is None and last_month is None:
        period = opening.period
    return Filters(
        period=period,
        first_month=first if period is Period.CUSTOM else None,
        last_month=last_month if period is Period.CUSTOM else None,
        compare_to=_one_of(Comparison, last("compare"), opening.compare_to),
        definition=_one_of(Definition, last("definition"), opening.definition),
        horizon=_one_of(Horizon, last("horizon"), opening.horizon),
        choices=tuple(choices),
        drill=_drill(last("drill"), book),
    )


def write(filters: Filters, opening: Filters) -> Parameters:
    """The parameters of a link that opens with these filters."""
    parameters: Parameters = {"definition": [filters.definition.value], "horizon": [filters.horizon.value]}
    if filters.period is not opening.period:
        parameters["period"] = [filters.period.value]
    if filters.compare_to is not opening.compare_to:
        parameters["compare"] = [filters.compare_to.value]
    if filters.period is Period.CUSTOM:
        for key, month in (("from", filters.first_month), ("to", filters.last_month)):
            if month is not None:
                parameters[key] = [f"{month:%Y-%m}"]
    parameters |= {code: list(values) for code, values in filters.choices}
    if filters.drill:
        parameters["drill"] = ["~".join(f"{code}:{_escaped(value)}" for code, value in filters.drill)]
    return parameters


def _one_of(kind: type[_Choice], text: str, usual: _Choice) -> _Choice:
    return kind(text) if text in set(kind) else usual


def _month(text: str) -> date | None:
    match = _MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match else None


def _drill(text: str, book: Book) -> tuple[tuple[str, str], ...]:
    filters = Filters()
    for step in text.split("~")[: len(dimensions.BY_CODE)]:
        code, _, escaped = step.partition(":")
        value = _unescaped(escaped)
        if code in dimensions.BY_CODE and value in held(book, code):
            filters = filters.drilled(code, value)
    return filters.drill


def _escaped(value: str) -> str:
    return re.sub("[%~:]", lambda match: _ESCAPES[match[0]], value)


def _unescaped(text: str) -> str:
    for letter, escape in reversed(_ESCAPES.items()):
        text = text.replace(escape, letter)
    return text
