"""Costs per head, each a bar of its parts from zero, with a diamond for what a head is worth and counts beside it."""

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base

_TOTAL, _COUNT = 50, 56  # px right of the plot at which the totals end, and after which at least the counts
_BEYOND = 1.7  # times the longest bar that the axis reaches; what a head is worth beyond it is a triangle at the edge
_A_LINE = 3  # names of parts on one line over the plot, so that they fit a phone
_LINE = 17  # px
_HATCH = {"shape": "/", "size": 6, "solidity": 0.3, "fillmode": "replace"}


@base.drawn_once
def cost_bars(
    rows: pd.DataFrame, *, parts: dict[str, tuple[str, str]], heads: tuple[str, str], height: int
) -> go.Figure:
    """One bar per row, from top to bottom in the order given; parts below zero lie left of it.

    Columns read: label, a column per part (fen per head), total, low, high (nan without an interval), total_text,
    count_text, worth (nan without one), loses (the bar is longer than what it is worth), hatched (bool), hover.
    parts: part -> its name and colour, in the order in which they are stacked. heads: over the totals and the counts.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    ends = _TOTAL, _TOTAL + max(_COUNT, base.label_width([heads[1]]))
    held = {part: named for part, named in parts.items() if (rows[part].fillna(0) != 0).any()}
    names = _in_lines(held)
    made = base.figure(
        height=height,
        left=base.label_width(labels),
        right=ends[1] + 6,
        top=12 + _LINE * (len(names) + 1),
        bottom=28,
    )
    for part, (_name, colour) in held.items():
        made.add_trace(_part(rows, part, colour))
    made.add_trace(_whiskers(rows))
    longest = float(pd.concat([rows["total"], rows["high"].where(rows["high"] < 2 * rows["total"])]).max()) or 1.0
    reach = min(max(longest, float(rows["worth"].max())), longest * _BEYOND) if rows["worth"].notna().any() else longest
    lowest = min(0.0, float(rows[list(held)].clip(upper=0).sum(axis=1).min())) if held else 0.0
    made.add_trace(_diamonds(rows, lowest, reach))
    for row in rows.itertuples(index=False):
        _beside(made, row, ends)
    for place, line in enumerate(names):
        base.over(made, line, x=0, xref="paper", xanchor="left", colour=theme.TEXT, xshift=6 - made.layout.margin.l)
        made.layout.annotations[-1].yshift = 4 + _LINE * (len(names) - place)
    for end, text in zip(ends, heads, strict=True):
        base.over(made, text, x=1, xref="paper", xshift=end, xanchor="right", colour=theme.MUTED)
    made.update_yaxes(
        range=[base.rows_of(made, len(rows)) - 0.45, -0.55], tickvals=list(rows["place"]), ticktext=labels
    )
    base.money_axis(made, lowest * 1.05, reach * 1.04, formats.money)
    made.add_vline(x=0, line={"color": theme.MUTED, "width": 1})
    made.update_layout(barmode="relative", hovermode="closest", bargap=0.34)
    return made


def _part(rows: pd.DataFrame, part: str, colour: str) -> go.Bar:
    pattern = {**_HATCH, "shape": ["/" if hatched else "" for hatched in rows["hatched"]], "fgcolor": colour}
    return go.Bar(
        orientation="h",
        x=rows[part],
        y=rows["place"],
        marker={
            "color": colour,
            "line": {"color": theme.BACKGROUND, "width": 1},
            **({"pattern": pattern} if rows["hatched"].any() else {}),
        },
        customdata=rows["hover"],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _whiskers(rows: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=rows["total"],
        y=rows["place"],
        mode="markers",
        marker={"size": 1, "color": theme.TEXT},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["high"] - rows["total"],
            "arrayminus": rows["total"] - rows["low"],
            "color": theme.MUTED,
            "thickness": 1.5,
            "width": 3,
        },
        hoverinfo="skip",
    )


def _diamonds(rows: pd.DataFrame, lowest: float, highest: float) -> go.Scatter:
    """What a head is worth; a triangle at the edge of the axis where that lies further out."""
    symbols = [
        "triangle-left" if worth < lowest else "triangle-right" if worth > highest else "diamond"
        for worth in rows["worth"]
    ]
    return go.Scatter(
        x=rows["worth"].clip(lowest, highest),
        y=rows["place"],
        mode="markers",
        marker={
            "symbol": symbols,
            "size": 11,
            "color": theme.BACKGROUND,
            "line": {"color": theme.TEXT, "width": 2},
        },
        customdata=rows["hover"],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _beside(made: go.Figure, row: tuple, ends: tuple[int, int]) -> None:
    for end, text, colour in (
        (ends[0], f"<b>{row.total_text}</b>", theme.BAD if row.loses else theme.TEXT),
        (ends[1], row.count_text, theme.MUTED),
    ):
        made.add_annotation(
            x=1,
            xref="paper",
            xshift=end,
            xanchor="right",
            y=row.place,
            text=text,
            font={"size": base.TICK, "color": colour},
            showarrow=False,
        )


def _in_lines(held: dict[str, tuple[str, str]]) -> list[str]:
    shown = [f"<span style='color:{colour}'>■</span> {name}" for name, colour in held.values()]
    return ["   ".join(shown[place : place + _A_LINE]) for place in range(0, len(shown), _A_LINE)]
