"""Amounts over months: a line per group, observed in full and projected in dots, each named at its end."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base, ends

_LETTER = 6.4  # px
_EVERY = 6  # months between ticks, of curves of two years
_TICK = 17  # px of the number of a month beside others


@dataclass(frozen=True)
class Curve:
    """One group's amounts. points: x (month), y (fen), projected (bool), hover; months rising without a gap."""

    points: pd.DataFrame
    name: str  # at its end
    value: str  # beside the name
    colour: str


@base.drawn_once
def values(curves: Sequence[Curve], *, title: str, words: str, height: int) -> go.Figure:
    """Curves over months from 0 on. title: of the axis of months; words: what stands over the projected part."""
    ends_with = [f"{curve.name} {curve.value}" for curve in curves]
    widest = max((sum(12.0 if ord(letter) > 0x2E80 else _LETTER for letter in text) for text in ends_with), default=0)
    made = base.figure(height=height, left=52, right=int(widest) + 24, top=22, bottom=44)
    every = pd.concat([curve.points for curve in curves])
    last = int(every["x"].max())
    lowest, highest = min(0.0, float(every["y"].min())), max(100.0, float(every["y"].max()))
    starts = [int(curve.points.loc[curve.points["projected"], "x"].min()) for curve in curves if _projects(curve)]
    if starts:
        made.add_vline(x=min(starts) - 1, line={"color": theme.GRID, "width": 1})
        base.over(made, words, x=min(starts) - 1, xref="x", xanchor="left", colour=theme.MUTED, xshift=4)
    for curve in curves:
        for trace in _traces(curve):
            made.add_trace(trace)
    plot = height - 66
    span = (highest - lowest) * 1.04
    at = [(float(curve.points["y"].iloc[-1]) - lowest) / span * plot for curve in curves]
    for curve, up, here in zip(curves, ends.spread(at, plot), at, strict=True):
        end = curve.points.iloc[-1]
        made.add_annotation(
            x=end["x"], y=end["y"], xshift=7, yshift=up - here, xanchor="left", yanchor="middle",
            text=theme.named(f"<b>{curve.name}</b> {curve.value}", curve.colour),
            font={"size": base.TICK, "color": theme.ink(curve.colour)}, showarrow=False,
        )  # fmt: skip
    most = base.most_steps(made, "x", _TICK, at_most=8)
    places = list(range(0, last + 1, next(step for step in (1, 2, 3, _EVERY, 12, last + 1) if last / step <= most)))
    made.update_xaxes(
        range=[-last * 0.01, last * 1.01],
        tickvals=places,
        ticktext=[str(place) for place in places],
        title={"text": title, "font": {"size": base.TICK, "color": theme.MUTED}, "standoff": 6},
        showgrid=False,
        tickangle=0,
    )
    base.money_axis(made, lowest, highest, formats.money, axis="y")
    made.update_yaxes(showgrid=True, gridcolor=theme.GRID)
    made.update_layout(hovermode="closest", hoverdistance=30)
    return made


def _projects(curve: Curve) -> bool:
    return bool(curve.points["projected"].any())


def _traces(curve: Curve) -> list[go.Scatter]:
    """The observed part, and the projected one from where that ends."""
    seen = curve.points.loc[~curve.points["projected"]]
    beyond = curve.points.loc[curve.points["projected"] | (curve.points["x"] == seen["x"].max())]
    parts = [(seen, "solid"), (beyond, "dot")] if _projects(curve) else [(seen, "solid")]
    return [
        go.Scatter(
            x=points["x"],
            y=points["y"],
            mode="lines+markers",
            line={"color": curve.colour, "width": 2.5, "dash": dash},
            marker={"size": 12, "color": curve.colour, "opacity": 0},
            text=points["hover"],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
        )
        for points, dash in parts
    ]
