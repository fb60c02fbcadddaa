"""A waterfall from one rate to another: each step up or down, the ends as lines, for bars from a cut axis mislead."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base

_BAR = 0.62
_TICK = 11  # px of the names of steps, of which there are many beside each other
_LINE = 4  # px
_FINE = 0.004  # of the axis from end to end, under which ticks lie closer than a tenth of a point
_CLEAR = 15  # px above a line, clear of the text of the step beside it


@base.drawn_once
def waterfall(
    steps: pd.DataFrame, *, ends: tuple[float, float], names: tuple[str, str], height: int, colours: tuple[str, str]
) -> go.Figure:
    """Steps from left to right between the two ends.

    Columns read: label (of one line or two), start, effect (in the unit of the rate), hatched (bool), text, hover.
    colours: of steps up and of steps down.
    """
    rows = steps.reset_index(drop=True).assign(x=range(1, len(steps) + 1))
    made = base.figure(height=height, left=52, right=12, top=22, bottom=52)
    last = len(rows) + 1
    for up, colour in zip((True, False), colours, strict=True):
        some = rows.loc[(rows["effect"] > 0) == up]
        made.add_trace(
            go.Bar(
                x=some["x"],
                y=some["effect"],
                base=some["start"],
                width=_BAR,
                marker={
                    "color": colour,
                    "line": {"color": colour, "width": 1},
                    "pattern": {
                        "shape": ["/" if hatched else "" for hatched in some["hatched"]],
                        "size": 6,
                        "solidity": 0.35,
                        "fillmode": "replace",
                        "fgcolor": colour,
                    },
                },
                customdata=some["hover"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    texts = [_text(row.x, max(row.start, row.start + row.effect), row.text) for row in rows.itertuples(index=False)]
    whole = [f"<b>{formats.percent(value, 2)}</b>" for value in ends]
    texts += [_text(x, *end, above=_CLEAR) for x, end in zip((0, last), zip(ends, whole, strict=True), strict=True)]
    made.update_layout(shapes=[*_ends(ends, last), *_joints(rows, last)], annotations=texts)  # one by one is slow
    every = [*ends, *rows["start"], *(rows["start"] + rows["effect"])]
    low, high = min(every), max(every)
    room = max((high - low) * 0.18, 0.0005)
    made.update_xaxes(
        range=[-0.6, last + 0.6],
        tickvals=list(range(last + 1)),
        ticktext=[names[0], *rows["label"], names[1]],
        tickfont_size=_TICK,
        showgrid=False,
        autotickangles=[0, 90],  # on a telephone they are turned, and given room
        automargin=True,
    )
    made.update_layout(margin_autoexpand=True)
    made.update_yaxes(range=[low - room, high + room], showgrid=True, gridcolor=theme.GRID, nticks=5)
    made.update_yaxes(tickformat=".2%" if high - low + 2 * room < _FINE else ".1%")
    made.update_layout(bargap=0, hovermode="closest")
    return made


def _ends(ends: tuple[float, float], last: int) -> list[dict[str, Any]]:
    return [_line(x - 0.36, x + 0.36, value, theme.TEXT, _LINE) for x, value in zip((0, last), ends, strict=True)]


def _joints(rows: pd.DataFrame, last: int) -> list[dict[str, Any]]:
    """Thin lines from where a step ends to where the next begins."""
    levels = [*rows["start"], float(rows["start"].iloc[-1] + rows["effect"].iloc[-1])] if len(rows) else []
    return [
        _line(x + (0.36 if x == 0 else _BAR / 2), x + 1 - (0.36 if x + 1 == last else _BAR / 2), level, theme.MUTED, 1)
        for x, level in enumerate(levels)
    ]


def _line(first: float, last: float, level: float, colour: str, width: int) -> dict[str, Any]:
    return {
        "type": "line", "x0": first, "x1": last, "y0": level, "y1": level, "line": {"color": colour, "width": width},
    }  # fmt: skip


def _text(x: float, y: float, text: str, above: int = 3) -> dict[str, Any]:
    return {
        "x": x, "y": y, "yanchor": "bottom", "yshift": above, "text": text, "showarrow": False,
        "font": {"size": base.TICK, "color": theme.TEXT},
    }  # fmt: skip
