"""A tree as an icicle: a branch is as wide as it has members and stands below its referrer; each block is clickable."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_TEXT = 11  # px, the least that a text in a block may be; shorter blocks go without
_FEWEST_LEVELS = 5
_HATCH = {"shape": "/", "size": 5, "solidity": 0.25, "fillmode": "replace"}


@base.drawn_once
def icicle(rows: pd.DataFrame, *, height: int, given: list[str]) -> go.Figure:
    """One block per row, the tops above.

    Columns read: first, width, depth (of `rules.trees.spans`), colour, ink (of the text), more (hatched), text, hover,
    and `given`: what a click returns.
    """
    made = base.figure(height=height, left=2, right=2, top=2, bottom=2)
    for more, group in rows.groupby("more"):
        made.add_trace(
            go.Bar(
                x=group["first"] + group["width"] / 2,
                width=group["width"],
                base=group["depth"],
                y=[0.96] * len(group),
                marker={
                    "color": list(group["colour"]),
                    "line": {"color": theme.BACKGROUND, "width": 1},
                    "pattern": {**_HATCH, "fgcolor": theme.MUTED} if more else {},
                },
                text=group["text"],
                textposition="inside",
                insidetextanchor="start",
                textangle=0,
                insidetextfont={"color": list(group["ink"]), "size": base.TICK},
                constraintext="inside",
                customdata=group[given].to_numpy(),
                hovertext=group["hover"],
                hovertemplate="%{hovertext}<extra></extra>",
                unselected={"marker": {"opacity": 1}},  # a click leads on; it doesn't fade the other blocks
            )
        )
    levels = max(_FEWEST_LEVELS, int(rows["depth"].max()) + 1)
    made.update_xaxes(range=[0, float(rows.loc[rows["depth"] == 0, "width"].sum())], visible=False)
    made.update_yaxes(range=[levels, 0], visible=False)
    made.update_layout(barmode="overlay", bargap=0, hovermode="closest", uniformtext={"minsize": _TEXT, "mode": "hide"})
    return made
