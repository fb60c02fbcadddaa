"""A tree as dots and lines: whoever was invited stands below whoever invited them; each dot is clickable."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_LEAST, _MOST = 7, 26  # px of a dot
_NAMED = 24  # dots on one level that are named; more would lie on each other


def node_links(rows: pd.DataFrame, *, height: int, given: list[str]) -> go.Figure:
    """One dot per row, lines from each to whom it hangs on.

    Columns read: x, y (of `rules.trees.places`), parent (row number, below 0 for a top), members, colour, more (open),
    text, hover, and `given`: what a click returns.
    """
    made = base.figure(height=height, left=14, right=14, top=18, bottom=18)
    below = rows.loc[rows["parent"] >= 0]
    above = rows.loc[below["parent"].to_numpy()]
    line_x = [x for pair in zip(above["x"], below["x"], strict=True) for x in (*pair, None)]
    line_y = [y for pair in zip(above["y"], below["y"], strict=True) for y in (*pair, None)]
    made.add_trace(
        go.Scatter(x=line_x, y=line_y, mode="lines", line={"color": theme.GRID, "width": 1}, hoverinfo="skip")
    )
    largest = max(1.0, float(rows["members"].max()))
    sizes = _LEAST + (_MOST - _LEAST) * (rows["members"].astype(float) / largest) ** 0.5
    fills = rows["colour"].where(~rows["more"].astype(bool), theme.BACKGROUND)
    crowded = rows.groupby("y")["x"].transform("size") > _NAMED
    made.add_trace(
        go.Scatter(
            x=rows["x"],
            y=rows["y"],
            mode="markers+text",
            marker={
                "size": sizes,
                "color": list(fills),
                "line": {"color": list(rows["colour"]), "width": 1.5},
                "opacity": 1,
            },
            text=rows["text"].where(~crowded, ""),
            textposition="top center",
            textfont={"size": base.TICK, "color": theme.TEXT},
            customdata=rows[given].to_numpy(),
            hovertext=rows["hover"],
            hovertemplate="%{hovertext}<extra></extra>",
            unselected={"marker": {"opacity": 1}, "textfont": {"color": theme.TEXT}},
            cliponaxis=False,
        )
    )
    span = max(1.0, float(rows["x"].max() - rows["x"].min()))
    made.update_xaxes(range=[rows["x"].min() - span * 0.03, rows["x"].max() + span * 0.03], visible=False)
    made.update_yaxes(range=[max(4.0, float(rows["y"].max())) + 0.3, -0.4], visible=False)
    made.update_layout(hovermode="closest", hoverdistance=12)
    return made
