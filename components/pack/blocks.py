"""What a pack is drawn from: cards of words, figures and grids that look alike on the screen and on paper."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import plotly.graph_objects as go

from components.tables import Column
from rules.pack import Section

HEIGHT = 330  # of the tallest figure, the waterfall of what moved


@dataclass(frozen=True)
class Grid:
    """A small table as it is read, each cell in Markdown of ours; `numbers`: the columns that are aligned right."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Block:
    """One card: a question, its answer, a figure, a grid, and the rows behind them as a table."""

    key: str
    section: Section
    title: str
    sentence: str
    definition: str
    of: str = ""
    caption: str = ""
    figure: Callable[[], go.Figure] | None = None
    grid: Grid | None = None  # on the screen in the place of a figure; on paper below it
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)  # of its table and its file
    columns: Mapping[str, Column] = field(default_factory=dict)
    wide: bool = False  # as wide as the page


def markdown(grid: Grid) -> str:
    """A grid as a table of Markdown."""
    aligned = ["---:" if place in grid.numbers else ":---" for place in range(len(grid.heads))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (grid.heads, aligned, *grid.rows))
