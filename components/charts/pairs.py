"""Default rate of each pair of two dimensions: a table of cells coloured by their distance from the book."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base

_STEPS = (0.12, 0.30, 0.48, 1.0)  # opacity of good or bad over the background, by distance from the book
_DISTANCES = (0.10, 0.30, 0.60)  # of the book's rate, at which the next step begins
_ONE_LINE = 10  # letters of a column's label
_HATCH = {"shape": "/", "size": 6, "solidity": 0.25, "fillmode": "replace"}


def pairs(cells: pd.DataFrame, *, rows: list[str], columns: list[str], height: int) -> go.Figure:
    """One cell per pair; thin cells are hatched and carry their count instead of a rate.

    Columns read: row, column (places from 0), row_segment, column_segment (what a click returns), difference,
    book_rate (0-1), stands_out, thin, text, hover. rows, columns: the labels in their order.
    """
    made = base.figure(height=height, left=base.label_width(rows), right=6, top=_head(columns), bottom=6)
    cells = cells.assign(step=_step)
    for cell in cells.loc[~cells["thin"]].itertuples(index=False):
        colour = theme.GOOD if cell.difference < 0 else theme.BAD
        _tile(made, cell.row, cell.column, theme.faded(colour, _STEPS[cell.step if cell.stands_out else 0]))
    for cell in cells.loc[cells["thin"]].itertuples(index=False):
        made.add_trace(_hatched(cell.row, cell.column))
    strong = (cells["step"] == len(_STEPS) - 1) & (cells["stands_out"] != "") & ~cells["thin"]
    for group, colour in (
        (cells[strong], theme.BACKGROUND),
        (cells[~strong & ~cells["thin"]], theme.TEXT),
        (cells[cells["thin"]], theme.MUTED),
    ):
        made.add_trace(_texts(group, colour))
    made.update_xaxes(
        side="top",
        tickvals=list(range(len(columns))),
        ticktext=[_in_two_lines(label) for label in columns],
        autotickangles=[0, -35],  # slanted where the screen is too narrow for them
        range=[-0.5, len(columns) - 0.5],
        showgrid=False,
    )
    made.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=rows, range=[max(len(rows), base.FEWEST_ROWS) - 0.5, -0.5]
    )
    made.update_layout(hovermode="closest", hoverdistance=40)
    return made


def _head(columns: list[str]) -> int:
    """Pixels over the cells: room for slanted labels, which a narrow screen makes of all but short ones."""
    return 64 if len(columns) > 7 or max(map(len, columns), default=0) > _ONE_LINE else 46


def _in_two_lines(label: str) -> str:
    """A long label broken at the space nearest its middle, a Chinese one of four characters between the second pair."""
    if len(label) == 4 and all(letter > "\u2e80" for letter in label):
        return f"{label[:2]}<br>{label[2:]}"
    spaces = [place for place, letter in enumerate(label) if letter == " "]
    if len(label) <= _ONE_LINE or not spaces:
        return label
    place = min(spaces, key=lambda place: abs(place - len(label) / 2))
    return f"{label[:place]}<br>{label[place + 1 :]}"


def _step(cells: pd.DataFrame) -> pd.Series:
    distance = cells["difference"].abs() / cells["book_rate"].where(cells["book_rate"] > 0, 1.0)
    return sum((distance >= bound).astype(int) for bound in _DISTANCES)


def _tile(made: go.Figure, row: int, column: int, colour: str) -> None:
    made.add_shape(
        type="rect",
        x0=column - 0.48,
        x1=column + 0.48,
        y0=row - 0.46,
        y1=row + 0.46,
        fillcolor=colour,
        line_width=0,
        layer="below",
    )


def _hatched(row: int, column: int) -> go.Scatter:
    left, right, top, bottom = column - 0.48, column + 0.48, row - 0.46, row + 0.46
    return go.Scatter(
        x=[left, right, right, left, left],
        y=[top, top, bottom, bottom, top],
        fill="toself",
        fillpattern={**_HATCH, "fgcolor": theme.GRID, "bgcolor": theme.BACKGROUND},
        line={"width": 1, "color": theme.GRID},
        mode="lines",
        hoverinfo="skip",
    )


def _texts(cells: pd.DataFrame, colour: str) -> go.Scatter:
    return go.Scatter(
        x=cells["column"],
        y=cells["row"],
        mode="markers+text",
        marker={"size": 26, "opacity": 0},
        text=cells["text"],
        textfont={"size": base.TICK, "color": colour},
        customdata=cells[["row_segment", "column_segment", "hover"]].to_numpy(),
        hovertemplate="%{customdata[2]}<extra></extra>",
    )
