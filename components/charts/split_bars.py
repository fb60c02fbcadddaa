"""Bars from zero, one a row, each split into the same parts; what a row comes to stands at its end."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_TEXT = 74  # px right of the longest bar
_HEAD = 24  # px over the bars for the names of the parts
_HATCH = {"shape": "/", "size": 5, "solidity": 0.35, "fillmode": "overlay", "fgcolor": theme.BACKGROUND}


@dataclass(frozen=True)
class Part:
    """One part of every bar. A hatched one is told from its neighbour in print, too."""

    column: str
    name: str
    colour: str
    hatched: bool = False


@base.drawn_once
def split_bars(rows: pd.DataFrame, *, parts: list[Part], height: int) -> go.Figure:
    """One bar a row, from top to bottom in the order given. Columns read: label, text, hover, those of the parts."""
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    made = base.figure(height=height, left=base.label_width(labels), right=_TEXT, top=_HEAD, bottom=8)
    for part in parts:
        made.add_trace(
            go.Bar(
                orientation="h",
                x=rows[part.column],
                y=rows["place"],
                width=0.62,
                marker={
                    "color": part.colour,
                    "line": {"color": theme.BACKGROUND, "width": 1},
                    "pattern": _HATCH if part.hatched else {},
                },
                customdata=rows["hover"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    totals = rows[[part.column for part in parts]].sum(axis=1)
    for row, total in zip(rows.itertuples(index=False), totals, strict=True):
        made.add_annotation(
            x=total, y=row.place, xanchor="left", xshift=5, text=row.text, showarrow=False,
            font={"size": base.TICK, "color": theme.TEXT},
        )  # fmt: skip
    named = "   ".join(
        f"<span style='color:{part.colour}'>{'▨' if part.hatched else '■'}</span> {part.name}" for part in parts
    )
    base.over(made, named, x=0, xref="paper", xanchor="left", colour=theme.TEXT, xshift=6 - made.layout.margin.l)
    made.update_yaxes(range=[base.rows_of(made, len(rows)) - 0.5, -0.5], tickvals=list(rows["place"]), ticktext=labels)
    made.update_xaxes(range=[0, float(totals.max()) or 1.0], showticklabels=False, showgrid=False)
    made.update_layout(barmode="stack", hovermode="y", hoverdistance=base.ROW)
    return made
