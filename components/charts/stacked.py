"""Shares or counts over time, stacked from zero: one bar per month or week, each part named beside the last."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base, ends
from components.charts.lines import Ticks

_LETTER = 6.2  # px


@base.drawn_once
def stacked(
    parts: pd.DataFrame, *, names: dict[str, tuple[str, str]], ticks: Ticks, height: int, counted: bool = False
) -> go.Figure:
    """One bar per month or week, its parts from the bottom up in the order of `names`.

    Columns read: part, x (place), share (0-1, or counts where `counted`), hover; running (bool, where it is there):
    the bar is not whole yet and hatched. names: part -> its name and its colour.
    """
    widest = max(sum(12.0 if ord(letter) > 0x2E80 else _LETTER for letter in name) for name, _colour in names.values())
    made = base.figure(height=height, left=44, right=int(widest) + 34, top=14, bottom=44)
    totals = parts.groupby("x")["share"].sum()
    highest = max(1.0 if counted else 0.005, float(totals.max()) * 1.08) if len(totals) else 1.0
    highest = highest if counted else min(1.0, highest)
    below, heights, plot = 0.0, [], height - 58
    for part, (_name, colour) in names.items():
        rows = parts.loc[parts["part"] == part].sort_values("x")
        made.add_trace(
            go.Bar(
                x=rows["x"],
                y=rows["share"],
                marker={
                    "color": colour,
                    "line": {"color": theme.BACKGROUND, "width": 1},
                    "pattern": _unfinished(rows, colour),
                },
                customdata=rows["hover"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
        last = float(rows["share"].iloc[-1]) if len(rows) else 0.0
        heights.append((below + last / 2) / highest * plot)
        below += last
    for (name, colour), at in zip(names.values(), ends.spread(heights, plot), strict=True):
        made.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=6,
            y=0,
            yref="paper",
            yanchor="middle",
            yshift=at,
            text=f"<span style='color:{colour}'>■</span> {name}",
            font={"size": base.TICK, "color": theme.TEXT},
            showarrow=False,
        )
    made.update_xaxes(
        range=[ticks.first - 0.6, ticks.last + 0.6], tickvals=ticks.places, ticktext=ticks.texts, showgrid=False,
        tickangle=0,
    )  # fmt: skip
    (base.count_axis if counted else base.rate_axis)(made, highest, axis="y")
    made.update_yaxes(range=[0, highest], showgrid=True, gridcolor=theme.GRID)
    made.update_layout(barmode="stack", bargap=0.15, hovermode="closest")
    return made


def _unfinished(rows: pd.DataFrame, colour: str) -> dict[str, object]:
    """The pattern of bars of which some are not whole yet; none where all are."""
    if "running" not in rows.columns or not rows["running"].any():
        return {}
    shapes = ["/" if running else "" for running in rows["running"]]
    return {"shape": shapes, "size": 6, "solidity": 0.3, "fillmode": "replace", "fgcolor": colour}
