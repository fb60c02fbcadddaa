"""Rows of default rates, of segments or of pairs: their texts, their table's columns, what a click on one leads to."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from components import cards, formats, tables
from components.filters.drill import drill_into
from components.language import _
from components.tables import Column, Kind
from rules.metrics import METRICS

Codes = tuple[str, ...]  # of the dimensions by whose values rows are told apart


def with_texts(rates: pd.DataFrame) -> pd.DataFrame:
    """The rows of `rules.default_rates.segment_rates` that have borrowers, with rate_text, count_text and verdict."""
    rows = rates.loc[rates["borrowers"] > 0]
    return rows.assign(
        rate_text=[formats.percent(rate) for rate in rows["rate"]],
        count_text=[formats.count(count) for count in rows["borrowers"]],
        verdict=[judged(status) for status in rows["stands_out"]],
    )


def judged(stands_out: str) -> str:
    """What the test says of a row, in a word."""
    return {"above": _("▲ above"), "below": _("▼ below"), "": _("≈ noise")}[stands_out]


def hover(name: str, row: Any, *more: str) -> str:
    """What is said of a row on hover. row: of `with_texts`."""
    return "<br>".join(
        [
            f"<b>{name}</b> {row.rate_text} ({formats.interval(row.low, row.high)})",
            _("{defaulted} of {borrowers} borrowers").format(
                defaulted=formats.count(row.defaulted), borrowers=row.count_text
            ),
            _("{points} to the book").format(points=formats.points(row.difference_to_book)),
            *more,
        ]
    )


def columns(names: dict[str, str]) -> dict[str, Column]:
    """The table's columns that both have. names: column that says which row it is -> its head."""
    return {
        **{column: Column(name, pinned=True) for column, name in names.items()},
        "rate": metric("default_rate", Kind.RATIO),
        "low": Column(_("From"), Kind.RATIO, help=_("Lower end of the Wilson interval")),
        "high": Column(_("To"), Kind.RATIO, help=_("Upper end of the Wilson interval")),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "difference_to_book": metric("difference_to_book", Kind.POINTS),
        "verdict": Column(_("Stands out")),
        "principal_fen": Column(_("Principal"), Kind.FEN),
    }


def metric(code: str, kind: Kind) -> Column:
    """A column that shows a metric."""
    found = METRICS[code]
    return Column(_(found.name), kind, help=_(found.definition))


def chart(made: Any, key: str, codes: Codes) -> None:
    """Draw a figure of which a click drills into the values that its points carry first."""
    cards.chart(made, key, on_select=partial(_clicked, codes, cards.chart_key(key)), selection_mode="points")


def table(
    rows: pd.DataFrame, shown: dict[str, Column], *, key: str, height: int, codes: Codes, segments: Sequence[str]
) -> None:
    """Draw a table of which a click drills into the values of a row. segments: the columns that hold them."""
    picked = partial(_picked, codes, rows[list(segments)].to_numpy().tolist(), key)
    tables.show(rows, shown, key=key, height=height, on_select=picked, selection_mode="single-row")


def _clicked(codes: Codes, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        _drill(codes, points[0]["customdata"][: len(codes)])


def _picked(codes: Codes, values: list[list[str]], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        _drill(codes, values[rows[0]])


def _drill(codes: Codes, values: Sequence[str]) -> None:
    for code, value in zip(codes, values, strict=True):
        drill_into(code, str(value))
