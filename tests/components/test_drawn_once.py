"""Figures of the same values are drawn once in a language, and what draws one from another is given its own."""

import pandas as pd
import plotly.graph_objects as go

from components.charts import base
from components.language import speaking


def test_a_figure_of_the_same_values_is_drawn_once_in_a_language() -> None:
    drawn: list[int] = []

    @base.drawn_once
    def bar(rows: pd.DataFrame) -> go.Figure:
        drawn.append(len(rows))
        return go.Figure(go.Bar(y=rows["value"]))

    for language in ("en", "zh", "en"):
        with speaking(language):
            assert list(bar(pd.DataFrame({"value": [1, 2]})).data[0].y) == [1, 2]
    assert drawn == [2, 2]
    assert list(bar(pd.DataFrame({"value": [1, 3]})).data[0].y) == [1, 3]
    assert len(drawn) == 3


def test_what_is_added_to_a_figure_inside_another_stays_there() -> None:
    @base.drawn_once
    def plain(value: int) -> go.Figure:
        return go.Figure(go.Bar(y=[value]))

    @base.drawn_once
    def with_line(value: int) -> go.Figure:
        return plain(value).add_hline(y=value)

    assert len(plain(4).layout.shapes) == 0
    assert len(with_line(4).layout.shapes) == 1
    assert len(plain(4).layout.shapes) == 0
    assert plain(4) is plain(4)
