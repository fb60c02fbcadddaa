"""How fast does it come round? How many a member has brought by each day, and when half of them have come."""

import math

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line, Ticks
from components.language import _
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import virality
from rules.metrics import METRICS
from rules.virality import Cycle

HEIGHT = 250
_KEY = "growth-cycle"
_STEP_DAYS = 30


def draw(shown: View, found: Cycle) -> None:
    """Draw the card. found: the curve of all members who pass the filters."""
    metric, days = METRICS["cycle_time"], shown.policy.growth.cycle_days
    card = cards.begin(_KEY, title=_("How fast does it come round?"), definition=_(metric.definition))
    if math.isnan(found.days):
        with card.frame:
            states.nothing(_("No member who passes the filters has referred anybody."))
        return
    curve = found.curve.assign(
        hover=[
            "<br>".join(
                [
                    _("<b>day {day}</b>: {brought} per member").format(day=row.day, brought=formats.index(row.brought)),
                    _("{count} members followed so long").format(count=formats.count(row.followed)),
                ]
            )
            for row in found.curve.itertuples()
        ]
    )
    card.answer(
        sentence(found, days),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(curve, found), _KEY),
        table=lambda height: tables.show(curve, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} members, {referred} referred").format(
                    count=formats.count(int(curve["followed"].iloc[0])),
                    referred=formats.count(int(curve["referred"].sum())),
                ),
                _("mean cumulative function: whom recent members may yet refer is censored"),
                _("line = half"),
            ]
        ),
    )


def sentence(found: Cycle, days: int) -> str:
    """The cycle time, and what 100 members grow into within a year at this K and cycle."""
    first = _(
        "Half of those whom a member refers within {window} days have come by day **{days}** ({low}–{high})."
    ).format(
        window=days,
        days=formats.count(round(found.days)),
        low=formats.count(round(found.low)),
        high=formats.count(round(found.high)),
    )
    if not found.days:
        return first
    cycles = 365 / found.days
    grown = [
        virality.customers(100, k, cycles)
        for k in (found.coefficient, found.coefficient_low, found.coefficient_high)
    ]  # fmt: skip
    after = _("At K = {k}, 100 new members and whom they bring are **{grown}** ({low}–{high}) a year later.").format(
        k=formats.index(found.coefficient), **dict(zip(("grown", "low", "high"), map(_rounded, grown), strict=True))
    )
    return words.sentences(first, after)


def _rounded(members: float) -> str:
    return formats.count(round(float(members)))


@base.drawn_once
def _figure(curve: pd.DataFrame, found: Cycle) -> go.Figure:
    points = curve.rename(columns={"day": "x", "brought": "y"}).assign(thin=False)
    last = int(points["x"].iloc[-1])
    places = list(range(0, last + 1, _STEP_DAYS * max(1, round(last / _STEP_DAYS / 6))))
    ticks = Ticks(places, [str(place) for place in places], _("days since the referrer registered"), last)
    made = lines_chart.lines(
        [Line(points, formats.index(found.coefficient), "", theme.ACCENT)],
        ticks=ticks,
        height=HEIGHT,
        beside=True,
        axis=base.index_axis,
    )
    half = found.coefficient / 2
    for line in ({"x": [found.days] * 2, "y": [0, half]}, {"x": [0, found.days], "y": [half, half]}):
        made.add_trace(
            go.Scatter(**line, mode="lines", line={"color": theme.MUTED, "width": 1, "dash": "dot"}, hoverinfo="skip")
        )
    made.add_annotation(
        x=found.days,
        y=0,
        xshift=4,
        xanchor="left",
        yanchor="bottom",
        text=_("day {day}").format(day=formats.count(round(found.days))),
        font={"size": base.TICK, "color": theme.TEXT},
        showarrow=False,
    )
    return made


def _columns() -> dict[str, Column]:
    return {
        "day": Column(_("Days"), Kind.COUNT, pinned=True),
        "brought": Column(_("Referred per member"), Kind.DECIMAL),
        "low": Column(_("Lower end"), Kind.DECIMAL),
        "high": Column(_("Upper end"), Kind.DECIMAL),
        "followed": Column(_("Members followed"), Kind.COUNT),
        "referred": Column(_("Referred on the day"), Kind.COUNT),
    }
