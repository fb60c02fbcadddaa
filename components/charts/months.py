"""Default rate by disbursement month: a line of dots with their band, the book's rate behind."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base


@base.drawn_once
def months(rows: pd.DataFrame, *, book_rate: float, heads: dict[str, str], height: int, chosen: str = "") -> go.Figure:
    """One dot per month in time order, with its interval as a band; months that stand out are filled and named.

    Columns read: as `segments.segments` does.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    made = base.figure(height=height, left=44, right=12, top=26, bottom=30)
    made.add_hline(y=book_rate, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    base.over(made, heads["book"], x=1, xref="paper", xanchor="right", colour=theme.TEXT)
    made.add_trace(
        go.Scatter(
            x=[*rows["place"], *rows["place"][::-1]],
            y=[*rows["high"], *rows["low"][::-1]],
            fill="toself",
            fillcolor=theme.faded(theme.UNCERTAIN, 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
        )
    )
    made.add_trace(_line(rows))
    for row in rows.loc[rows["stands_out"] != ""].itertuples(index=False):
        made.add_annotation(
            x=row.place,
            y=row.rate,
            text=f"<b>{theme.MARKS[row.stands_out]} {row.rate_text}</b>",
            font={"size": base.TICK, "color": theme.JUDGED[row.stands_out]},
            yshift=14 if row.stands_out == "above" else -14,
            showarrow=False,
        )
    for place in rows.loc[rows["segment"] == chosen, "place"]:
        made.add_vline(x=place, line={"color": theme.ACCENT, "width": 2})
    every = max(1, -(-len(rows) // 5))
    ticks = rows.iloc[::every]
    made.update_xaxes(
        tickvals=list(ticks["place"]),
        ticktext=list(ticks["label"]),
        range=[-0.6, len(rows) - 0.4],
        showgrid=False,
        tickangle=0,
    )
    highest = max([book_rate, *rows["rate"].dropna(), *rows.loc[~rows["thin"], "high"].dropna()])
    base.rate_axis(made, min(1.0, highest * 1.15), axis="y")
    made.update_yaxes(showgrid=True, gridcolor=theme.GRID)
    made.update_layout(hovermode="x", hoverdistance=40)
    return made


def _line(rows: pd.DataFrame) -> go.Scatter:
    colours = [
        theme.faded(theme.JUDGED[status], 0.45 if thin else 1.0)
        for status, thin in zip(rows["stands_out"], rows["thin"], strict=True)
    ]
    return go.Scatter(
        x=rows["place"],
        y=rows["rate"],
        mode="lines+markers",
        line={"color": theme.UNCERTAIN, "width": 1.5},
        marker={
            "size": 9,
            "color": [c if status else theme.BACKGROUND for c, status in zip(colours, rows["stands_out"], strict=True)],
            "line": {"color": colours, "width": 2},
        },
        customdata=rows[["segment"]].to_numpy(),
        text=rows["hover"],
        hovertemplate="%{text}<extra></extra>",
        unselected={"marker": {"opacity": 1}},  # a click filters the page; it doesn't fade the other dots
    )
