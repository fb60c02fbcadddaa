"""Tables: one way to show rows, with units in the heads, aligned numbers and thousands separators."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import access, downloads, export, language, view
from components.language import _

ROW = 30  # px a row takes
_BORDERS = 4  # px
_LEAST_POINTS = 0.005  # that are not drawn as 0.00
_THOUSAND_FEN = 100_000  # a thousand CNY


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"  # what is expected is no whole number, but is shown as one
    FEN = "fen"  # shown in CNY
    RATIO = "ratio"  # shown in percent
    BAR = "bar"  # a ratio that is drawn as a bar too, which is full at `most`
    POINTS = "points"  # a difference of ratios, shown in points with its sign
    DECIMAL = "decimal"  # a plain number with three decimals
    TENTHS = "tenths"  # a plain number with one decimal
    DAY = "day"
    INSTANT = "instant"
    YES = "yes"


@dataclass(frozen=True)
class Column:
    """How one column is shown. `label` and `help` are already in the reader's language."""

    label: str
    kind: Kind = Kind.TEXT
    help: str | None = None
    pinned: bool = False
    width: int | None = None  # px; None: as the content needs
    most: float = 1.0  # of a bar


@dataclass(frozen=True)
class Offer:
    """Where the files of tables are offered that are drawn meanwhile, and what they say of themselves."""

    place: DeltaGenerator
    facts: Callable[[str], export.Header]  # of the filters in words


_offers: ContextVar[Offer | None] = ContextVar("_offers", default=None)


@contextmanager
def offering(offer: Offer | None) -> Iterator[None]:
    """Offer each table that is drawn meanwhile as a file too; None: they are offered elsewhere."""
    before = _offers.set(offer)
    try:
        yield
    finally:
        _offers.reset(before)


def show(
    rows: pd.DataFrame, columns: Mapping[str, Column], *, key: str, height: int | None = None, **options: Any
) -> Any:
    """Draw the named columns in their order; further options are those of `st.dataframe`. Numbers stay sortable.

    `height` is the most that it takes; fewer rows take less.
    """
    shown = pd.DataFrame({name: _scaled(rows[name], column.kind) for name, column in columns.items()})
    offer = _offers.get()
    if offer is not None:
        _hand_over(offer, shown.rename(columns={name: _head(column) for name, column in columns.items()}), key)
    return st.dataframe(
        shown.assign(**{name: _signed(shown[name]) for name in columns if columns[name].kind is Kind.POINTS}),
        key=key,
        hide_index=True,
        row_height=ROW,
        placeholder="",
        height="auto" if height is None else tall(len(shown), height),
        column_config={name: _config(column, shown[name]) for name, column in columns.items()},
        **options,
    )


def tall(rows: int, most: int) -> int:
    """Px that a table of so many rows takes, if it may take no more than `most`."""
    return min(most, ROW * (rows + 1) + _BORDERS)


def _hand_over(offer: Offer, rows: pd.DataFrame, key: str) -> None:
    """The button of a table's file; none outside of a page, where nobody's right to it could be looked up."""
    shown = view.current()
    if shown.page:
        with offer.place:
            facts = partial(offer.facts, shown.words)
            downloads.table_button(key, shown, facts, rows, access.guard(shown.page, same_role=True))


def _head(column: Column) -> str:
    """What a column is called in a file: its label with its unit."""
    if column.kind is Kind.FEN:
        return _("{label}, CNY").format(label=column.label)
    if column.kind is Kind.POINTS:
        return _("{label}, points").format(label=column.label)
    return f"{column.label}, %" if column.kind in {Kind.RATIO, Kind.BAR} else column.label


def _scaled(values: "pd.Series[Any]", kind: Kind) -> "pd.Series[Any]":
    if kind is Kind.FEN:
        return _in_cny(values)
    if kind in {Kind.RATIO, Kind.POINTS, Kind.BAR}:
        return values * 100
    if kind is Kind.COUNT and pd.api.types.is_float_dtype(values):
        return values.round()
    return values


def _signed(points: "pd.Series[Any]") -> "pd.Series[Any]":
    """Points as they are drawn: what rounds to nothing is not below it."""
    return points.mask(points.abs() < _LEAST_POINTS, 0.0)


def _in_cny(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Amounts to the fen; means, which are no whole fen, to two decimals below a thousand CNY, else to whole CNY."""
    known = values.dropna().astype(float)
    if (known % 1 == 0).all():
        return values / 100
    return (values.astype(float) / 100).round(2 if known.abs().max() < _THOUSAND_FEN else 0)


def _amounts(values: "pd.Series[Any]") -> str:
    """How a column of amounts is written: with as many decimals on every row where no separators are needed."""
    known = values.dropna().astype(float)
    is_small = not known.empty and bool(known.abs().max() < _THOUSAND_FEN / 100)
    return "%.2f" if is_small and not (known % 1 == 0).all() else "localized"


def _config(column: Column, values: "pd.Series[Any]") -> Any:
    common: dict[str, Any] = {"help": column.help, "pinned": column.pinned, "width": column.width}
    if column.kind is Kind.DAY:
        return st.column_config.DateColumn(column.label, format="YYYY-MM-DD", **common | {"width": 92})
    if column.kind is Kind.INSTANT:
        return st.column_config.DatetimeColumn(column.label, format="YYYY-MM-DD HH:mm", **common | {"width": 128})
    if column.kind is Kind.BAR:
        pattern = "%.1f%%" if language.current() == "zh" else "%.1f\u00a0%%"
        bar = {"min_value": 0.0, "max_value": 100 * column.most, "format": pattern}
        return st.column_config.ProgressColumn(column.label, **bar, **common)
    if column.kind is Kind.YES:
        return st.column_config.CheckboxColumn(column.label, **common)
    if column.kind is Kind.TEXT:
        return st.column_config.TextColumn(column.label, **common)
    percent = "%.2f%%" if language.current() == "zh" else "%.2f\u00a0%%"
    label, pattern = {
        Kind.COUNT: (column.label, "localized"),
        Kind.FEN: (_("{label}, CNY").format(label=column.label), _amounts(values) if column.kind is Kind.FEN else ""),
        Kind.RATIO: (column.label, percent),
        Kind.POINTS: (_("{label}, points").format(label=column.label), "%+.2f"),
        Kind.DECIMAL: (column.label, "%.3f"),
        Kind.TENTHS: (column.label, "%.1f"),
    }[column.kind]
    return st.column_config.NumberColumn(label, format=pattern, **common)
