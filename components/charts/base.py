"""What all figures share: size, axes, hover and the font, so that nothing jumps and nothing is styled twice."""

import math
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec

import plotly.graph_objects as go

from components import language, theme
from rules.kept import Answers

ROW = 22  # px a category row takes
FEWEST_ROWS = 5  # a figure leaves room for so many, so that one row does not fill it
_TALL_ROW = 40  # px that are room enough for one
_LETTER = 6.4  # px of a letter at tick size
_WIDEST_LABEL = 126  # px
_EXACTLY = 1e-9  # of a step: 0.03 holds six of 0.005
TICK = 12  # px of tick and label text
MOST_STEPS = {"x": 3, "y": 6}  # of an axis between ticks
PHONE = 330  # px of a figure on a phone
_TICK_ROOM, _RATE_ROOM, _INDEX_ROOM = 34, 28, 20  # px of one tick beside others, of a rate, of a plain number

_P = ParamSpec("_P")
_figures = Answers(entries=400)
_drawing: ContextVar[bool] = ContextVar("_drawing", default=False)


def drawn_once(build: Callable[_P, go.Figure]) -> Callable[_P, go.Figure]:
    """Decorate what draws a figure from values alone: the same values in the same language are drawn once.

    Who is given the figure doesn't change it; only what is decorated itself may, for to that it is given anew.
    (Colours are the theme's placeholders, so themes share it.)
    """

    @wraps(build)
    def laid_out(*args: _P.args, **kwargs: _P.kwargs) -> go.Figure:
        made = build(*args, **kwargs)
        laid = made.to_dict()
        made.to_dict = lambda: laid  # type: ignore[method-assign]  # Streamlit asks for it at every run
        return made

    kept = _figures.of(laid_out, language.current)

    @wraps(build)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> go.Figure:
        if _drawing.get():
            return build(*args, **kwargs)
        within = _drawing.set(True)
        try:
            return kept(*args, **kwargs)
        finally:
            _drawing.reset(within)

    return drawn


def figure(*, height: int, left: int = 8, right: int = 8, top: int = 8, bottom: int = 28) -> go.Figure:
    """An empty figure of a fixed height, without legend, zoom or drag."""
    made = go.Figure()
    made.update_layout(
        height=height,
        margin={"l": left, "r": right, "t": top, "b": bottom, "autoexpand": False},
        showlegend=False,
        dragmode=False,
        font_size=TICK,
        hoverlabel_align="left",
    )
    axis: dict[str, Any] = {
        "fixedrange": True,
        "zeroline": False,
        "title_text": "",
        "tickfont": {"size": TICK, "color": theme.TEXT},
        "ticks": "",
        "automargin": False,
        "ticklabelstandoff": 4,
    }
    made.update_xaxes(**axis, showgrid=True, gridcolor=theme.GRID)
    made.update_yaxes(**axis, showgrid=False)
    return made


def label_width(labels: list[str]) -> int:
    """Pixels that the longest of some labels takes beside the plot."""
    return min(170, 14 + max((text_width(line) for label in labels for line in label.split("<br>")), default=0))


def shortened(label: str) -> str:
    """A label as far as there is room for it beside a figure."""
    if text_width(label) <= _WIDEST_LABEL:
        return label
    fitting = next(end for end in range(len(label), 0, -1) if text_width(f"{label[:end]}…") <= _WIDEST_LABEL)
    return f"{label[:fitting].rstrip()}…"


