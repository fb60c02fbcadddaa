"""A table of shares: cells in discrete steps of one colour, hatched where they are thin or still maturing."""

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base, tiles

_LIGHT_STEPS = 6  # text is written on so many steps; the background's colour on those after them
_HEAD = 26  # px over the cells for heads of one line


def cells(
    frame: pd.DataFrame,
    *,
    rows: list[str],
    columns: list[str],
    height: int,
    bounds: tuple[float, ...],
    given: tuple[str, ...],
    maturing: str = "",
) -> go.Figure:
    """One cell per row and column.

    Columns read: row, column (places from 0), value (0-1), thin, maturing, outlined (bool), text, hover, and `given`:
    what a click returns. rows, columns: the labels in their order. bounds: where the next of the ten steps begins.
    maturing: the text across the hatched cells that are still maturing.
    """
    two_lines = any("<br>" in tiles.in_two_lines(label) for label in columns)
    made = base.figure(height=height, left=base.label_width(rows), right=6, top=46 if two_lines else _HEAD, bottom=6)
    full = frame.loc[~frame["thin"] & ~frame["maturing"]].assign(step=lambda known: tiles.cut(known["value"], bounds))
    for cell in full.itertuples(index=False):
        tiles.tile(made, cell.row, cell.column, theme.SEQUENTIAL[cell.step], outlined=cell.outlined)
    for cell in frame.loc[frame["thin"] & ~frame["maturing"]].itertuples(index=False):
        made.add_trace(tiles.hatched(cell.row, cell.column))
    _still_maturing(made, frame.loc[frame["maturing"]], maturing)
    for group, colour in (
        (full[full["step"] < _LIGHT_STEPS], theme.TEXT),
        (full[full["step"] >= _LIGHT_STEPS], theme.BACKGROUND),
        (frame[frame["thin"] & ~frame["maturing"]], theme.MUTED),
    ):
        made.add_trace(tiles.texts(group, colour, given=list(given)))
    tiles.axes(made, rows=rows, columns=columns, slanted=False)
    return made


def even_bounds(highest: float) -> tuple[float, ...]:
    """Bounds of ten steps of a round width from zero past the highest value."""
    width = next(w for w in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1) if highest <= w * 10 or w == 0.1)
    return tuple(width * place for place in range(1, 10))


def _still_maturing(made: go.Figure, cells: pd.DataFrame, text: str) -> None:
    """Hatch what is still maturing, each row in one piece, and say so across the longest."""
    longest, place = 0, None
    for row, group in cells.groupby("row"):
        first, count = int(group["column"].min()), len(group)
        made.add_trace(tiles.hatched(row, first, columns=count))
        if count >= longest:
            longest, place = count, (row, first + (count - 1) / 2)
    if place is not None and longest > 2:
        made.add_annotation(
            x=place[1],
            y=place[0],
            text=text,
            font={"size": base.TICK, "color": theme.MUTED},
            bgcolor=theme.BACKGROUND,
            borderpad=2,
            showarrow=False,
        )
