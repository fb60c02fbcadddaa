"""Default rate of each pair of two dimensions: a table of cells coloured by their distance from the book."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base, tiles

_STEPS = (0.12, 0.30, 0.48, 1.0)  # opacity of good or bad over the background, by distance from the book
_DISTANCES = (0.10, 0.30, 0.60)  # of the book's rate, at which the next step begins
_GIVEN = ["row_segment", "column_segment"]


@base.drawn_once
def pairs(cells: pd.DataFrame, *, rows: list[str], columns: list[str], height: int) -> go.Figure:
    """One cell per pair; thin cells are hatched and carry their count instead of a rate.

    Columns read: row, column (places from 0), row_segment, column_segment (what a click returns), difference,
    book_rate (0-1), stands_out, thin, text, hover. rows, columns: the labels in their order.
    """
    made = base.figure(height=height, left=base.label_width(rows), right=6, top=tiles.head(columns), bottom=6)
    cells = cells.assign(step=_step)
    made.layout.shapes = [
        tiles.tile(cell.row, cell.column, _colour(cell)) for cell in cells.loc[~cells["thin"]].itertuples(index=False)
    ]
    for cell in cells.loc[cells["thin"]].itertuples(index=False):
        made.add_trace(tiles.hatched(cell.row, cell.column))
    strong = (cells["step"] == len(_STEPS) - 1) & (cells["stands_out"] != "") & ~cells["thin"]
    for group, colour in (
        (cells[strong], theme.BACKGROUND),
        (cells[~strong & ~cells["thin"]], theme.TEXT),
        (cells[cells["thin"]], theme.MUTED),
    ):
        made.add_trace(tiles.texts(group, colour, given=_GIVEN))
    tiles.axes(made, rows=rows, columns=columns)
    return made


def _colour(cell: tuple) -> str:
    return theme.faded(theme.GOOD if cell.difference < 0 else theme.BAD, _STEPS[cell.step if cell.stands_out else 0])


def _step(cells: pd.DataFrame) -> pd.Series:
    distance = cells["difference"].abs() / cells["book_rate"].where(cells["book_rate"] > 0, 1.0)
    return tiles.cut(distance, _DISTANCES)
