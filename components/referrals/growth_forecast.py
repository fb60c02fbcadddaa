"""What will referral bring? Referred members by week, and what is expected of the weeks to come."""

import math

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.rates.time import words
from components.referrals import growth_words
from components.tables import Column, Kind
from components.view import View
from rules.growth import AHEAD_WEEKS, ROOT, Forecast
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "growth-forecast"
_PAST = 39  # weeks drawn before those to come


def draw(shown: View, weeks: pd.DataFrame, ahead: Forecast) -> None:
    """Draw the card. weeks: `rules.growth.by_week`; ahead: `rules.growth.forecast` of them."""
    metric = METRICS["referral_forecast"]
    card = cards.begin(_KEY, title=_("What will referral bring?"), definition=_(metric.definition))
    if math.isnan(ahead.referred):
        with card.frame:
            states.nothing(_("No member who passes the filters has referred anybody."))
        return
    rows = _rows(weeks, ahead)
    card.answer(
        sentence(ahead),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows.iloc[-_PAST - AHEAD_WEEKS :]), _KEY),
        table=lambda height: tables.show(rows.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("members referred each week"),
                _("band = {level}: of K, and weeks that vary {times} times as much as by chance").format(
                    level=formats.percent(1 - shown.policy.display.significance, 0),
                    times=formats.index(ahead.dispersion, 1),
                ),
                _("assumes {roots} new roots a week").format(roots=formats.count(round(float(rows["roots"].iloc[-1])))),
            ]
        ),
    )


def sentence(ahead: Forecast) -> str:
    """What is expected of the weeks to come, and how the same would have done for those before."""
    said = _("In the next {weeks} weeks referral brings about **{referred}** members ({low}–{high}).").format(
        weeks=AHEAD_WEEKS,
        referred=formats.count(round(ahead.referred)),
        low=formats.count(round(ahead.low)),
        high=formats.count(round(ahead.high)),
    )
    before = _("Of the last {weeks} it would have said {expected}, week by week; {actual} came.").format(
        weeks=AHEAD_WEEKS,
        expected=formats.count(round(ahead.past_expected)),
        actual=formats.count(round(ahead.past_referred)),
    )
    return words.sentences(said, before)


def _rows(weeks: pd.DataFrame, ahead: Forecast) -> pd.DataFrame:
    """A row per whole week that has been and per week to come."""
    whole = weeks.loc[~weeks["running"]]
    members = whole.groupby("week")["members"].sum()
    roots = whole.loc[whole["level"] == ROOT].groupby("week")["members"].sum()
    past = pd.DataFrame({"referred": (members - roots).astype(float), "roots": roots.astype(float)}).reset_index()
    rows = pd.concat([past.assign(low=math.nan, high=math.nan, coming=False), ahead.weeks.assign(coming=True)])
    rows = rows.reset_index(drop=True)
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    placed = rows.reset_index(drop=True)
    placed = placed.assign(x=range(len(placed)), y=placed["referred"], thin=False)
    past, coming = placed.loc[~placed["coming"]], placed.loc[placed["coming"]]
    joined = pd.concat([past.tail(1), coming])
    drawn = [
        Line(past, "", "", theme.ACCENT),
        Line(joined, _("expected"), "", theme.ACCENT, dashed=True),
    ]
    ticks = growth_words.week_ticks(list(placed["week"]))
    return lines_chart.lines(drawn, ticks=ticks, height=HEIGHT, beside=True, axis=base.count_axis)


def _hover(row: tuple) -> str:
    said = [f"<b>{formats.day(row.week)}</b>"]
    if row.coming:
        said.append(
            _("{referred} expected ({low}–{high})").format(
                referred=formats.count(round(row.referred)),
                low=formats.count(round(row.low)),
                high=formats.count(round(row.high)),
            )
        )
    else:
        said.append(_("{referred} referred").format(referred=formats.count(round(row.referred))))
    return "<br>".join(said)


def _columns() -> dict[str, Column]:
    return {
        "week": Column(_("Week from"), Kind.DAY, pinned=True),
        "coming": Column(_("Expected"), Kind.YES),
        "referred": Column(_("Referred"), Kind.COUNT),
        "low": Column(_("Lower end"), Kind.COUNT),
        "high": Column(_("Upper end"), Kind.COUNT),
        "roots": Column(_("New roots"), Kind.COUNT),
    }
