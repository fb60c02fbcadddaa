"""Is enough set aside of what is lent? The twelve months up to each month end, between the policy's shares."""

import math

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.rates.time.words import days, month_ticks
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "set-aside"


def draw(shown: View, found: pd.DataFrame) -> None:
    """Draw the card. found: `rules.reserve.by_month`, one row at least."""
    metric, rule = METRICS["set_aside"], shown.policy.reserve
    card = cards.begin(_KEY, title=_("Is enough set aside of what is lent?"), definition=_(metric.definition))
    rows = found.assign(day=days(found["month_end"]))
    card.answer(
        sentence(rows.iloc[-1], rule.set_aside_ratios),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, rule.set_aside_ratios), _KEY),
        table=lambda height: tables.show(rows.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("twelve months up to each month end, whole book"),
                _("set aside = movements for {reasons}").format(reasons=", ".join(rule.set_aside_reasons)),
                _("shaded = {low} to {high}, the policy").format(
                    low=formats.percent(rule.set_aside_ratios[0]), high=formats.percent(rule.set_aside_ratios[1])
                ),
            ]
        ),
    )


def sentence(newest: pd.Series, between: tuple[float, float]) -> str:
    """The newest twelve months, and whether they lie within the policy's shares."""
    if math.isnan(newest["ratio"]):
        return _("Nothing was lent in the twelve months up to {month}.").format(month=formats.month(newest["day"]))
    said = {
        "ratio": formats.percent(newest["ratio"], 2),
        "aside": formats.money(int(newest["set_aside_fen"])),
        "lent": formats.money(int(newest["lent_fen"])),
        "low": formats.percent(between[0]),
        "high": formats.percent(between[1]),
        "month": formats.month(newest["day"]),
    }
    if newest["ratio"] < between[0]:
        return _(
            "**Too little**: {aside} of {lent} lent in the twelve months up to {month}, **{ratio}**, below {low}."
        ).format(**said)
    if newest["ratio"] > between[1]:
        return _(
            "**More than asked for**: {aside} of {lent} lent in the twelve months up to {month}, **{ratio}**, "
            "above {high}."
        ).format(**said)
    return _(
        "**{ratio}** was set aside: {aside} of {lent} lent in the twelve months up to {month}, between {low} "
        "and {high}."
    ).format(**said)


@base.drawn_once
def _figure(rows: pd.DataFrame, between: tuple[float, float]) -> go.Figure:
    points = rows.assign(
        x=range(len(rows)), y=rows["ratio"], low=float("nan"), high=float("nan"), thin=False,
        hover=[_hover(row) for row in rows.itertuples()],
    )  # fmt: skip
    known = points["y"].dropna()
    line = Line(points, formats.percent(known.iloc[-1], 2) if len(known) else "", "", theme.ACCENT)
    made = lines_chart.lines([line], ticks=month_ticks(list(rows["day"])), height=HEIGHT, beside=True)
    highest = max(made.layout.yaxis.range[1], between[1] * 1.15)
    made.update_yaxes(range=[-0.02 * highest, highest])
    made.add_hrect(y0=between[0], y1=between[1], fillcolor=theme.faded(theme.GOOD, 0.16), line_width=0, layer="below")
    return made


def _hover(row: tuple) -> str:
    ratio = "–" if math.isnan(row.ratio) else formats.percent(row.ratio, 2)
    return "<br>".join(
        [
            f"<b>{formats.month(row.day)}</b> {ratio}",
            _("{aside} of {lent}").format(aside=formats.money(row.set_aside_fen), lent=formats.money(row.lent_fen)),
        ]
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["set_aside"]
    return {
        "day": Column(_("Month end"), Kind.DAY, pinned=True),
        "ratio": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "set_aside_fen": Column(_("Set aside in twelve months"), Kind.FEN),
        "lent_fen": Column(_("Lent in twelve months"), Kind.FEN),
    }
