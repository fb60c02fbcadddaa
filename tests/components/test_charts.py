"""Figures: what is drawn where, in which colour, and what a click gives back."""

import pandas as pd
import pytest

from components import formats, theme
from components.charts import base
from components.charts.dumbbells import dumbbells
from components.charts.months import months
from components.charts.pairs import pairs
from components.charts.segments import segments
from components.charts.spans import spans

HEADS = {"book": "Book 5.0 %", "rate": "Rate", "count": "Borrowers"}


def rows(**changes):
    frame = pd.DataFrame(
        {
            "segment": ["a", "b", "c"],
            "label": ["Bronze", "Silver", "Gold"],
            "rate": [0.08, 0.05, 0.02],
            "low": [0.07, 0.04, 0.01],
            "high": [0.09, 0.06, 0.60],
            "stands_out": ["above", "", ""],
            "thin": [False, False, True],
            "rate_text": ["8.0 %", "5.0 %", "2.0 %"],
            "count_text": ["900", "800", "7"],
            "hover": ["A", "B", "C"],
        }
    )
    return frame.assign(**changes)


def points(figure):
    """What a click on each drawn point gives back, with the point's place."""
    return {
        (trace.customdata[place][0], trace.y[place])
        for trace in figure.data
        if trace.customdata is not None
        for place in range(len(trace.x))
    }


def texts(figure):
    return {annotation.text for annotation in figure.layout.annotations}


def test_segments_stand_in_the_given_order_and_give_their_code_to_a_click():
    figure = segments(rows(), book_rate=0.05, heads=HEADS, height=290)
    assert points(figure) == {("a", 0), ("b", 1), ("c", 2)}
    assert list(figure.layout.yaxis.ticktext) == ["Bronze", "Silver", "Gold"]
    assert {"<b>▲ 8.0 %</b>", "≈ 5.0 %", "≈ 2.0 %", "900", "7", "Book 5.0 %"} <= texts(figure)


def test_what_stands_out_is_filled_in_its_colour_and_what_is_noise_is_open():
    figure = segments(rows(), book_rate=0.05, heads=HEADS, height=290)
    fills = {trace.customdata[0][0]: trace.marker.color for trace in figure.data}
    assert fills == {"a": theme.faded(theme.BAD, 1.0), "b": theme.BACKGROUND, "c": theme.BACKGROUND}


def test_a_thin_segments_whisker_does_not_stretch_the_axis():
    figure = segments(rows(), book_rate=0.05, heads=HEADS, height=290)
    assert figure.layout.xaxis.range[1] < 0.1
    alone = segments(rows(thin=True), book_rate=0.05, heads=HEADS, height=290)
    assert alone.layout.xaxis.range[1] >= 0.6


def test_the_chosen_segment_is_marked():
    plain = segments(rows(), book_rate=0.05, heads=HEADS, height=290)
    chosen = segments(rows(), book_rate=0.05, heads=HEADS, height=290, chosen="b")
    (band,) = [shape for shape in chosen.layout.shapes if shape.type == "rect"]
    assert (band.y0, band.y1) == (0.5, 1.5)
    assert not [shape for shape in plain.layout.shapes if shape.type == "rect"]


def test_months_run_in_time_and_hold_every_rate():
    figure = months(rows(thin=True), book_rate=0.05, heads=HEADS, height=290)
    line = figure.data[-1]
    assert list(line.x) == [0, 1, 2]
    assert [given[0] for given in line.customdata] == ["a", "b", "c"]
    assert figure.layout.yaxis.range[1] > 0.08


CELLS = pd.DataFrame(
    {
        "row": [0, 0, 1],
        "column": [0, 1, 0],
        "row_segment": ["x", "x", "y"],
        "column_segment": ["p", "q", "p"],
        "difference": [0.05, 0.001, -0.03],
        "book_rate": [0.05] * 3,
        "stands_out": ["above", "", ""],
        "thin": [False, False, True],
        "text": ["10.0", "5.1", "n 9"],
        "hover": ["", "", ""],
    }
)


