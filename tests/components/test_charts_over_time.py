"""Figures over time: where labels go, what is hatched, what a click gives back, which colour means what."""

from datetime import date
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import theme
from components.charts import ends
from components.charts.cells import Strip, cells, even_bounds
from components.charts.ends import End, placed, spread
from components.charts.lines import Line, Ticks, lines
from components.charts.paired_bars import paired_bars
from components.charts.stacked import stacked
from components.referrals import maturing


def points(ys, band=0.01, **changes):
    frame = pd.DataFrame({"x": range(len(ys)), "y": ys, "hover": ""})
    return frame.assign(low=frame["y"] - band, high=frame["y"] + band, thin=False).assign(**changes)


def texts(figure):
    return [annotation.text for annotation in figure.layout.annotations]


TICKS = Ticks([0, 3], ["0", "3"], "months on book", 3)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
def test_spread_labels_are_a_gap_apart_in_their_order_within_the_plot(heights):
    moved = spread(heights, 200)
    gap = min(ends.GAP, 200 / max(1, len(heights) - 1))
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    placed_in_order = [moved[place] for place in order]
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(placed_in_order))
    assert all(-1e-6 <= height <= 200 + 1e-6 for height in moved)


def test_labels_that_are_apart_stay_where_they_are():
    assert spread([10, 100, 60], 200) == [10, 100, 60]


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200), st.booleans()), max_size=15))
def test_no_two_labels_lie_on_each_other(found):
    given_ends = [End(x, y, 50, strong) for x, y, strong in found]
    boxes = []
    for end, place in zip(given_ends, placed(given_ends, 300, 200), strict=True):
        if place is not None:
            right, up, anchor = place
            left = end.x + right - {"left": 0, "center": 25, "right": 50}[anchor]
            boxes.append((left, left + 50, end.y + up))
    for place, (left, right, middle) in enumerate(boxes):
        for other_left, other_right, other_middle in boxes[place + 1 :]:
            apart = right <= other_left or left >= other_right or abs(middle - other_middle) >= ends.GAP
            assert apart


def test_strong_lines_are_over_context_with_band_and_name():
    figure = lines(
        [
            Line(points([0, 0.01, 0.02]), "2026Q1", "2.0 %", theme.ACCENT),
            Line(points([0, 0.1]), "2024Q1", "", theme.MUTED, strong=False),
        ],
        ticks=TICKS, height=290, beside=False,
    )  # fmt: skip
    assert set(texts(figure)) == {"<b>2026Q1</b> 2.0 %", "2024Q1"}
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert [band.fillcolor[:7] for band in bands] == [theme.ACCENT]
    widths = [trace.line.width for trace in figure.data if trace.mode == "lines+markers"]
    assert widths == [1.2, 2.5]
    assert figure.layout.xaxis.title.text == "months on book"


def test_a_gap_is_no_line_and_few_loans_are_a_pale_dot():
    figure = lines(
        [Line(points([0.1, None, 0.2], thin=[True, False, False]), "x", "", theme.ACCENT, dots=True)],
        ticks=TICKS, height=250, beside=True,
    )  # fmt: skip
    (line,) = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert line.connectgaps is False
    assert line.marker.opacity == (0.4, 1.0, 1.0)


def test_a_band_that_spikes_does_not_flatten_the_line():
    figure = lines([Line(points([0.02, 0.03], band=0.5), "x", "", theme.ACCENT)], ticks=TICKS, height=250, beside=True)
    assert figure.layout.yaxis.range[1] == pytest.approx(0.03 * 1.6)


def test_what_is_still_maturing_is_hatched_and_said():
    figure = lines(
        [Line(points([0.02, 0.03]), "x", "", theme.ACCENT)], ticks=TICKS, height=250, beside=True,
        maturing=(1.5, "still maturing"),
    )  # fmt: skip
    (hatched,) = [trace for trace in figure.data if trace.fillpattern.shape == "/"]
    assert (min(hatched.x), max(hatched.x)) == (1.5, 3)
    assert "still maturing" in texts(figure)


@pytest.mark.parametrize(("ys", "anchor"), [([0.9, 0.1, 0.8, 0.9], "bottom"), ([0.9, 0.1, 0.2, 0.1], "top")])
def test_the_words_for_what_is_still_maturing_stand_where_there_is_room(ys, anchor):
    figure = lines(
        [Line(points(ys), "x", "", theme.ACCENT)], ticks=TICKS, height=250, beside=True, maturing=(2.5, "young"),
    )  # fmt: skip
    (said,) = [annotation for annotation in figure.layout.annotations if annotation.text == "young"]
    assert said.yanchor == anchor


