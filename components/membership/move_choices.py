"""What the link asks of the cards on movement: two days, which way members moved, days until another loan, a month."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from components import formats, linked
from components.language import _, ngettext
from rules import calendar
from rules.book import Book
from rules.moves import Kind
from rules.policy import Policy
from rules.retention import HORIZONS
from rules.text import N_

FLOWS, MATRIX = "flows", "matrix"

_FROM, _TO, _SHAPE, _KIND, _AGAIN, _WATCHED = "moved_from", "moved_to", "moves", "before", "again_within", "watched"
_LISTED = 24  # month ends that are offered
_SHAPES = {FLOWS: N_("Flows"), MATRIX: N_("Matrix")}
_KINDS = {Kind.UPGRADE: N_("Before an upgrade"), Kind.LAPSE: N_("Before a lapse")}


def mature_days(rule: Policy, book: Book) -> int:
    """For how long members must have been observed to be counted: movement has windows of its own."""
    return 0


def days(book: Book) -> tuple[date, date]:
    """The two days between which members move, the earlier one first: any two that the link names."""
    first, last = _day(_FROM, _opening(book)[0], book), _day(_TO, _opening(book)[1], book)
    if first == last:
        return calendar.add_days(first, -1), last
    return min(first, last), max(first, last)


def draw_days(book: Book) -> None:
    """The select boxes of the two days: month ends, and whichever day the link names."""
    for key, opening, label, named in (
        (_FROM, _opening(book)[0], _("From"), _("from {day}")),
        (_TO, _opening(book)[1], _("To"), _("to {day}")),
    ):
        asked = _day(key, opening, book)
        offered = sorted({*_month_ends(book), opening, asked}, reverse=True)
        linked.select(
            key,
            [day.isoformat() for day in offered],
            opening=opening.isoformat(),
            label=label,
            named=lambda text, named=named: named.format(day=formats.day(date.fromisoformat(text))),
        )


def draw_shape() -> str:
    """The select box for flows or a matrix of them."""
    return linked.select(
        _SHAPE, list(_SHAPES), opening=FLOWS, label=_("Drawn as"), named=lambda shape: _(_SHAPES[shape])
    )


def draw_kind() -> Kind:
    """The select box for which way members moved."""
    chosen = linked.select(
        _KIND, [kind.value for kind in Kind], opening=Kind.UPGRADE.value, label=_("Before"),
        named=lambda kind: _(_KINDS[Kind(kind)]),
    )  # fmt: skip
    return Kind(chosen)


def draw_again(opening: int) -> int:
    """The select box for within how many days another loan counts."""
    chosen = linked.select(
        _AGAIN, [str(days) for days in HORIZONS], opening=str(opening), label=_("Borrowed again within"),
        named=lambda days: ngettext("within {days} day", "within {days} days", int(days)).format(days=days),
    )  # fmt: skip
    return int(chosen)


def again(opening: int) -> int:
    """Within how many days another loan counts, as the link says."""
    return int(linked.value(_AGAIN, [str(days) for days in HORIZONS], str(opening)))


def watched_on(book: Book) -> date:
    """The month end whose watched members are listed; the newest that the as-of date has reached."""
    return date.fromisoformat(linked.value(_WATCHED, _texts(_month_ends(book)), _month_ends(book)[0].isoformat()))


def draw_watched(book: Book) -> None:
    """The select box of the month end."""
    ends = _month_ends(book)
    linked.select(
        _WATCHED, _texts(ends), opening=ends[0].isoformat(), label=_("Month end"),
        named=lambda text: formats.month(date.fromisoformat(text)),
    )  # fmt: skip


def _day(key: str, opening: date, book: Book) -> date:
    """The day that the link names, if it is one on which the book can have members."""
    try:
        asked = date.fromisoformat(st.query_params.get(key, ""))
    except ValueError:
        return opening
    first = book.first_registered_on or book.as_of
    return asked if first <= asked <= book.as_of else opening


def _opening(book: Book) -> tuple[date, date]:
    newest = calendar.newest_month_end(book.as_of)
    return calendar.last_of_month(calendar.add_months(newest, -1)), newest


def _month_ends(book: Book) -> list[date]:
    """The month ends that are offered, the newest first."""
    newest = calendar.newest_month_end(book.as_of)
    return [calendar.last_of_month(calendar.add_months(newest, -back)) for back in range(_LISTED)]


def _texts(days: Sequence[date]) -> list[str]:
    return [day.isoformat() for day in days]
