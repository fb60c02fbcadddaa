"""Is the book getting later? The late balance against the book of now and against the book that it came from."""

import math
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.rates.time import choices, words
from components.tables import Column, Kind
from components.view import View
from rules import delinquency
from rules.delinquency import Late, Standing
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "lateness"
_SAME = 0.0005  # a difference that rounds to no tenth of a point


def draw(shown: View, parts: pd.DataFrame, first: date) -> None:
    """Draw the card. first: the first month end that is shown; those before it are only lagged on."""
    metric = METRICS["lagged_late_ratio"]
    card = cards.begin(_KEY, title=_("Is the book getting later?"), definition=_(metric.definition))
    with card.controls:
        late = choices.draw_late()
    found = delinquency.ratios(parts, late)
    standing = delinquency.standing(found)
    kept = found.loc[found["month_end"] >= pd.Timestamp(first)].reset_index(drop=True)
    kept = kept.assign(day=words.days(kept["month_end"]), hover=[_hover(row) for row in kept.itertuples()])
    card.answer(
        sentence(standing, late),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(kept), f"{_KEY}-{late}"),
        table=lambda height: tables.show(kept.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(kept, late, shown)),
    )


def sentence(standing: Standing | None, late: Late) -> str:
    """Both ratios, what growth hides of them, and how they stood a year before; no claim that a change is no noise."""
    if standing is None or math.isnan(standing.current_ratio):
        return _("Nothing is out, so nothing can be late.")
    said = {
        "current": formats.percent(standing.current_ratio),
        "days": late.value,
        "month": formats.month(standing.month_end),
        "lagged": _ratio(standing.lagged_ratio),
        "hidden": formats.points_size(standing.growth_hides) if not math.isnan(standing.growth_hides) else "",
        "lag": late.lag_months,
        "before": _ratio(standing.year_before_current_ratio),
        "lagged_before": _ratio(standing.year_before_lagged_ratio),
    }
    if math.isnan(standing.lagged_ratio):
        return _(
            "**{current}** of the balance is {days}+ days late at the end of {month}; the month end {lag} months "
            "before, to hold it against, is not in the book."
        ).format(**said)
    if abs(standing.growth_hides) < _SAME:
        text = _(
            "**{current}** of the balance is {days}+ days late at the end of {month}, and as much of the book it came "
            "from: growth hides nothing."
        )
    elif standing.growth_hides > 0:
        text = _(
            "**{current}** of the balance is {days}+ days late at the end of {month}, but **{lagged}** of the book it "
            "came from: growth hides **{hidden}**."
        )
    else:
        text = _(
            "**{current}** of the balance is {days}+ days late at the end of {month}, but **{lagged}** of the book it "
            "came from: a shrinking book adds **{hidden}**."
        )
    if math.isnan(standing.year_before_current_ratio) or math.isnan(standing.year_before_lagged_ratio):
        return text.format(**said)
    before = _("A year before it was {before} and {lagged_before}.")
    return words.sentences(text, before).format(**said)


def _ratio(ratio: float) -> str:
    return "–" if math.isnan(ratio) else formats.percent(ratio)


@base.drawn_once
def _figure(kept: pd.DataFrame) -> go.Figure:
    drawn = []
    for column, name, colour in (
        ("current_ratio", _("now"), theme.UNCERTAIN),
        ("lagged_ratio", _("then"), theme.ACCENT),
    ):
        points = kept.assign(x=range(len(kept)), y=kept[column], low=float("nan"), high=float("nan"), thin=False)
        known = points["y"].dropna()
        drawn.append(Line(points, formats.percent(known.iloc[-1]) if len(known) else "", name, colour))
    return lines_chart.lines(drawn, ticks=words.month_ticks(list(kept["day"])), height=HEIGHT, beside=True)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{formats.month(row.month_end)}</b>",
            _("{rate} of the book now, {money}").format(
                rate=_ratio(row.current_ratio), money=formats.money(row.outstanding_fen)
            ),
            _("{rate} of the book then").format(rate=_ratio(row.lagged_ratio)),
            _("{count} late loans, {money}").format(
                count=formats.count(row.late_loans), money=formats.money(row.late_fen)
            ),
        ]
    )


def _caption(kept: pd.DataFrame, late: Late, shown: View) -> list[str]:
    newest = kept.iloc[-1]
    return [
        _("n = {count} loans out").format(count=formats.count(int(newest["loans"]))),
        _("then = {lag} month ends before, when what is just {days} days late was current").format(
            lag=late.lag_months, days=late.value
        ),
        _("written off and gone in {month}: {money}").format(
            month=formats.month(newest["day"]), money=formats.money(int(newest["written_off_fen"]))
        ),
        _("balances have no interval"),
        *words.evidence(shown.book, months=True),
    ]


def _columns() -> dict[str, Column]:
    now, then = METRICS["current_late_ratio"], METRICS["lagged_late_ratio"]
    return {
        "day": Column(_("Month end"), Kind.DAY, pinned=True),
        "current_ratio": Column(_(now.name), Kind.RATIO, help=_(now.definition)),
        "lagged_ratio": Column(_(then.name), Kind.RATIO, help=_(then.definition)),
        "late_fen": Column(_("Late"), Kind.FEN),
        "outstanding_fen": Column(_("Outstanding"), Kind.FEN),
        "lagged_outstanding_fen": Column(_("Outstanding then"), Kind.FEN),
        "late_loans": Column(_("Late loans"), Kind.COUNT),
        "loans": Column(_("Loans"), Kind.COUNT),
        "written_off_fen": Column(_("Written off"), Kind.FEN),
    }
