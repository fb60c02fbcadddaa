"""Costs per head, each a bar of its parts from zero, with a diamond for what a head is worth and counts beside it."""

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base

_COLUMN = 46  # px right of the plot for the counts
_A_LINE = 3  # names of parts on one line over the plot, so that they fit a phone
_LINE = 17  # px
_HATCH = {"shape": "/", "size": 6, "solidity": 0.3, "fillmode": "replace"}


def cost_bars(rows: pd.DataFrame, *, parts: dict[str, tuple[str, str]], head: str, height: int) -> go.Figure:
    """One bar per row, from top to bottom in the order given; parts below zero lie left of it.

    Columns read: label, a column per part (fen per head), total, low, high (nan without an interval), total_text,
    count_text, worth (nan without one), loses (the bar is longer than what it is worth), hatched (bool), hover.
    parts: part -> its name and colour, in the order in which they are stacked. head: over the counts.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    held = {part: named for part, named in parts.items() if (rows[part].fillna(0) != 0).any()}
    names = _in_lines(held)
    made = base.figure(
        height=height, left=base.label_width(labels), right=_COLUMN, top=12 + _LINE * len(names), bottom=24
    )
    for part, (_name, colour) in held.items():
        made.add_trace(_part(rows, part, colour))
    made.add_trace(_whiskers(rows))
    made.add_trace(_diamonds(rows))
    for row in rows.itertuples(index=False):
        _beside(made, row)
    for place, line in enumerate(names):
        base.over(made, line, x=0, xref="paper", xanchor="left", colour=theme.TEXT)
        made.layout.annotations[-1].yshift = 4 + _LINE * (len(names) - 1 - place)
    base.over(made, head, x=1, xref="paper", xshift=_COLUMN - 4, xanchor="right", colour=theme.MUTED)
    made.update_yaxes(
        range=[max(len(rows), base.FEWEST_ROWS) - 0.45, -0.55], tickvals=list(rows["place"]), ticktext=labels
    )
    reach = pd.concat([rows["total"], rows["worth"], rows["high"].where(rows["high"] < 2 * rows["total"])]).max()
    lowest = min(0.0, float(rows[list(held)].clip(upper=0).sum(axis=1).min())) if held else 0.0
    base.money_axis(made, lowest * 1.05, float(reach) * 1.26 or 1.0, formats.money)
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


def _diamonds(rows: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=rows["worth"],
        y=rows["place"],
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 11,
            "color": theme.BACKGROUND,
            "line": {"color": theme.TEXT, "width": 2},
        },
        customdata=rows["hover"],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _beside(made: go.Figure, row: tuple) -> None:
    end = max([0.0, *(each for each in (row.total, row.high) if not pd.isna(each))])
    meets = not pd.isna(row.worth) and abs(row.worth - end) < 0.12 * end  # the diamond would lie on the text
    made.add_annotation(
        x=end,
        y=row.place - 0.36 if meets else row.place,
        xanchor="left",
        xshift=6,
        text=f"<b>{row.total_text}</b>",
        font={"size": base.TICK, "color": theme.BAD if row.loses else theme.TEXT},
        showarrow=False,
    )
    made.add_annotation(
        x=1,
        xref="paper",
        xshift=_COLUMN - 4,
        xanchor="right",
        y=row.place,
        text=row.count_text,
        font={"size": base.TICK, "color": theme.MUTED},
        showarrow=False,
    )


def _in_lines(held: dict[str, tuple[str, str]]) -> list[str]:
    shown = [f"<span style='color:{colour}'>■</span> {name}" for name, colour in held.values()]
    return ["   ".join(shown[place : place + _A_LINE]) for place in range(0, len(shown), _A_LINE)]
