"""Two estimates of one amount side by side: a pair of bars per row from zero, the first full, the second hatched."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_HATCH = {"shape": "/", "size": 5, "solidity": 0.35, "fillmode": "overlay"}
_WIDTH = 0.38  # of a row, each bar
_VALUE = 62  # px right of the longest bar for its value


@base.drawn_once
def paired_bars(rows: pd.DataFrame, *, names: tuple[str, str], height: int) -> go.Figure:
    """One pair of bars per row from top to bottom, each with its value at its end.

    Columns read: label, colour, first, second (0 or more, nan where there is none), first_text, second_text, hover.
    names: of the full and the hatched bars, drawn over them.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    made = base.figure(height=height, left=base.label_width(labels), right=_VALUE, top=26, bottom=8)
    made.add_trace(_bars(rows, "first", -_WIDTH / 2, {}))
    made.add_trace(_bars(rows, "second", _WIDTH / 2, {**_HATCH, "fgcolor": theme.BACKGROUND}))
    base.over(
        made,
        f"■ {names[0]}   ▨ {names[1]}",
        x=0,
        xref="paper",
        xshift=-made.layout.margin.l,
        xanchor="left",
        colour=theme.TEXT,
    )
    made.add_vline(x=0, line={"color": theme.MUTED, "width": 1})
    made.update_yaxes(range=[base.rows_of(made, len(rows)) - 0.5, -0.5], tickvals=list(rows["place"]), ticktext=labels)
    highest = max([1.0, *rows["first"].dropna(), *rows["second"].dropna()])
    made.update_xaxes(range=[0, highest], showgrid=False, showticklabels=False)
    made.update_layout(hovermode="closest", bargap=0)
    return made


def _bars(rows: pd.DataFrame, which: str, offset: float, pattern: dict[str, object]) -> go.Bar:
    return go.Bar(
        orientation="h",
        x=rows[which],
        y=rows["place"] + offset,
        width=_WIDTH,
        marker={"color": list(rows["colour"]), "line": {"color": theme.MUTED, "width": 1}, "pattern": pattern},
        text=rows[f"{which}_text"],
        textposition="outside",
        constraintext="none",
        textfont={"size": base.TICK, "color": theme.TEXT},
        cliponaxis=False,
        customdata=rows["hover"],
        hovertemplate="%{customdata}<extra></extra>",
    )
