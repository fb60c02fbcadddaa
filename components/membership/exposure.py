"""Who owes more than they can bear? The share of members watched over time, and by tier."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts import segments as segments_chart
from components.charts.lines import Line
from components.language import _
from components.membership import move_choices, move_words
from components.rates.rate_rows import judged
from components.rates.time.words import month_ticks, months_before
from components.tables import Column, Kind
from components.view import View
from rules import exposure
from rules.book import Book
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.policy import Exposure

HEIGHT = 290
_OVER_TIME, _BY_TIER = "exposure", "exposure-tiers"


def over_time(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card of the share over month ends. parts: `queries.exposure.by_month`."""
    metric, significance = METRICS["over_extended"], shown.policy.display.significance
    card = cards.begin(
        _OVER_TIME, title=_("Do more members owe more than they can bear?"), definition=_(metric.definition)
    )
    if parts.empty:
        with card.frame:
            states.nothing(_("No member who passes the filters owes anything at a month end."))
        return
    found = exposure.over_time(parts, significance=significance)
    card.answer(
        sentence(found, significance),
        height=HEIGHT,
        figure=lambda: cards.chart(_line(found), _OVER_TIME),
        table=lambda height: tables.show(
            found.iloc[::-1], {"month_end": Column(_("Month end"), Kind.DAY, pinned=True), **_counts()},
            key=f"{_OVER_TIME}-rows", height=height,
        ),
        caption=" · ".join([*policy_in_words(shown.policy.exposure), _("what is written off has left")]),
    )  # fmt: skip


