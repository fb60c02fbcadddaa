"""What groups bring in and cost: the parts stacked to both sides of zero, and what remains with its interval."""

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base

_VALUE = 88  # px right of the plot for what remains
_BAR = 0.52


@base.drawn_once
def contributions(
    rows: pd.DataFrame, *, income: dict[str, tuple[str, str]], costs: dict[str, tuple[str, str]], height: int
) -> go.Figure:
    """One row per group from top to bottom in the order given, on an axis of amounts.

    Columns read: label; every part in income and costs (fen, 0 or more; a cost below 0 is drawn as income is); remains,
    low, high (fen); remains_text; colour (of the text); hover.
    income, costs: part -> its name and its colour; what comes in stands right of zero, what it costs left of it.
    """
    rows = rows.reset_index(drop=True).assign(place=range(len(rows)))
    labels = [str(label) for label in rows["label"]]
    made = base.figure(height=height, left=base.label_width(labels), right=_VALUE, top=42, bottom=30)
    for parts, sign in ((income, 1), (costs, -1)):
        for part, (_name, colour) in parts.items():
            made.add_trace(_bars(rows, rows[part] * sign, colour))
    made.add_trace(_remains(rows))
    for row in rows.itertuples(index=False):
        made.add_annotation(
            x=1, xref="paper", xshift=_VALUE - 4, xanchor="right", y=row.place, text=f"<b>{row.remains_text}</b>",
            font={"size": base.TICK, "color": row.colour}, showarrow=False,
        )  # fmt: skip
    for line, parts in enumerate((income, costs)):
        said = "  ".join(f"<span style='color:{colour}'>■</span> {name}" for name, colour in parts.values())
        made.add_annotation(
            x=0, xref="paper", xanchor="left", xshift=-made.layout.margin.l + 4, y=1, yref="paper", yanchor="bottom",
            yshift=22 - 18 * line, text=said, font={"size": base.TICK, "color": theme.TEXT}, showarrow=False,
        )  # fmt: skip
    made.update_yaxes(range=[base.rows_of(made, len(rows)) - 0.4, -0.6], tickvals=list(rows["place"]), ticktext=labels)
    highest = max([1.0, *rows[list(income)].clip(lower=0).sum(axis=1), *rows["high"].dropna()])
    lowest = min([0.0, *(-rows[list(costs)].clip(lower=0).sum(axis=1)), *rows["low"].dropna()])
    base.money_axis(made, lowest, highest, formats.money)
    made.update_layout(barmode="relative", bargap=0, hovermode="closest")
    return made


def _bars(rows: pd.DataFrame, values: pd.Series, colour: str) -> go.Bar:
    return go.Bar(
        orientation="h",
        x=values,
        y=rows["place"],
        width=_BAR,
        marker={"color": colour, "line": {"color": theme.BACKGROUND, "width": 1}},
        customdata=rows["hover"],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _remains(rows: pd.DataFrame) -> go.Scatter:
    """What remains, a dot with its interval over the bars."""
    return go.Scatter(
        x=rows["remains"],
        y=rows["place"],
        mode="markers",
        marker={"size": 10, "color": theme.BACKGROUND, "line": {"color": theme.TEXT, "width": 2}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["high"] - rows["remains"],
            "arrayminus": rows["remains"] - rows["low"],
            "color": theme.TEXT,
            "thickness": 2,
            "width": 0,
        },
        customdata=rows["hover"],
        hovertemplate="%{customdata}<extra></extra>",
    )
