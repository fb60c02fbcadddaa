"""How do late loans come back? The share cured by days since they came into each bucket of lateness."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line, Ticks
from components.collections import words
from components.compliance import words as period_words
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules import collections
from rules.collections import LATE_BUCKETS
from rules.filters import DateRange
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "overdue-cures"
_READ_AT = 30  # days at which the sentence reads the curves
_EVERY = (5, 10, 15, 30, 60)
_TICKS = 7


def draw(shown: View, cells: pd.DataFrame, period: DateRange) -> None:
    """Draw the card. cells: `queries.collections.overdue`."""
    display, metric = shown.policy.display, METRICS["overdue_cure"]
    card = cards.begin(
        _KEY, title=_("How do late loans come back?"), definition=_(metric.definition), tabular=not cells.empty
    )
    if cells.empty:
        with card.frame:
            missing = sorted(shown.book.missing_tables & {"loan", "instalment"})
            if missing:
                states.empty(missing)
            else:
                states.nothing(_("No loan came to be late in this period."))
        return
    found = collections.cures(cells, thin_loans=display.thin_borrowers, confidence=1 - display.significance)
    found = found.assign(label=[words.bucket(code) for code in found["bucket"]])
    found = found.assign(hover=[_hover(row) for row in found.itertuples()])

    def figure() -> None:
        if found["drawn"].any():
            cards.chart(_figure(found), _KEY)
        else:
            states.immature(_few(shown))

    card.answer(
        sentence(found, shown),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(found.loc[found["drawn"]], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(cells, shown, period)),
    )


def sentence(found: pd.DataFrame, shown: View) -> str:
    """What share of each bucket was cured within a month of its entry."""
    said = []
    for code in LATE_BUCKETS:
        rows = found.loc[(found["bucket"] == code) & found["drawn"] & (found["days"] <= _READ_AT)]
        if len(rows) and rows["days"].iloc[-1] == _READ_AT:
            row = rows.iloc[-1]
            said.append(
                _("**{share}** ({interval}) at {days} days late").format(
                    share=formats.percent(row["incidence"]),
                    interval=formats.interval(row["low"], row["high"]),
                    days=words.bucket(code),
                )
            )
    if not said:
        return _few(shown)
    return _("Cured within {days} days of coming into a bucket: {shares}.").format(
        days=_READ_AT, shares=_(", ").join(said)
    )


def _few(shown: View) -> str:
    return _("Fewer than {count} borrowers can be followed for {days} days: take a longer period.").format(
        count=formats.count(shown.policy.display.thin_borrowers), days=_READ_AT
    )


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    drawn = found.loc[found["drawn"]].rename(columns={"days": "x", "incidence": "y"}).assign(thin=False)
    made = []
    for code in LATE_BUCKETS:
        points = drawn.loc[drawn["bucket"] == code]
        if len(points):
            name, value = words.bucket(code), formats.percent(points["y"].iloc[-1], 0)
            made.append(Line(points, name, value, theme.BUCKETS[code], ink=theme.TEXT))
    last = int(drawn["x"].max())
    every = next((step for step in _EVERY if last // step <= _TICKS), last)
    places = list(range(0, last + 1, max(1, every)))
    ticks = Ticks(places, [str(place) for place in places], _("days since it came into the bucket"), max(1, last))
    return lines_chart.lines(made, ticks=ticks, height=HEIGHT, beside=True)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            _("<b>{bucket} days late</b>, cured within {days} days").format(bucket=row.label, days=row.days),
            f"{formats.percent(row.incidence)} ({formats.interval(row.low, row.high)})",
            _("{count} of {all} loans at risk").format(count=formats.count(row.at_risk), all=formats.count(row.loans)),
        ]
    )


def _caption(cells: pd.DataFrame, shown: View, period: DateRange) -> list[str]:
    moved = int(cells.loc[cells["exit"] == collections.MOVED, "loans"].sum())
    said = [
        _("n = {count} entries into a bucket, each borrower's first").format(
            count=formats.count(int(cells["loans"].sum()))
        ),
        period_words.period(period, shown.book.as_of),
        _("band = {level}; still late = censored").format(
            level=formats.percent(1 - shown.policy.display.significance, 0)
        ),
    ]
    if moved:
        said.append(_("{count} with a moved due date, which cures nothing").format(count=formats.count(moved)))
    return said


def _columns() -> dict[str, Column]:
    metric = METRICS["overdue_cure"]
    return {
        "label": Column(_("Days late"), pinned=True),
        "days": Column(_("Days since"), Kind.COUNT),
        "incidence": Column(_("Cured"), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "at_risk": Column(_("Loans at risk"), Kind.COUNT),
        "left": Column(_("Cured, count"), Kind.COUNT),
        "censored": Column(_("Last seen late"), Kind.COUNT),
    }