def test_a_month_known_between_months_forecast_breaks_the_forecast_in_two():
    found = points([100.0, 110, 120, 130, 140, 150]).rename(columns={"y": "each_fen"}).drop(columns="x")
    found = found.assign(
        maturing=[False, False, True, False, True, True], day=[date(2026, month, 1) for month in range(1, 7)]
    )
    drawn = [trace for trace in maturing._figure(found).data if trace.mode == "lines+markers"]
    assert [(trace.line.dash, list(trace.x)) for trace in drawn] == [
        (None, [0, 1]), ("dot", [1, 2, 3]), (None, [3]), ("dot", [3, 4, 5])
    ]  # fmt: skip


CELLS = pd.DataFrame(
    {
        "row": [0, 0, 1], "column": [0, 1, 0], "value": [0.004, 0.05, 0.96], "outlined": [True, False, False],
        "ringed": [False, False, True],
        "text": ["0.4", "5.0", "96.0"], "hover": "", "before": ["M0", "M0", "M1"], "after": ["M0", "M1", "M0"],
    }
)  # fmt: skip
BOUNDS = (0.01, 0.025, 0.05, 0.10, 0.20, 0.30, 0.50, 0.65, 0.85)


def test_cells_have_discrete_steps_and_text_that_can_be_read_on_them():
    figure = cells(
        CELLS, rows=["A", "B"], columns=["P", "Q"], height=290, bounds=BOUNDS, given=("before", "after"),
        strips=[Strip(1, 1, 1, "n 9")],
    )  # fmt: skip
    fills = [shape.fillcolor for shape in figure.layout.shapes[:3]]
    assert fills == [theme.SEQUENTIAL[0], theme.SEQUENTIAL[3], theme.SEQUENTIAL[9]]
    *tiles, ring = figure.layout.shapes
    assert [tile.line.width for tile in tiles] == [1.5, 0, 0]
    assert (ring.line.color, ring.x0 < tiles[2].x0, ring.x1 > tiles[2].x1) == (theme.ACCENT, True, True)
    colours = {text: trace.textfont.color for trace in figure.data if trace.text is not None for text in trace.text}
    assert colours == {"0.4": theme.TEXT, "5.0": theme.TEXT, "96.0": theme.BACKGROUND}
    clicked = {tuple(row[:2]) for trace in figure.data if trace.customdata is not None for row in trace.customdata}
    assert clicked == {("M0", "M0"), ("M0", "M1"), ("M1", "M0")}
    assert "n 9" in texts(figure)


@pytest.mark.parametrize(("highest", "width"), [(0.0, 0.001), (0.0101, 0.002), (0.064, 0.01), (1.0, 0.1)])
def test_steps_of_a_heatmap_are_round_and_reach_the_highest(highest, width):
    bounds = even_bounds(highest)
    assert bounds == pytest.approx([width * place for place in range(1, 10)])


def test_pairs_of_bars_keep_the_bucket_s_colour_and_the_second_is_hatched():
    rows = pd.DataFrame(
        {
            "label": ["Current", "90+"], "colour": [theme.BUCKETS["M0"], theme.BUCKETS["M3+"]],
            "first": [10.0, 20.0], "second": [12.0, float("nan")], "first_text": ["¥10", "¥20"],
            "second_text": ["¥12", "unknown"], "hover": "",
        }
    )  # fmt: skip
    figure = paired_bars(rows, names=("straight down", "to the end"), height=250)
    first, second = figure.data
    assert list(first.marker.color) == list(second.marker.color) == [theme.BUCKETS["M0"], theme.BUCKETS["M3+"]]
    assert (first.marker.pattern.shape, second.marker.pattern.shape) == (None, "/")
    assert figure.layout.xaxis.range == (0, 20)
    assert "■ straight down   ▨ to the end" in texts(figure)


def test_stacked_parts_stand_on_zero_in_their_colours_and_are_named_in_order():
    parts = pd.DataFrame(
        {"part": ["M1", "M2", "M1", "M2"], "x": [0, 0, 1, 1], "share": [0.02, 0.01, 0.03, 0.03], "hover": ""}
    )
    names = {"M1": ("1–30", theme.BUCKETS["M1"]), "M2": ("31–60", theme.BUCKETS["M2"])}
    figure = stacked(parts, names=names, ticks=Ticks([0, 1], ["a", "b"], "", 1), height=250)
    assert [trace.marker.color for trace in figure.data] == [theme.BUCKETS["M1"], theme.BUCKETS["M2"]]
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] >= 0.06
    heights = {annotation.text.split("> ")[-1]: annotation.yshift for annotation in figure.layout.annotations}
    assert heights["31–60"] - heights["1–30"] >= ends.GAP
