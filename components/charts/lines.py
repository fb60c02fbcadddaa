"""Rates, counts or plain numbers over time: lines with their bands, each named at its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import plotly.graph_objects as go

from components import theme
from components.charts import base, ends

_NARROW = 300  # px of a plot on a small screen: labels that don't meet there don't meet on a larger one
_BAND = 0.16
_LETTER, _DOT, _BETWEEN = 6.2, 10, 5  # px
_PALE = 0.4
_SPIKE = 1.6  # times the highest rate that an interval may reach before it is cut off


@dataclass(frozen=True)
class Line:
    """One line.

    points: x (place), y (nan in a gap), low, high (nan where there is no interval), thin (its dot is pale), hover.
    """

    points: pd.DataFrame
    name: str  # at its end; may be empty, with no value either
    value: str  # beside the name: its last rate; may be empty
    colour: str
    strong: bool = True  # wide, with its band and always named; others are thin context
    dots: bool = False  # each month is a dot of its own
    dashed: bool = False  # not seen but expected
    ink: str = ""  # of its name, where that is another than the line's colour


@dataclass(frozen=True)
class Ticks:
    """The axis of months: where ticks stand and what they say, what is counted, and from where to where it runs."""

    places: list[int]
    texts: list[str]
    title: str
    last: float
    first: float = 0


@base.drawn_once
def lines(
    drawn: Sequence[Line],
    *,
    ticks: Ticks,
    height: int,
    beside: bool,
    maturing: tuple[float, str] | None = None,
    chosen: float | None = None,
    axis: Callable[..., None] = base.rate_axis,
) -> go.Figure:
    """Lines over months on a zero-based axis, context first and strong lines over it.

    axis: of rates, or one of the others of `base`. beside: the lines end together and are named right of the plot, of
    the months that are still maturing, too;
    otherwise each is named where it ends. maturing: from which place on months are still maturing, and the words for
    it. chosen: a place that is marked.
    """
    named = [(line, line.points.dropna(subset=["y"])) for line in sorted(drawn, key=lambda line: line.strong)]
    named = [(line, points) for line, points in named if not points.empty]
    right = 12 + max((_width(line) for line, _points in named), default=0) if beside else 14
    made = base.figure(
        height=height,
        left=44,
        right=right,
        top=14,
        bottom=44 if ticks.title or any("<br>" in text for text in ticks.texts) else 28,
    )
    highest = _highest(named)
    highest = min(1.0, max(0.005, highest)) if axis is base.rate_axis else highest or 1.0
    if maturing is not None:
        _hatch(made, maturing, ticks, highest, named)
    if chosen is not None:
        made.add_vline(x=chosen, line={"color": theme.ACCENT, "width": 2})
    for line, points in named:
        if line.strong and points["low"].notna().any():
            made.add_trace(_band(points.dropna(subset=["low"]), line.colour))
    for line, points in named:
        made.add_trace(_line(line))
        if not line.dots:
            made.add_trace(_dot(points.iloc[-1], line))
    plot = height - made.layout.margin.t - made.layout.margin.b
    _name(made, named, ticks, highest, plot, beside=beside)
    span = ticks.last - ticks.first
    ticks = _thinned(ticks, base.PHONE - made.layout.margin.l - right)
    made.update_xaxes(
        range=[ticks.first - span * 0.01, ticks.last + span * 0.01],
        tickvals=ticks.places,
        ticktext=ticks.texts,
        title={"text": ticks.title, "font": {"size": base.TICK, "color": theme.MUTED}, "standoff": 6},
        showgrid=False,
        tickangle=0,
    )
    axis(made, highest, axis="y")
    made.update_yaxes(showgrid=True, gridcolor=theme.GRID)
    made.update_layout(hovermode="closest", hoverdistance=30)
    return made


def _thinned(ticks: Ticks, room: float) -> Ticks:
    """As many ticks, from the first on, as don't meet on a small screen."""
    widest = max((len(line) for text in ticks.texts for line in text.split("<br>")), default=0)
    most = max(2, int(room // (widest * _LETTER + _BETWEEN)))
    every = -(-len(ticks.places) // most)
    texts = [_with_year(ticks.texts[max(0, place - every + 1) : place + 1]) for place in range(len(ticks.texts))]
    return replace(ticks, places=ticks.places[::every], texts=texts[::every]) if every > 1 else ticks


def _with_year(texts: Sequence[str]) -> str:
    """The last of some ticks, with the year below it that began in those before it."""
    name, line, year = texts[-1].partition("<br>")
    years = [each.partition("<br>")[2] for each in texts]
    return f"{name}{line}{next((each for each in reversed(years) if each), year)}"


def _highest(named: Sequence[tuple[Line, pd.DataFrame]]) -> float:
    rates = max((float(points["y"].max()) for _line, points in named), default=0.0)
    bands = [float(points["high"].max()) for line, points in named if line.strong and points["high"].notna().any()]
    reach = max([0.0, *bands])
    return max(rates * 1.08, min(reach, rates * _SPIKE) if rates else reach * 1.08)


def _band(points: pd.DataFrame, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[*points["x"], *points["x"][::-1]],
        y=[*points["high"], *points["low"][::-1]],
        fill="toself",
        fillcolor=theme.faded(colour, _BAND),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def _line(line: Line) -> go.Scatter:
    return go.Scatter(
        x=line.points["x"],
        y=line.points["y"],
        mode="lines+markers",
        line={
            "color": line.colour,
            "width": 2.5 if line.strong else 1.2,
            **({"dash": "dot"} if line.dashed else {}),
        },
        marker={"size": 6 if line.dots else 12, "color": line.colour, "opacity": _opacity(line)},
        text=line.points["hover"],
        hovertemplate="%{text}<extra></extra>",
        connectgaps=False,
        cliponaxis=False,
    )


def _opacity(line: Line) -> float | list[float]:
    return [_PALE if thin else 1.0 for thin in line.points["thin"]] if line.dots else 0.0


def _dot(end: pd.Series, line: Line) -> go.Scatter:
    return go.Scatter(
        x=[end["x"]],
        y=[end["y"]],
        mode="markers",
        marker={"size": 8 if line.strong else 6, "color": line.colour},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _name(
    made: go.Figure,
    named: Sequence[tuple[Line, pd.DataFrame]],
    ticks: Ticks,
    highest: float,
    plot: float,
    *,
    beside: bool,
) -> None:
    named = [(line, points) for line, points in named if line.name]
    last = [points.iloc[-1] for _line, points in named]
    heights = [float(end["y"]) / highest * plot for end in last]
    if beside:
        places = [(7.0, up - at, "left") for up, at in zip(ends.spread(heights, plot), heights, strict=True)]
    else:
        span = max(1e-9, ticks.last - ticks.first)
        found = [
            ends.End((float(end["x"]) - ticks.first) / span * _NARROW, at, _width(line), line.strong)
            for end, at, (line, _points) in zip(last, heights, named, strict=True)
        ]
        places = ends.placed(found, _NARROW, plot)
    for (line, _points), end, place in zip(named, last, places, strict=True):
        if place is None:
            continue
        text = f"{f'<b>{line.name}</b>' if line.strong else line.name} {line.value}".strip()
        made.add_annotation(
            x=ticks.last if beside else end["x"],
            y=end["y"],
            xshift=place[0],
            yshift=place[1],
            xanchor=place[2],
            yanchor="middle",
            text=text if line.ink else theme.named(text, line.colour),
            font={"size": base.TICK, "color": line.ink or theme.ink(line.colour)},
            bgcolor=theme.faded(theme.BACKGROUND, 0.85),
            borderpad=0,
            showarrow=False,
        )


def _width(line: Line) -> float:
    text = f"{line.name} {line.value}".strip()
    dot = _DOT if not line.ink and theme.ink(line.colour) != line.colour else 0
    return sum(12.0 if ord(letter) > 0x2E80 else _LETTER for letter in text) + 4 + dot


def _reach(line: Line, points: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """From where to where a line and its band reach at each place."""
    if not line.strong:
        return points["y"], points["y"]
    return points["low"].fillna(points["y"]), points["high"].fillna(points["y"])


def _hatch(
    made: go.Figure,
    maturing: tuple[float, str],
    ticks: Ticks,
    highest: float,
    named: Sequence[tuple[Line, pd.DataFrame]],
) -> None:
    """The months that are still maturing, hatched; the words for it stand where lines and bands leave more room."""
    (first, words), last = maturing, ticks.last
    begins = last - (last - ticks.first) * min(1.0, base.text_width(words) / _NARROW)
    near = [_reach(line, points.loc[points["x"] >= begins]) for line, points in named]
    foot = min((low for lows, _highs in near for low in lows), default=0.0)
    at_foot = foot > highest - max((high for _lows, highs in near for high in highs), default=0.0)
    made.add_trace(
        go.Scatter(
            x=[first, last, last, first, first],
            y=[0, 0, highest, highest, 0],
            fill="toself",
            fillpattern={"shape": "/", "size": 6, "solidity": 0.2, "fillmode": "replace", "fgcolor": theme.GRID,
                         "bgcolor": theme.BACKGROUND},
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
        )
    )  # fmt: skip
    made.add_annotation(
        x=last,
        xanchor="right",
        y=0 if at_foot else highest,
        yanchor="bottom" if at_foot else "top",
        text=words,
        font={"size": base.TICK, "color": theme.MUTED},
        bgcolor=theme.BACKGROUND,
        showarrow=False,
    )
