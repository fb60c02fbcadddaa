"""Cells of a table that is drawn as a figure: coloured tiles, hatched ones, and their texts."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

HALF_WIDTH, HALF_HEIGHT = 0.48, 0.46  # of a cell, so that a thin gap stays between neighbours
HATCH = {"shape": "/", "size": 6, "solidity": 0.25, "fillmode": "replace"}
_ONE_LINE = 10  # letters of a column's label
_CHINESE = 4  # characters of one that are broken
_SHORT = 64  # px of a label that needs no more room when it slants
_SLOPE = 0.94  # px up for each of a slanted label


def tile(row: int, column: int, colour: str, *, outlined: bool = False, within: float = 0) -> dict[str, Any]:
    """A filled cell as a shape, outlined or left so far within its place, to set it apart from its neighbours.

    Set a figure's shapes at once: each that is added alone has Plotly check all before it again.
    """
    return {
        "type": "rect",
        "x0": column - HALF_WIDTH + within,
        "x1": column + HALF_WIDTH - within,
        "y0": row - HALF_HEIGHT + within,
        "y1": row + HALF_HEIGHT - within,
        "fillcolor": colour,
        "line": {"width": 1.5 if outlined else 0, "color": theme.MUTED},
        "layer": "below",
    }


def ring(row: int, column: int) -> dict[str, Any]:
    """A ring round a cell that is left within it: the one that is shown elsewhere."""
    return tile(row, column, theme.faded(theme.BACKGROUND, 0)) | {"line": {"width": 2.5, "color": theme.ACCENT}}


def hatched(row: int, column: int, *, columns: int = 1) -> go.Scatter:
    """A hatched cell, or several beside each other as one."""
    left, right = column - HALF_WIDTH, column + columns - 1 + HALF_WIDTH
    top, bottom = row - HALF_HEIGHT, row + HALF_HEIGHT
    return go.Scatter(
        x=[left, right, right, left, left],
        y=[top, top, bottom, bottom, top],
        fill="toself",
        fillpattern={**HATCH, "fgcolor": theme.GRID, "bgcolor": theme.BACKGROUND},
        line={"width": 1, "color": theme.GRID},
        mode="lines",
        hoverinfo="skip",
    )


def across(row: int, column: float, text: str) -> dict[str, Any]:
    """A text across hatched cells, as an annotation."""
    return {
        "x": column,
        "y": row,
        "text": text,
        "font": {"size": base.TICK, "color": theme.MUTED},
        "bgcolor": theme.BACKGROUND,
        "borderpad": 2,
        "showarrow": False,
    }


def texts(cells: pd.DataFrame, colour: str, *, given: list[str]) -> go.Scatter:
    """The texts of some cells in one colour.

    Columns read: row, column, text, hover, and `given`: what a click returns.
    """
    return go.Scatter(
        x=cells["column"],
        y=cells["row"],
        mode="markers+text",
        marker={"size": 26, "opacity": 0},
        text=cells["text"],
        textfont={"size": base.TICK, "color": colour},
        unselected={"textfont": {"color": colour}},  # a click leads on; it doesn't fade the other cells
        customdata=cells[[*given, "hover"]].to_numpy(),
        hovertemplate=f"%{{customdata[{len(given)}]}}<extra></extra>",
    )


def axes(made: go.Figure, *, rows: list[str], columns: list[str], slanted: bool = True) -> None:
    """Rows from top to bottom, columns named above them; room for so many rows that one does not fill the figure."""
    made.update_xaxes(
        side="top",
        tickvals=list(range(len(columns))),
        ticktext=[in_two_lines(label) for label in columns],
        range=[-0.5, len(columns) - 0.5],
        showgrid=False,
        **({"autotickangles": [0, -65]} if slanted else {"tickangle": 0}),  # slanted where the screen is too narrow
    )
    made.update_yaxes(tickvals=list(range(len(rows))), ticktext=rows, range=[base.rows_of(made, len(rows)) - 0.5, -0.5])
    made.update_layout(hovermode="closest", hoverdistance=40)


def head(columns: list[str]) -> int:
    """Pixels over the cells: room for slanted labels, which a narrow screen makes of all but short ones."""
    lines = [in_two_lines(label).split("<br>") for label in columns]
    if len(columns) <= 7 and max((base.text_width("".join(each)) for each in lines), default=0) <= _SHORT:
        return 46
    return max(64, 8 + round(_SLOPE * widest(columns)))


def widest(columns: list[str]) -> int:
    """Pixels that the widest line of the heads takes."""
    return max((base.text_width(line) for label in columns for line in in_two_lines(label).split("<br>")), default=0)


def in_two_lines(label: str) -> str:
    """A long label broken at the space nearest its middle, a Chinese one of four characters or more in its middle."""
    if len(label) >= _CHINESE and all(letter > "\u2e80" for letter in label):
        half = -(-len(label) // 2)
        return f"{label[:half]}<br>{label[half:]}"
    spaces = [place for place, letter in enumerate(label) if letter == " "]
    if len(label) <= _ONE_LINE or not spaces:
        return label
    place = min(spaces, key=lambda place: abs(place - len(label) / 2))
    return f"{label[:place]}<br>{label[place + 1 :]}"


def cut(values: "pd.Series[Any]", bounds: tuple[float, ...]) -> "pd.Series[int]":
    """The step of each value: how many of the bounds it reaches."""
    return sum((values >= bound).astype(int) for bound in bounds)