def test_pairs_are_strong_only_where_they_stand_out_and_hatched_where_thin():
    figure = pairs(CELLS, rows=["X", "Y"], columns=["P", "Q"], height=290)
    tiles = {(shape.x0 + 0.48, shape.y0 + 0.46): shape.fillcolor for shape in figure.layout.shapes}
    assert tiles == {
        (0, 0): theme.faded(theme.BAD, 1.0),
        (1, 0): theme.faded(theme.BAD, 0.12),
    }
    hatched = [trace for trace in figure.data if trace.fill == "toself"]
    assert [(min(trace.x) + 0.48, min(trace.y) + 0.46) for trace in hatched] == [(0, 1)]
    given = {
        tuple(row[:2]): text
        for t in figure.data
        if t.text is not None
        for row, text in zip(t.customdata, t.text, strict=True)
    }
    assert given == {("x", "p"): "10.0", ("x", "q"): "5.1", ("y", "p"): "n 9"}


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Partner platforms", "Partner<br>platforms"),
        ("合作平台", "合作<br>平台"),
        ("Referral", "Referral"),
        ("推荐", "推荐"),
    ],
)
def test_long_labels_over_cells_take_two_lines(label, shown):
    figure = pairs(CELLS, rows=["X", "Y"], columns=[label, "Q"], height=290)
    assert figure.layout.xaxis.ticktext[0] == shown


def test_dumbbells_set_the_summary_apart_and_mark_the_difference():
    frame = pd.DataFrame(
        {
            "label": ["As observed", "Held equal", "Cash"],
            "first_rate": [0.04, 0.06, float("nan")],
            "second_rate": [0.05, 0.05, 0.05],
            "first_size": [13, 13, 8],
            "second_size": [13, 13, 9],
            "summary": [True, True, False],
            "stands_out": ["below", "above", ""],
            "difference_text": ["−1.0", "+1.0", "–"],
            "first_hover": "",
            "second_hover": "",
        }
    )
    figure = dumbbells(frame, names=("Silver", "Gold"), head="Difference", height=290)
    assert {"<b>▼ −1.0</b>", "<b>▲ +1.0</b>", "≈ –", "Difference"} <= texts(figure)
    assert list(figure.data[-1].y) == [0, 1, 2.4]
    assert list(figure.layout.yaxis.ticktext) == ["<b>As observed</b>", "<b>Held equal</b>", "Cash"]


@pytest.mark.parametrize(
    ("axis", "left", "highest", "texts"),
    [
        ("y", 8, 0.005, ["0.0%", "0.1%", "0.2%", "0.3%", "0.4%", "0.5%"]),
        ("y", 8, 0.055, ["0%", "1%", "2%", "3%", "4%", "5%"]),
        ("y", 8, 1.0, ["0%", "20%", "40%", "60%", "80%", "100%"]),
        ("x", 8, 0.0051, ["0.0%", "0.2%", "0.4%"]),
        ("x", 8, 0.17, ["0%", "5%", "10%", "15%"]),
        ("x", 8, 1.0, ["0%", "50%", "100%"]),
        ("x", 220, 0.17, ["0%", "10%"]),  # long labels leave a phone less room
        ("x", 270, 0.97, ["0%", "50%"]),
        ("x", 270, 1.0, ["0%", "100%"]),
    ],
)
def test_the_axis_of_rates_has_round_steps_for_which_there_is_room(axis, left, highest, texts):
    figure = base.figure(height=200, left=left)
    base.rate_axis(figure, highest, axis=axis)
    assert list(figure.layout[f"{axis}axis"].ticktext) == texts


@pytest.mark.parametrize(
    ("left", "lowest", "highest", "texts"),
    [
        (8, 0, 480_00, ["¥0", "¥200", "¥400"]),
        (8, -100_00, 160_00, ["−¥100", "¥0", "¥100"]),
        (220, 0, 99_00, ["¥0", "¥50"]),
        (270, 0, 290_00, ["¥0", "¥200"]),
    ],
)
def test_the_axis_of_amounts_has_round_steps_around_zero(left, lowest, highest, texts):
    figure = base.figure(height=200, left=left)
    base.money_axis(figure, lowest, highest, formats.money)
    assert list(figure.layout.xaxis.ticktext) == texts


@pytest.mark.parametrize("hour", ["h", "小时"])
def test_the_ticks_of_times_stand_beside_each_other_on_a_phone(hour):
    names = ["All cases", "规则或评分转人工"]
    times = {"q10": 60.0, "q25": 600.0, "q50": 3_600.0, "q75": 36_000.0, "q90": 90_000.0, "window": 28_800.0}
    frame = pd.DataFrame({"step": names, "label": names, "text": "1 h", "hover": ""}).assign(**times)
    ticks = [(3_600.0 * 2**power, f"{2**power} {hour}") for power in range(-4, 9)]
    made = spans(frame, ticks=ticks, head="half within", height=250)
    shown = [base.text_width(text) for text in made.layout.xaxis.ticktext]
    room = base.PHONE - made.layout.margin.l - made.layout.margin.r
    assert sum(shown) <= room
    assert len(shown) >= 2
    assert made.layout.xaxis.tickangle == 0
    assert made.layout.xaxis.tickvals[0] == ticks[0][0]
