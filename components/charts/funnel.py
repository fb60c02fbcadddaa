"""A funnel: one bar a step from zero, a tick where the comparison stands, conversion and judged change beside it."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_COLUMN = {"rate": 46, "change": 106}  # px right of the plot at which the two columns end
_INSIDE = 0.3  # of the plot: a longer bar holds its number
_NUMBER = 0.15  # of the plot, which a number takes at the end of its bar


@base.drawn_once
def funnel(rows: pd.DataFrame, *, heads: dict[str, str], height: int, chosen: str = "") -> go.Figure:
    """One row per step, from top to bottom.

    Columns read: step (what a click returns), label, share (of the first step, 0-1), other_share (of the comparison;
    nan where nothing is compared), count_text, rate_text, change_text, verdict (above, below or empty), hover.
    heads: texts "rate" and "change" over the two columns.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    right = _COLUMN["change"] + 4
    made = base.figure(height=height, left=base.label_width(labels), right=right, top=22, bottom=6)
    made.add_trace(
        go.Bar(
            x=rows["share"],
            y=rows["place"],
            orientation="h",
            width=0.62,
            marker_color=theme.ACCENT,
            customdata=rows[["step"]].to_numpy(),
            hovertext=rows["hover"],
            hovertemplate="%{hovertext}<extra></extra>",
            unselected={"marker": {"opacity": 1}},  # a click lists members; it doesn't fade the other bars
        )
    )
    for row in rows.itertuples(index=False):
        _number(made, row)
        _beside(made, row.place, "rate", f"<b>{row.rate_text}</b>", theme.TEXT)
        _beside(made, row.place, "change", row.change_text, theme.WELCOME[row.verdict] if row.verdict else theme.MUTED)
    for row in rows.dropna(subset=["other_share"]).itertuples(index=False):
        _tick(made, row.place, row.other_share)
    for column, end in _COLUMN.items():
        base.over(made, heads[column], x=1, xref="paper", xshift=end, xanchor="right", colour=theme.MUTED)
    for place in rows.loc[rows["step"] == chosen, "place"]:
        base.band(made, place, theme.faded(theme.ACCENT, 0.12))
    made.update_yaxes(
        range=[base.rows_of(made, len(rows)) - 0.45, -0.55], tickvals=list(rows["place"]), ticktext=labels
    )
    highest = max(1.0, *rows["other_share"].fillna(0))
    made.update_xaxes(range=[0, highest * 1.01], showticklabels=False, showgrid=False)
    made.update_layout(hovermode="y", hoverdistance=base.ROW)
    return made


def _number(made: go.Figure, row: Any) -> None:
    inside = row.share > _INSIDE
    ends = [row.share] if pd.isna(row.other_share) else sorted((row.share, row.other_share))
    before = ends[0] if row.share - ends[0] < _NUMBER else row.share  # beside the tick, never under it
    made.add_annotation(
        x=before if inside else ends[-1],
        y=row.place,
        xanchor="right" if inside else "left",
        xshift=-6 if inside else 5,
        text=f"<b>{row.count_text}</b>",
        font={"size": base.TICK, "color": theme.BACKGROUND if inside else theme.TEXT},
        showarrow=False,
    )


def _tick(made: go.Figure, place: int, share: float) -> None:
    made.add_shape(
        type="line", x0=share, x1=share, y0=place - 0.4, y1=place + 0.4, line={"color": theme.TEXT, "width": 2}
    )


def _beside(made: go.Figure, place: int, column: str, text: str, colour: str) -> None:
    made.add_annotation(
        x=1,
        xref="paper",
        xshift=_COLUMN[column],
        xanchor="right",
        y=place,
        text=text,
        font={"size": base.TICK, "color": colour},
        showarrow=False,
    )