def rows_of(made: go.Figure, rows: float) -> float:
    """As many rows as a figure leaves room for: those that it has, or more, so that few don't fill it."""
    plot = made.layout.height - made.layout.margin.t - made.layout.margin.b
    return max(rows, min(FEWEST_ROWS, plot // _TALL_ROW))


def text_width(text: str) -> int:
    """Pixels that a text takes at tick size; a Chinese character is as wide as it is high, and so is its ellipsis."""
    return round(sum(TICK if ord(letter) > 0x2E80 or letter == "…" else _LETTER for letter in text))


def most_steps(made: go.Figure, axis: str, tick_px: int = _TICK_ROOM, at_most: int = MOST_STEPS["x"]) -> int:
    """Steps between ticks for which there is room on a phone, too."""
    if axis == "y":
        return MOST_STEPS[axis]
    room = PHONE - made.layout.margin.l - made.layout.margin.r
    return max(1, min(at_most, room // tick_px - 1))


def rate_axis(made: go.Figure, highest: float, *, axis: str = "x") -> None:
    """The axis of rates from zero to past the highest, few steps, in percent."""
    most = most_steps(made, axis, _RATE_ROOM)
    steps = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    step = next(s for s in steps if int(max(highest, 0.005) / s + _EXACTLY) <= most)
    ticks = [step * index for index in range(int(highest / step + _EXACTLY) + 1)]
    digits = 1 if step < 0.01 else 0
    update = made.update_xaxes if axis == "x" else made.update_yaxes
    update(
        range=[-highest * 0.02, highest],
        tickvals=ticks,
        ticktext=[f"{tick * 100:.{digits}f}%" for tick in ticks],
        tickangle=0,
    )


def count_axis(made: go.Figure, highest: float, *, axis: str = "x") -> None:
    """The axis of counts from zero to past the highest, few steps, with thousands separators."""
    update = made.update_xaxes if axis == "x" else made.update_yaxes
    update(range=[0, highest], nticks=most_steps(made, axis), tickformat=",d")


def index_axis(made: go.Figure, highest: float, *, axis: str = "x") -> None:
    """The axis of plain numbers from zero to past the highest, few steps."""
    most = most_steps(made, axis, _INDEX_ROOM)
    size = 10 ** math.floor(math.log10(max(highest, 0.01)))
    step = next(size * part for part in (0.1, 0.2, 0.5, 1, 2, 5, 10) if highest < size * part * (most + 1))
    ticks = _multiples(step, 0, highest, digits=6)
    update = made.update_xaxes if axis == "x" else made.update_yaxes
    update(range=[-highest * 0.02, highest], tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])


def money_axis(made: go.Figure, lowest: float, highest: float, text: Callable[[int], str], *, axis: str = "x") -> None:
    """The axis of amounts (fen) from the lowest to the highest, 0 among them, few steps.

    text: how an amount is written.
    """
    low, high = min(0.0, lowest), max(0.0, highest)
    span = max(high - low, 100.0)
    size = 10 ** math.floor(math.log10(span))
    laid = (_multiples(size * part, low, high) for part in (0.2, 0.5, 1, 2, 5))
    ticks = next(ticks for ticks in laid if len(ticks) - 1 <= most_steps(made, axis))
    update = made.update_xaxes if axis == "x" else made.update_yaxes
    update(
        range=[low - span * 0.02, high + span * 0.02],
        tickvals=ticks,
        ticktext=[text(tick) for tick in ticks],
        zeroline=True,
        zerolinecolor=theme.MUTED,
        zerolinewidth=1,
    )


def _multiples(step: float, low: float, high: float, digits: int | None = None) -> list[float]:
    return [round(step * index, digits) for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def annotate(made: go.Figure, annotations: Iterable[dict[str, Any]]) -> None:
    """Write several texts at once: each that is added alone makes plotly look at all again."""
    made.update_layout(annotations=[*made.layout.annotations, *annotations])


def over(made: go.Figure, text: str, *, x: float, xref: str, xanchor: str, colour: str, xshift: int = 0) -> None:
    """A text just above the plot."""
    made.add_annotation(
        x=x,
        xref=xref,
        xshift=xshift,
        xanchor=xanchor,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=2,
        text=text,
        font={"size": TICK, "color": colour},
        showarrow=False,
    )


def band(made: go.Figure, place: int, colour: str) -> None:
    """A shade behind one category row."""
    made.add_shape(
        type="rect",
        xref="paper",
        x0=0,
        x1=1,
        yref="y",
        y0=place - 0.5,
        y1=place + 0.5,
        fillcolor=colour,
        line_width=0,
        layer="below",
    )
