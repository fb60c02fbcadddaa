"""A table of shares: cells in discrete steps of one colour; what is thin or still maturing is hatched."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base, tiles

RARE_TO_ALL = (0.01, 0.025, 0.05, 0.10, 0.20, 0.30, 0.50, 0.65, 0.85)  # bounds where most stay and few move
_LIGHT_STEPS = 6  # text is written on so many steps; the background's colour on those after them
_WITHIN = 0.07  # of a cell, between it and its ring
_SLANTED = 28  # px right of the cells that the last head may lean into
_CLEAR = 6  # px right of the cells otherwise
_HEAD = 26  # px over the cells for heads of one line


@dataclass(frozen=True)
class Strip:
    """Cells beside each other in one row that have no share to show: hatched as one, with the words for why."""

    row: int
    first: int
    cells: int
    text: str = ""


@base.drawn_once
def cells(
    frame: pd.DataFrame,
    *,
    rows: list[str],
    columns: list[str],
    height: int,
    bounds: tuple[float, ...],
    given: tuple[str, ...],
    strips: Sequence[Strip] = (),
    slanted: bool = False,
) -> go.Figure:
    """One cell per row and column.

    Columns read: row, column (places from 0), value (0-1), outlined, ringed (bool), text, hover, and `given`: what a
    click returns. rows, columns: the labels in their order. bounds: where the next of the ten steps begins.
    slanted: the heads may slant where the screen is too narrow for them.
    """
    slanted = slanted and tiles.widest(columns) > (base.PHONE - base.label_width(rows) - _CLEAR) / len(columns)
    two_lines = any("<br>" in tiles.in_two_lines(label) for label in columns)
    top = tiles.head(columns) if slanted else 46 if two_lines else _HEAD
    right = _SLANTED if slanted else _CLEAR
    made = base.figure(height=height, left=base.label_width(rows), right=right, top=top, bottom=6)
    frame = frame.assign(step=tiles.cut(frame["value"], bounds))
    made.layout.shapes = [
        *(
            tiles.tile(
                cell.row,
                cell.column,
                theme.SEQUENTIAL[cell.step],
                outlined=cell.outlined and not cell.ringed,
                within=_WITHIN if cell.ringed else 0,
            )
            for cell in frame.itertuples(index=False)
        ),
        *(tiles.ring(cell.row, cell.column) for cell in frame.loc[frame["ringed"]].itertuples(index=False)),
    ]
    made.add_traces([tiles.hatched(strip.row, strip.first, columns=strip.cells) for strip in strips])
    base.annotate(
        made,
        (tiles.across(strip.row, strip.first + (strip.cells - 1) / 2, strip.text) for strip in strips if strip.text),
    )
    for group, colour in (
        (frame[frame["step"] < _LIGHT_STEPS], theme.TEXT),
        (frame[frame["step"] >= _LIGHT_STEPS], theme.BACKGROUND),
    ):
        made.add_trace(tiles.texts(group, colour, given=list(given)))
    tiles.axes(made, rows=rows, columns=columns, slanted=slanted)
    return made


def even_bounds(highest: float) -> tuple[float, ...]:
    """Bounds of ten steps of a round width from zero past the highest value."""
    width = next(w for w in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1) if highest <= w * 10 or w == 0.1)
    return tuple(width * place for place in range(1, 10))
