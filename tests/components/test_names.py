"""Names in figures: readable whatever the theme, clear of each other."""

import pandas as pd
import pytest

from components import theme
from components.charts.lines import Line, Ticks, lines
from components.charts.node_links import node_links

POINTS = pd.DataFrame(
    {"x": [0, 1], "y": [0.1, 0.2], "low": float("nan"), "high": float("nan"), "thin": False, "hover": ""}
)


@pytest.mark.parametrize(
    ("colour", "written", "ink"),
    [
        (theme.TIERS["platinum"], "<b>A</b> 1 %", theme.TIERS["platinum"]),
        (theme.TIERS["gold"], f"<span style='color:{theme.TIERS['gold']}'>●</span> <b>A</b> 1 %", theme.TEXT),
    ],
)
def test_a_name_in_a_faint_colour_stands_in_the_colour_of_text_after_a_dot(colour, written, ink):
    made = lines([Line(POINTS, "A", "1 %", colour)], ticks=Ticks([0, 1], ["", ""], "", 1), height=250, beside=True)
    (note,) = made.layout.annotations
    assert (note.text, note.font.color) == (written, ink)


def test_names_beside_lines_stand_after_the_months_that_are_still_maturing():
    ticks = Ticks([0, 4], ["Jan", "May"], "", 4)
    made = lines([Line(POINTS, "A", "", theme.ACCENT)], ticks=ticks, height=250, beside=True, maturing=(1.5, "young"))
    (note,) = [each for each in made.layout.annotations if each.text == "<b>A</b>"]
    assert note.x == 4


def test_ticks_that_would_meet_on_a_telephone_are_left_out_the_first_stays():
    texts = ["23 Aug<br>2026", "13 Sep", "4 Oct", "25 Oct", "15 Nov"]
    ticks = Ticks([0, 3, 6, 9, 12], texts, "", 12)
    short, long = (
        lines([Line(POINTS, name, "", theme.ACCENT)], ticks=ticks, height=250, beside=True).layout.xaxis.ticktext
        for name in ("A", "per registration ¥67.2")
    )
    assert short == tuple(texts)
    assert long == ("23 Aug<br>2026", "4 Oct", "15 Nov")


def test_names_of_neighbours_stand_over_and_under_their_dots():
    """A referrer with six referees close to each other: every other name goes under its dot."""
    rows = pd.DataFrame(
        {
            "x": [2.5, *range(6)],
            "y": [0, *[1] * 6],
            "parent": [-1, *[0] * 6],
            "members": [7, *[1] * 6],
            "colour": theme.ACCENT,
            "more": False,
            "text": [f"member 100{place}" for place in range(7)],
            "hover": "",
            "id": 1,
        }
    )
    (dots,) = [trace for trace in node_links(rows, height=300, given=["id"]).data if trace.mode == "markers+text"]
    assert list(dots.text) == list(rows["text"])
    assert list(dots.textposition[1:]) == ["top center", "bottom center"] * 3
