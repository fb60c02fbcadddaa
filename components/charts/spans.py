"""How long things take: per row a thin span, a thick one within it and a dot, on a logarithmic axis of time."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_TEXT = 74  # px right of the plot for the dot's value
_APART = 8  # px between the texts of two ticks


@base.drawn_once
def spans(
    rows: pd.DataFrame, *, ticks: Sequence[tuple[float, str]], head: str, height: int, chosen: str = ""
) -> go.Figure:
    """One row per thing, from top to bottom.

    Columns read: step, label, q10, q25, q50, q75, q90 (seconds; nan where there are none), window (seconds; a mark),
    text (of the dot), hover.
    ticks: seconds and the words for them; as many are shown as a phone has room for. head: over the column of texts.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    made = base.figure(height=height, left=base.label_width(labels), right=_TEXT, top=22, bottom=30)
    known = rows.dropna(subset=["q50"])
    for first, last, width in (("q10", "q90", 2), ("q25", "q75", 9)):
        for row in known.itertuples(index=False):
            made.add_trace(_span(getattr(row, first), getattr(row, last), row.place, width))
    for row in rows.itertuples(index=False):
        made.add_shape(
            type="line", x0=row.window, x1=row.window, y0=row.place - 0.32, y1=row.place + 0.32,
            line={"color": theme.MUTED, "width": 1, "dash": "dot"},
        )  # fmt: skip
        made.add_annotation(
            x=1, xref="paper", xshift=_TEXT - 4, xanchor="right", y=row.place, text=f"<b>{row.text}</b>",
            font={"size": base.TICK, "color": theme.TEXT}, showarrow=False,
        )  # fmt: skip
    made.add_trace(
        go.Scatter(
            x=known["q50"],
            y=known["place"],
            mode="markers",
            marker={"size": 11, "color": theme.BACKGROUND, "line": {"color": theme.ACCENT, "width": 2.5}},
            text=known["hover"],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    base.over(made, head, x=1, xref="paper", xshift=_TEXT - 4, xanchor="right", colour=theme.MUTED)
    for place in rows.loc[rows["step"] == chosen, "place"]:
        base.band(made, place, theme.faded(theme.ACCENT, 0.12))
    made.update_yaxes(
        range=[base.rows_of(made, len(rows)) - 0.45, -0.55], tickvals=list(rows["place"]), ticktext=labels
    )
    shown = _fitting(ticks, base.PHONE - made.layout.margin.l - _TEXT)
    made.update_xaxes(
        type="log", tickvals=[at for at, _text in shown], ticktext=[text for _at, text in shown], tickangle=0
    )
    made.update_layout(hovermode="y", hoverdistance=base.ROW)
    return made


def _fitting(ticks: Sequence[tuple[float, str]], room: int) -> Sequence[tuple[float, str]]:
    """Every so many of the ticks, so that their texts stand beside each other; the first and one more at least."""
    widest = max((base.text_width(text) for _at, text in ticks), default=1)
    most = max(2, room // (widest + _APART))
    return ticks[:: max(1, -(-len(ticks) // most))]


def _span(first: float, last: float, place: int, width: int) -> go.Scatter:
    return go.Scatter(
        x=[first, last],
        y=[place, place],
        mode="lines",
        line={"color": theme.ACCENT if width < 5 else theme.faded(theme.ACCENT, 0.45), "width": width},
        hoverinfo="skip",
    )