def by_tier(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card of the tiers at one month end, which the link names. parts: `queries.exposure.by_month`."""
    display, metric, book = shown.policy.display, METRICS["over_extended"], shown.book
    card = cards.begin(_BY_TIER, title=_("On which tiers?"), definition=_(metric.definition))
    with card.controls:
        move_choices.draw_watched(book)
    month_end = move_choices.watched_on(book)
    found = exposure.by_tier(parts, month_end, significance=display.significance, thin_members=display.thin_borrowers)
    if found.empty:
        with card.frame:
            states.nothing(_("No member who passes the filters owes anything at the end of that month."))
        return
    found = _with_texts(found, book)
    everybody = int(found["watched"].sum()) / int(found["members"].sum())
    heads = {
        "book": _("All {rate}").format(rate=formats.percent(everybody)),
        "rate": _("Watched"),
        "count": _("Members"),
    }
    rows = found.rename(columns={"standing": "segment", "watched_rate": "rate"})
    card.answer(
        tier_sentence(found, month_end),
        height=HEIGHT,
        figure=lambda: cards.chart(
            segments_chart.segments(rows, book_rate=everybody, heads=heads, height=HEIGHT), _BY_TIER
        ),
        table=lambda height: tables.show(
            found, {"label": Column(_("Tier"), pinned=True), **_counts(), "verdict": Column(_("Stands out"))},
            key=f"{_BY_TIER}-rows", height=height,
        ),
        caption=" · ".join(
            [
                _("n = {count} members who owe").format(count=formats.count(int(found["members"].sum()))),
                _("tier at the month end, each against all others, Benjamini-Hochberg at {level}").format(
                    level=formats.percent(display.significance, 0)
                ),
            ]
        ),
    )  # fmt: skip


def policy_in_words(rule: Exposure) -> list[str]:
    """The two criteria of the policy."""
    return [
        _("watched = owes over {incomes} monthly incomes, debt declared elsewhere included").format(
            incomes=f"{rule.most_monthly_incomes:g}"
        ),
        _("or 30+ days past due within {days} days of a raised line").format(days=rule.raise_days),
    ]


def sentence(found: pd.DataFrame, significance: float) -> str:
    """The share at the newest month end against the twelve before."""
    now = found.iloc[-1]
    moved = exposure.change(found, now["month_end"].date(), significance)
    text = {
        Verdict.HIGHER: _(
            "**{watched}** of {members} members who owe are watched at the end of {month}, **{rate}** ({interval}): "
            "**{points} more** than in {earlier}; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{watched}** of {members} members who owe are watched at the end of {month}, **{rate}** ({interval}): "
            "**{points} less** than in {earlier}; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{watched}** of {members} members who owe are watched at the end of {month}, **{rate}** ({interval}); "
            "against {earlier} the difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _(
            "**{watched}** of {members} members who owe are watched at the end of {month}, **{rate}** ({interval}); "
            "there are no months before to hold it against."
        ),
    }[moved.verdict]
    return text.format(
        watched=formats.count(int(now["watched"])),
        members=formats.count(int(now["members"])),
        month=formats.month(now["month_end"].date()),
        rate=formats.percent(moved.rate),
        interval=formats.interval(now["low"], now["high"]),
        points=formats.points_size(moved.difference),
        earlier=months_before(moved.months),
    )


def tier_sentence(found: pd.DataFrame, month_end: date) -> str:
    """The tier that stands out most."""
    sure = found.loc[(found["stands_out"] == "above") & ~found["thin"]].sort_values("watched_rate")
    if sure.empty:
        return _("At the end of {month} no tier has more members watched than the others by more than noise.").format(
            month=formats.month(month_end)
        )
    row = sure.iloc[-1]
    return _(
        "**{tier}** has **{rate}** ({interval}) of its members who owe watched at the end of {month}, {watched} of "
        "them: more than the other tiers; the difference is not noise."
    ).format(
        tier=row["label"],
        rate=row["rate_text"],
        interval=formats.interval(row["low"], row["high"]),
        month=formats.month(month_end),
        watched=formats.count(int(row["watched"])),
    )


@base.drawn_once
def _line(found: pd.DataFrame) -> go.Figure:
    days = [day.date() for day in found["month_end"]]
    points = found.assign(
        x=range(len(found)), y=found["watched_rate"], thin=False, hover=[_hover(row) for row in found.itertuples()]
    )
    drawn = [Line(points, _("watched"), formats.percent(found["watched_rate"].iloc[-1]), theme.ACCENT, dots=True)]
    for column, name in (("over_rate", _("by income")), ("raised_rate", _("after a raise"))):
        part = points.assign(y=found[column], low=float("nan"), high=float("nan"), hover="")
        drawn.append(Line(part, name, formats.percent(found[column].iloc[-1]), theme.MUTED, strong=False))
    return lines_chart.lines(drawn, ticks=month_ticks(days), height=HEIGHT, beside=True)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{formats.month(row.month_end.date())}</b> {formats.percent(row.watched_rate)} "
            f"({formats.interval(row.low, row.high)})",
            _("{count} of {all} members").format(count=formats.count(row.watched), all=formats.count(row.members)),
            _("{over} over their incomes, {raised} after a raise").format(
                over=formats.count(row.over), raised=formats.count(row.raised)
            ),
        ]
    )


def _with_texts(found: pd.DataFrame, book: Book) -> pd.DataFrame:
    rows = found.assign(
        label=[move_words.state(standing, book) for standing in found["standing"]],
        rate_text=[formats.percent(rate) for rate in found["watched_rate"]],
        count_text=[formats.count(count) for count in found["members"]],
        verdict=[judged(status) for status in found["stands_out"]],
    )
    return rows.assign(
        hover=[
            "<br>".join(
                [
                    f"<b>{row.label}</b> {row.rate_text} ({formats.interval(row.low, row.high)})",
                    _("{over} over their incomes, {raised} after a raise").format(
                        over=formats.count(row.over), raised=formats.count(row.raised)
                    ),
                ]
            )
            for row in rows.itertuples()
        ]
    )


def _counts() -> dict[str, Column]:
    metric = METRICS["over_extended"]
    return {
        "watched_rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "watched": Column(_("Watched"), Kind.COUNT),
        "members": Column(_("Members who owe"), Kind.COUNT),
        "over": Column(_("Over their incomes"), Kind.COUNT),
        "judged": Column(_("Income known"), Kind.COUNT),
        "raised": Column(_("After a raise"), Kind.COUNT),
        "watched_fen": Column(_("Outstanding of the watched"), Kind.FEN),
    }
