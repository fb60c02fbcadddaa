"""Two groups side by side: their rates as observed, held equal, and within each stratum."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_LEAST = 92  # px right of the plot for the differences
_CLEAR = 10  # px between them and the dots


@base.drawn_once
def dumbbells(
    rows: pd.DataFrame,
    *,
    names: tuple[str, str],
    head: str,
    height: int,
    judged: Mapping[str, str] = theme.JUDGED,
) -> go.Figure:
    """One row per comparison, from top to bottom in the order given; the summary rows are set apart from the strata.

    Columns read: label, first_rate, second_rate (0-1), first_size, second_size (px of the dots), summary (bool),
    stands_out (of the difference, first less second), difference_text, first_hover, second_hover.
    names: of the first and the second group, drawn over the top row. head: over the column of differences. judged: the
    colours.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    summaries = int(rows["summary"].sum())
    rows["place"] += (~rows["summary"]) * 0.4
    labels = [
        f"<b>{label}</b>" if summary else label for label, summary in zip(rows["label"], rows["summary"], strict=True)
    ]
    column = max([_LEAST, *(base.text_width(f"{text}  ") + _CLEAR for text in rows["difference_text"])])
    made = base.figure(
        height=height, left=base.label_width(list(rows["label"])) + 6, right=column + 6, top=44, bottom=28
    )
    for row in rows.itertuples(index=False):
        colour = judged[row.stands_out]
        made.add_trace(
            go.Scatter(
                x=[row.first_rate, row.second_rate],
                y=[row.place, row.place],
                mode="lines",
                line={"color": theme.faded(colour, 0.5), "width": 4 if row.summary else 2},
                hoverinfo="skip",
            )
        )
        text = f"{theme.MARKS[row.stands_out]} {row.difference_text}"
        made.add_annotation(
            x=1,
            xref="paper",
            xshift=column,
            xanchor="right",
            y=row.place,
            text=f"<b>{text}</b>" if row.stands_out else text,
            font={"size": base.TICK, "color": colour if row.stands_out else theme.TEXT},
            showarrow=False,
        )
    made.add_trace(_group(rows, "second", theme.BACKGROUND))
    made.add_trace(_group(rows, "first", theme.ACCENT))
    base.over(made, head, x=1, xref="paper", xshift=column, xanchor="right", colour=theme.MUTED)
    base.over(
        made,
        f"<span style='color:{theme.ACCENT}'>● {names[0]}   ○ {names[1]}</span>",
        x=0,
        xref="paper",
        xshift=-made.layout.margin.l,
        xanchor="left",
        colour=theme.TEXT,
    )
    if summaries and summaries < len(rows):
        made.add_hline(y=summaries - 0.3, line={"color": theme.GRID, "width": 1})
    last = base.rows_of(made, rows["place"].max() + 1)
    made.update_yaxes(range=[last - 0.4, -0.6], tickvals=list(rows["place"]), ticktext=labels)
    highest = max([0.005, *rows["first_rate"].dropna(), *rows["second_rate"].dropna()])
    base.rate_axis(made, min(1.0, highest * 1.08))
    made.update_layout(hovermode="closest")
    return made


def _group(rows: pd.DataFrame, which: str, fill: str) -> go.Scatter:
    return go.Scatter(
        x=rows[f"{which}_rate"],
        y=rows["place"],
        mode="markers",
        marker={
            "size": rows[f"{which}_size"],
            "color": fill,
            "line": {"color": theme.ACCENT, "width": 2},
            "opacity": 1,
        },
        cliponaxis=False,
        text=rows[f"{which}_hover"],
        hovertemplate="%{text}<extra></extra>",
    )
