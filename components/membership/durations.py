"""How long does each step take? Quartiles of every step, or the whole course of one."""

from typing import Any

import pandas as pd

from components import cards, formats, states, tables, theme
from components.charts import lines as lines_chart
from components.charts import spans as spans_chart
from components.charts.lines import Line, Ticks
from components.filters.words import registered
from components.language import _
from components.membership import funnel_choices
from components.membership.funnel_choices import Chosen
from components.membership.funnel_words import between, step_name
from components.tables import Column, Kind
from components.view import View
from rules import funnel_times
from rules.filters import DateRange
from rules.funnel_steps import HOUR
from rules.metrics import METRICS

HEIGHT = 250
_DAY = 24 * HOUR
_TICKS = (60, 600, HOUR, 6 * HOUR, _DAY, 7 * _DAY, 30 * _DAY, 180 * _DAY, 720 * _DAY)
_CURVE_TICKS = 6


def draw(shown: View, chosen: Chosen, times: pd.DataFrame) -> None:
    """Draw the card. times: `queries.funnel.times`."""
    metric = METRICS["time_to_step"]
    card = cards.begin("durations", title=_("How long does each step take?"), definition=_(metric.definition))
    with card.controls:
        funnel_choices.draw_timed(chosen.recorded)
    found = funnel_times.durations(times, chosen.recorded, chosen.windows)
    rows = _with_texts(found, chosen)
    if not rows["taken"].sum():
        with card.frame:
            states.nothing(_("Nobody has taken a step within its window."))
        return

    def figure() -> None:
        if chosen.timed:
            made = _curve(times, chosen)
        else:
            ticks = [(float(at), formats.duration(at)) for at in _shown_ticks(rows)]
            made = spans_chart.spans(rows, ticks=ticks, head=_("half within"), height=HEIGHT)
        cards.chart(made, f"durations-{chosen.timed}")

    def table(height: int) -> None:
        tables.show(rows, _columns(), key="durations-rows", height=height)

    card.answer(
        sentence(rows, chosen.timed), height=HEIGHT, figure=figure, table=table, caption=_caption(shown, chosen, rows)
    )


def sentence(rows: pd.DataFrame, timed: str) -> str:
    """The step that takes longest, or the one that was chosen."""
    known = rows.dropna(subset=["q50"])
    if timed:
        known = known.loc[known["step"] == timed]
        if known.empty:
            return _("Nobody has taken this step within its window.")
    row = known.sort_values("q50").iloc[-1]
    text = (
        _("Of those who take **{step}** within its window, half do so within **{half}**, three quarters within "
          "{most}; **{share}** take it.")
        if timed
        else _("**{step}** takes longest: of those who take it, half do so within **{half}**, three quarters within "
               "{most}.")
    )  # fmt: skip
    return text.format(
        step=row["label"],
        half=formats.duration(row["q50"]),
        most=formats.duration(row["q75"]),
        share=formats.percent(row["share"]),
    )


def _with_texts(found: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    before = dict(zip(chosen.recorded[1:], chosen.recorded, strict=False))
    rows = found.assign(
        label=[step_name(code) for code in found["step"]],
        arrow=[between(before[code], code) for code in found["step"]],
        text=["" if pd.isna(half) else formats.duration(half) for half in found["q50"]],
        **{
            f"{name}_text": ["" if pd.isna(at) else formats.duration(at) for at in found[name]]
            for name in ("q10", "q25", "q75", "q90", "window", "mean_seconds")
        },
    )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: Any) -> str:
    if pd.isna(row.q50):
        return ""
    return "<br>".join(
        [
            f"<b>{row.arrow}</b>",
            _("half within {half}").format(half=row.text),
            _("middle half {first} to {last}").format(first=row.q25_text, last=row.q75_text),
            _("from the 10th to the 90th in a hundred: {first} to {last}").format(
                first=row.q10_text, last=row.q90_text
            ),
            _("{share} of {entered} take it within {window}").format(
                share=formats.percent(row.share), entered=formats.count(row.entered), window=row.window_text
            ),
        ]
    )


def _shown_ticks(rows: pd.DataFrame) -> list[int]:
    """Ticks from below the shortest time to above the longest window, at most six."""
    first, last = float(rows["q10"].min()), float(rows["window"].max())
    within = [tick for tick in _TICKS if first / 6 <= tick <= last * 1.5]
    every = -(-len(within) // 6)
    return within[::every]


def _curve(times: pd.DataFrame, chosen: Chosen) -> Any:
    """The share that has taken one step after so long."""
    window = chosen.windows.seconds_of(chosen.timed)
    found = funnel_times.curve(times.loc[times["step"] == chosen.timed])
    unit, name = (
        (_DAY, _("days since the step before")) if window > 3 * _DAY else (HOUR, _("hours since the step before"))
    )
    last = window / unit
    points = pd.DataFrame({"x": (found["seconds"] / unit).clip(upper=last), "y": found["share"]})
    points = pd.concat([pd.DataFrame({"x": [0.0], "y": [0.0]}), points], ignore_index=True)
    points = points.assign(low=float("nan"), high=float("nan"), thin=False)
    points["hover"] = [
        _("{share} within {time}").format(share=formats.percent(y), time=formats.duration(x * unit))
        for x, y in zip(points["x"], points["y"], strict=True)
    ]
    step = max(1, round(last / _CURVE_TICKS))
    places = list(range(0, int(last) + 1, step))
    end = float(points["y"].iloc[-1])
    line = Line(points, formats.percent(end), "", theme.ACCENT)
    return lines_chart.lines(
        [line], ticks=Ticks(places, [str(place) for place in places], name, last), height=HEIGHT, beside=True
    )


def _caption(shown: View, chosen: Chosen, rows: pd.DataFrame) -> str:
    since = DateRange(chosen.counted.registered.first, None)
    said = [_("Registered {months}").format(months=registered(since, shown.book))]
    if chosen.timed:
        row = rows.loc[rows["step"] == chosen.timed].iloc[0]
        said.append(f"n = {formats.count(int(row['entered']))}")
    else:
        said += [_("dot = half"), _("thick = middle half"), _("thin = 10th to 90th in a hundred"),
                 _("dotted = window")]  # fmt: skip
    return " · ".join([*said, _("who could not yet be followed so long is reckoned with (Kaplan-Meier)")])


def _columns() -> dict[str, Column]:
    metric = METRICS["time_to_step"]
    return {
        "label": Column(_("Step"), pinned=True),
        "entered": Column(_("Came to the step before"), Kind.COUNT),
        "taken": Column(_("Took it within the window"), Kind.COUNT),
        "share": Column(_("Take it"), Kind.RATIO, help=_(metric.definition)),
        "text": Column(_("Half within"), help=_(metric.definition)),
        "q25_text": Column(_("A quarter within")),
        "q75_text": Column(_("Three quarters within")),
        "q10_text": Column(_("A tenth within")),
        "q90_text": Column(_("Nine tenths within")),
        "mean_seconds_text": Column(_("On average"), help=_("Of those seen to take it within the window")),
        "window_text": Column(_("Window")),
    }
