"""Bars split into parts: each part from where the last one ends, named, with the sum at the end."""

import pandas as pd

from components import theme
from components.charts.split_bars import Part, split_bars

PARTS = [Part("paid", "paid out", theme.ACCENT), Part("open", "still owed", theme.UNCERTAIN, hatched=True)]


def drawn(*rows):
    return split_bars(
        pd.DataFrame(list(rows), columns=["label", "paid", "open", "text", "hover"]), parts=PARTS, height=290
    )


def test_parts_are_stacked_and_what_a_row_comes_to_stands_at_its_end():
    made = drawn(("First loan", 300, 100, "¥4", "h"), ("Registration", 50, 0, "¥0.5", "h"))
    assert made.layout.barmode == "stack"
    assert [list(trace.x) for trace in made.data] == [[300, 50], [100, 0]]
    assert [trace.marker.pattern.shape for trace in made.data] == [None, "/"]
    assert made.data[1].marker.pattern.fillmode == "overlay"  # otherwise its own colour would be lost
    ends = {note.text: note.x for note in made.layout.annotations}
    assert (ends["¥4"], ends["¥0.5"]) == (400, 50)
    assert any("still owed" in text and "▨" in text for text in ends)
    assert list(made.layout.yaxis.ticktext) == ["First loan", "Registration"]


def test_rows_of_nothing_and_no_rows_still_draw():
    assert drawn(("First loan", 0, 0, "¥0", "h")).layout.xaxis.range == (0, 1)
    assert list(drawn().data[0].x) == []
