"""Who borrows again, and how soon? Cohorts by the month of the first loan, down to so many days after it."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables
from components.charts import base
from components.charts import cells as cells_chart
from components.charts.cells import Strip
from components.language import _
from components.membership import move_choices
from components.rates.time.words import months_before
from components.tables import Column, Kind
from components.view import View
from rules import retention
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.retention import HORIZONS

HEIGHT = 330
_KEY = "again"
_OPENING = 90  # days
_ROWS = 12  # cohorts that the height holds


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.retention.by_cohort`."""
    display, metric = shown.policy.display, METRICS["repeat_rate"]
    card = cards.begin(_KEY, title=_("Who borrows again, and how soon?"), definition=_(metric.definition))
    if parts.empty:
        with card.frame:
            states.nothing(_("No member who passes the filters has borrowed yet."))
        return
    with card.controls:
        days = move_choices.draw_again(_OPENING)
    found = retention.cohorts(
        parts, shown.book.as_of, significance=display.significance, thin_borrowers=display.thin_borrowers
    )
    card.answer(
        sentence(found, days, display.significance),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), _KEY),
        table=lambda height: tables.show(
            found.loc[found["observed"] > 0].iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height
        ),
        caption=" · ".join(
            [
                _("n = {count} borrowers").format(count=formats.count(int(parts["borrowers"].sum()))),
                _("row = month of the first loan, column = within so many days, number = borrowed again, %"),
                _("hatched = still maturing or few borrowers"),
            ]
        ),
    )


def sentence(found: pd.DataFrame, days: int, significance: float) -> str:
    """The newest cohort that has been observed for so long, against those of the twelve months before."""
    newest = retention.newest(found, days, significance)
    if newest is None:
        return _("No cohort has been observed for {days} days yet.").format(days=days)
    month, moved = newest
    row = found.loc[(found["month"] == pd.Timestamp(month)) & (found["days"] == days)].iloc[0]
    text = {
        Verdict.HIGHER: _(
            "**{rate}** ({interval}) of those who first borrowed in {month} did so again within {days} days: "
            "**{points} more** than in {earlier} ({before}); the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{rate}** ({interval}) of those who first borrowed in {month} did so again within {days} days: "
            "**{points} less** than in {earlier} ({before}); the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{rate}** ({interval}) of those who first borrowed in {month} did so again within {days} days; against "
            "{earlier} ({before}) the difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _(
            "**{rate}** ({interval}) of those who first borrowed in {month} did so again within {days} days; there are "
            "no months before to hold it against."
        ),
    }[moved.verdict]
    return text.format(
        rate=formats.percent(moved.rate),
        interval=formats.interval(row["low"], row["high"]),
        month=formats.month(month),
        days=days,
        points=formats.points_size(moved.difference),
        earlier=months_before(moved.months),
        before=formats.percent(moved.before_rate) if moved.months else "",
    )


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    cohorts = sorted(found["month"].unique())[-_ROWS:]
    shown = found.loc[found["month"].isin(cohorts)]
    shown = shown.assign(row=shown["month"].map(cohorts.index), column=shown["days"].map(HORIZONS.index))
    drawn = shown.loc[shown["mature"] & ~shown["thin"]]
    drawn = drawn.assign(
        value=drawn["rate"],
        outlined=False,
        ringed=False,
        text=[formats.percent_number(value) for value in drawn["rate"]],
        hover=[_hover(row) for row in drawn.itertuples()],
    )
    strips = [
        Strip(row.row, row.column, 1, f"n {formats.count(row.observed)}" if row.mature else "")
        for row in shown.loc[~shown["mature"] | shown["thin"]].itertuples()
    ]
    return cells_chart.cells(
        drawn,
        rows=[formats.month(month.date()) for month in cohorts],
        columns=[_("{days} days").format(days=days) for days in HORIZONS],
        height=HEIGHT,
        bounds=cells_chart.even_bounds(float(drawn["rate"].max()) if len(drawn) else 1.0),
        given=("days",),
        strips=_joined(strips),
    )


def _joined(strips: list[Strip]) -> list[Strip]:
    """Neighbours in a row that are still maturing as one strip, the widest with the words for it."""
    found: list[Strip] = []
    for strip in strips:
        last = found[-1] if found else None
        if last is not None and last.row == strip.row and not last.text and not strip.text:
            found[-1] = Strip(last.row, last.first, last.cells + 1)
        else:
            found.append(strip)
    young = [strip for strip in found if not strip.text]
    widest, words = max(young, key=lambda strip: (strip.cells, strip.row), default=None), _("still maturing")
    return [
        Strip(strip.row, strip.first, strip.cells, words) if strip is widest and strip.cells > 1 else strip
        for strip in found
    ]


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            _("<b>{month}</b> within {days} days").format(month=formats.month(row.month.date()), days=row.days),
            f"{formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
            _("{count} of {all} borrowers").format(count=formats.count(row.again), all=formats.count(row.observed)),
        ]
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["repeat_rate"]
    return {
        "month": Column(_("First borrowed in"), Kind.DAY, pinned=True),
        "days": Column(_("Within days"), Kind.COUNT),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "observed": Column(_("Observed so long"), Kind.COUNT),
        "again": Column(_("Of them again"), Kind.COUNT),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "mature": Column(_("All observed so long"), Kind.YES),
    }
