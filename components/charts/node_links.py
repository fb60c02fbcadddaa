"""A tree as dots and lines: whoever was invited stands below whoever invited them; each dot is clickable."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_LEAST, _MOST = 7, 26  # px of a dot
_LETTER = 7.0  # px
_NARROW = 300  # px of a plot on a telephone, on which names must not lie on each other
_OVER, _UNDER = "top center", "bottom center"


@base.drawn_once
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
    sides = _sides(rows)
    fills = rows["colour"].where(~rows["more"].astype(bool), theme.BACKGROUND)
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
            text=rows["text"].where(sides != "", ""),
            textposition=[side or _OVER for side in sides],
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


def _sides(rows: pd.DataFrame) -> "pd.Series[str]":
    """Where there is room for the name of each: over its dot, else under it if nothing hangs on it; empty for nowhere.

    On each level the largest branches are named first.
    """
    scale = _NARROW / max(1.0, float(rows["x"].max() - rows["x"].min()))
    found, upper = pd.Series("", index=rows.index), set(rows["parent"])
    for _y, level in rows.sort_values("members", ascending=False, kind="stable").groupby("y", sort=False):
        taken: dict[str, list[tuple[float, float]]] = {_OVER: [], _UNDER: []}
        for row, x, text in zip(level.index, level["x"] * scale, level["text"], strict=True):
            half = len(str(text)) * _LETTER / 2
            for side in (_OVER,) if row in upper else (_OVER, _UNDER):
                if all(abs(x - other) >= half + other_half for other, other_half in taken[side]):
                    taken[side].append((float(x), half))
                    found[row] = side
                    break
    return found
