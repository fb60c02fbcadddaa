"""Repayment month by month: one block a month end in the colour of its bucket, taller the later it was."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from components import theme
from components.charts import base
from rules.ageing import BUCKETS

HEIGHT = 112
_WIDTH = 0.86  # of a month
_LOST = theme.BAD  # what was written off, beside the colours of lateness


@dataclass(frozen=True)
class Month:
    """One month end: its bucket (or written_off; None: no loan ran), what to write over it and below it."""

    bucket: str | None
    over: str
    below: str
    hover: str


@base.drawn_once
def bucket_strip(months: Sequence[Month]) -> go.Figure:
    """A block per month, the oldest first. A month without a loan is a line on the ground."""
    made = base.figure(height=HEIGHT, left=2, right=2, top=20, bottom=30)
    levels = [0.08 if month.bucket is None else 1 + _rank(month.bucket) * 0.75 for month in months]
    made.add_trace(
        go.Bar(
            x=list(range(len(months))),
            y=levels,
            width=_WIDTH,
            marker={
                "color": [_colour(month.bucket) for month in months],
                "line": {"width": 1, "color": theme.faded(theme.TEXT, 0.25)},
            },
            text=[month.over for month in months],
            textposition="outside",
            textfont={"size": 11, "color": theme.TEXT},
            cliponaxis=False,
            customdata=[[month.hover] for month in months],
            hovertemplate="%{customdata[0]}<extra></extra>",
        )
    )
    ticks = [place for place, month in enumerate(months) if month.below]
    made.update_xaxes(
        tickvals=ticks,
        ticktext=[months[place].below for place in ticks],
        range=[-0.6, len(months) - 0.4],
        showgrid=False,
        tickangle=0,
    )
    made.update_yaxes(visible=False, range=[0, max(2.5, *levels) * 1.12])
    return made


def _rank(bucket: str) -> int:
    return BUCKETS.index(bucket) if bucket in BUCKETS else len(BUCKETS)


def _colour(bucket: str | None) -> str:
    return theme.GRID if bucket is None else theme.BUCKETS.get(bucket, _LOST)
