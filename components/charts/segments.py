"""Default rate by segment: dots and whiskers around the book's line, rate and count beside each row."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base

_COLUMN = {"rate": 58, "count": 116}  # px right of the plot at which the two columns end
_DOT = 1.04  # times its rate that a dot reaches on a small screen


@base.drawn_once
def segments(
    rows: pd.DataFrame,
    *,
    book_rate: float,
    heads: dict[str, str],
    height: int,
    chosen: str = "",
    judged: Mapping[str, str] = theme.JUDGED,
    axis: Callable[[go.Figure, float, float], None] | None = None,
    marked: bool = True,
) -> go.Figure:
    """One row per segment, drawn from top to bottom in the order given.

    Columns read: segment (what a click returns), label, rate, low, high (0-1), stands_out (above, below or empty),
    thin, rate_text, count_text, hover.
    heads: texts "book" (beside the book's line), "rate" and "count" (over the two columns). judged: the colours. axis:
    draws the axis from the lowest to the highest, where these are no rates and may be below zero: `amounts`, `numbers`.
    marked: rows are judged, so each has its mark.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [base.shortened(str(label)) for label in rows["label"]]
    made = base.figure(height=height, left=base.label_width(labels), right=_COLUMN["count"] + 6, top=26, bottom=28)
    made.add_vline(x=book_rate, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    beside: list[dict[str, Any]] = []
    trusted = rows.loc[~rows["thin"]] if not rows["thin"].all() else rows
    within = trusted["low"].min(), trusted["high"].max()
    for (status, thin), group in rows.groupby(["stands_out", "thin"]):
        colour = theme.faded(judged[status], 0.45 if thin else 1.0)
        made.add_trace(_dots(group, colour, filled=bool(status), cut=_reaches_out(group, within)))
        for row in group.itertuples(index=False):
            text = f"{theme.MARKS[status]} {row.rate_text}" if marked else row.rate_text
            written = f"<b>{text}</b>" if status else text
            beside.append(_beside(row.place, "rate", written, colour if status else theme.TEXT))
            beside.append(_beside(row.place, "count", row.count_text, theme.MUTED))
    base.annotate(made, beside)
    for column, end in _COLUMN.items():
        base.over(made, heads[column], x=1, xref="paper", xshift=end, xanchor="right", colour=theme.MUTED)
    for place in rows.loc[rows["segment"] == chosen, "place"]:
        base.band(made, place, theme.faded(theme.ACCENT, 0.12))
    made.update_yaxes(range=[base.rows_of(made, len(rows)) - 0.4, -0.6], tickvals=list(rows["place"]), ticktext=labels)
    highest = max([book_rate, *(rows["rate"].dropna() * _DOT), *trusted["high"].dropna()]) * 1.04
    if axis is None:
        base.rate_axis(made, min(1.0, highest))
    else:
        axis(made, min([0.0, *rows["rate"].dropna(), *trusted["low"].dropna()]) * 1.04, highest)
    anchor = "right" if book_rate > highest * 0.6 else "center"  # clear of the other heads on a small screen
    base.over(made, heads["book"], x=book_rate, xref="x", xanchor=anchor, colour=theme.TEXT)
    made.update_layout(hovermode="y", hoverdistance=base.ROW)
    return made


def amounts(made: go.Figure, lowest: float, highest: float) -> None:
    """The axis of amounts in fen."""
    base.money_axis(made, lowest, highest, formats.money)


def numbers(made: go.Figure, lowest: float, highest: float) -> None:
    """The axis of plain numbers."""
    base.index_axis(made, highest)
    made.update_xaxes(range=[lowest - 0.02 * (highest - lowest), highest])


def _reaches_out(group: pd.DataFrame, within: tuple[float, float]) -> bool:
    """Whether an interval reaches further than the axis, which is drawn for those that are trusted."""
    return bool(((group["low"] < within[0]) | (group["high"] > within[1])).any())


def _dots(group: pd.DataFrame, colour: str, *, filled: bool, cut: bool) -> go.Scatter:
    """Dots of one colour, filled where they stand out, each with its interval; cut: at the end of the axis."""
    return go.Scatter(
        x=group["rate"],
        y=group["place"],
        mode="markers",
        marker={
            "size": 10,
            "color": colour if filled else theme.BACKGROUND,
            "line": {"color": colour, "width": 2},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": group["high"] - group["rate"],
            "arrayminus": group["rate"] - group["low"],
            "color": colour,
            "thickness": 2,
            "width": 0,
        },
        customdata=group[["segment"]].to_numpy(),
        text=group["hover"],
        hovertemplate="%{text}<extra></extra>",
        unselected={"marker": {"opacity": 1}},  # a click filters the page; it doesn't fade the other dots
        cliponaxis=cut,
    )


def _beside(place: int, column: str, text: str, colour: str) -> dict[str, Any]:
    return {
        "x": 1,
        "xref": "paper",
        "xshift": _COLUMN[column],
        "xanchor": "right",
        "y": place,
        "yref": "y",
        "text": text,
        "font": {"size": base.TICK, "color": colour},
        "showarrow": False,
    }
