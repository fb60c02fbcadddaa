"""Bars from zero, one a row, the text of each beside it."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_TEXT = 104  # px right of the longest bar


@base.drawn_once
def bars(rows: pd.DataFrame, *, height: int) -> go.Figure:
    """One bar a row, from top to bottom in the order given. Columns read: label, value, text."""
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    made = base.figure(height=height, left=base.label_width(labels), right=_TEXT, top=4, bottom=8)
    made.add_trace(
        go.Bar(
            x=rows["value"],
            y=rows["place"],
            orientation="h",
            width=0.6,
            marker_color=theme.ACCENT,
            text=rows["text"],
            textposition="outside",
            textfont={"size": base.TICK, "color": theme.TEXT},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    made.update_yaxes(range=[base.rows_of(made, len(rows)) - 0.4, -0.6], tickvals=list(rows["place"]), ticktext=labels)
    made.update_xaxes(range=[0, float(rows["value"].max()) or 1.0], showticklabels=False, showgrid=False)
    return made
