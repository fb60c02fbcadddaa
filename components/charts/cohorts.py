"""A rate by cohort: one bar a month from zero with its interval, hatched while the cohort is still maturing."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_NUMBERED = 14  # so many bars have room for a number each
_HATCH = {"shape": "/", "size": 6, "solidity": 0.3, "fillmode": "replace"}


@base.drawn_once
def cohorts(rows: pd.DataFrame, *, maturing: str, title: str, height: int) -> go.Figure:
    """One bar per month in time order.

    Columns read: label (under the bar, may be empty), rate, low, high (0-1), immature, rate_text, hover.
    maturing: the words over the hatched months. title: what the months are.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    made = base.figure(height=height, left=44, right=8, top=22, bottom=58)
    young = rows.loc[rows["immature"], "place"]
    if len(young):
        made.add_shape(
            type="rect", x0=young.min() - 0.5, x1=young.max() + 0.5, yref="paper", y0=0, y1=1,
            fillcolor=theme.faded(theme.UNCERTAIN, 0.12), line_width=0, layer="below",
        )  # fmt: skip
        base.over(made, maturing, x=young.max() + 0.5, xref="x", xanchor="right", colour=theme.MUTED)
    for immature, group in rows.groupby("immature"):
        made.add_trace(_bars(group, hatched=bool(immature)))
    if len(rows) <= _NUMBERED:
        base.annotate(
            made,
            (
                {
                    "x": row.place, "y": row.high, "yshift": 9, "text": row.rate_text, "showarrow": False,
                    "font": {"size": base.TICK, "color": theme.MUTED if row.immature else theme.TEXT},
                }
                for row in rows.itertuples(index=False)
            ),
        )  # fmt: skip
    named = rows.loc[rows["label"] != ""]
    made.update_xaxes(
        tickvals=list(named["place"]),
        ticktext=list(named["label"]),
        range=[-0.6, max(len(rows), base.FEWEST_ROWS) - 0.4],
        showgrid=False,
        tickangle=0,
        title={"text": title, "font": {"size": base.TICK, "color": theme.MUTED}, "standoff": 4},
    )
    base.rate_axis(made, min(1.0, max(0.005, float(rows["high"].max())) * 1.12), axis="y")
    made.update_yaxes(showgrid=True, gridcolor=theme.GRID)
    made.update_layout(hovermode="closest", bargap=0)
    return made


def _bars(group: pd.DataFrame, *, hatched: bool) -> go.Bar:
    return go.Bar(
        x=group["place"],
        y=group["rate"],
        width=0.68,
        marker={
            "color": theme.ACCENT,
            "line": {"color": theme.ACCENT, "width": 1},
            "pattern": {**_HATCH, "bgcolor": theme.BACKGROUND} if hatched else {},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": group["high"] - group["rate"],
            "arrayminus": group["rate"] - group["low"],
            "color": theme.TEXT,
            "thickness": 1.2,
            "width": 3,
        },
        hovertext=group["hover"],
        hovertemplate="%{hovertext}<extra></extra>",
    )
