"""How long do members stay on a tier? The share still there by months since they came, and median and mean."""

import math

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables
from components.charts import lines as lines_chart
from components.charts.lines import Line, Ticks
from components.language import _
from components.membership import move_words
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import tier_time
from rules.book import Book
from rules.metrics import METRICS
from rules.tier_time import STEP_DAYS

HEIGHT = 360
_KEY = "tier-time"
_TICKS = 10


def draw(shown: View, stays: pd.DataFrame) -> None:
    """Draw the card. stays: `queries.migration.stays`."""
    display, metric, book = shown.policy.display, METRICS["time_on_tier"], shown.book
    judge = {"thin_stays": display.thin_borrowers, "confidence": 1 - display.significance}
    card = cards.begin(_KEY, title=_("How long do members stay on a tier?"), definition=_(metric.definition))
    if stays.empty:
        with card.frame:
            states.nothing(_("No member who passes the filters has been on a tier. Choose fewer filters."))
        return
    found, curves = tier_time.summary(stays, **judge), tier_time.curves(stays, **judge)

    def figure() -> None:
        if found["thin"].all():
            states.immature(_("Too few stays have been seen for a curve; the table has what there is."))
        else:
            cards.chart(_figure(curves, found, book), _KEY)

    card.answer(
        sentence(found, book),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(_listed(found, book), _columns(found), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found, shown)),
    )


def sentence(found: pd.DataFrame, book: Book) -> str:
    """The tier that members leave last and the one they leave first, of those above the lowest with enough stays."""
    firm = found.loc[~found["thin"]]
    if firm.empty:
        return _("Too few members have been on any tier to say how long they stay.")
    ordered = firm.sort_values("mean_days")
    longest, shortest = ordered.iloc[-1], ordered.iloc[0]
    horizon = formats.count(int(firm["horizon_days"].iloc[0]))
    told = _("Of their first {horizon} days, members spend **{mean}** ({interval}) on **{tier}**; {median}.").format(
        horizon=horizon,
        mean=_days(longest["mean_days"]),
        interval=_span(longest["mean_low"], longest["mean_high"]),
        tier=move_words.state(longest["tier"], book),
        median=_median(longest),
    )
    if len(firm) == 1:
        return told
    other = _("Shortest is {tier} with {mean} ({interval}); {median}.").format(
        tier=move_words.state(shortest["tier"], book),
        mean=_days(shortest["mean_days"]),
        interval=_span(shortest["mean_low"], shortest["mean_high"]),
        median=_median(shortest),
    )
    return sentences(told, other)


def _median(row: pd.Series) -> str:
    if math.isnan(row["median_days"]):
        return _("more than half have not left it yet")
    return _("half have left it by day {days}").format(days=formats.count(int(row["median_days"])))


def _days(days: float) -> str:
    return _("{days} days").format(days=formats.count(round(days)))


def _span(low: float, high: float) -> str:
    return f"{formats.count(round(low))}–{formats.count(round(high))}"


def _figure(curves: pd.DataFrame, found: pd.DataFrame, book: Book) -> go.Figure:
    drawn = []
    for row in found.loc[~found["thin"]].itertuples():
        points = curves.loc[curves["tier"] == row.tier]
        points = points.assign(
            x=points["days"] / STEP_DAYS, y=points["staying"], thin=False,
            hover=[_hover(point, book) for point in points.itertuples()],
        )  # fmt: skip
        drawn.append(
            Line(points, move_words.state(row.tier, book), formats.percent(points["y"].iloc[-1], 0),
                 move_words.colour(row.tier))
        )  # fmt: skip
    last = max(float(line.points["x"].iloc[-1]) for line in drawn)
    every = next(step for step in (1, 2, 3, 6, 12, 24, int(last) + 1) if last / step <= _TICKS)
    places = list(range(0, int(last) + 1, every))
    ticks = Ticks(places, [str(place) for place in places], _("months of 30 days on the tier"), max(1.0, last))
    return lines_chart.lines(drawn, ticks=ticks, height=HEIGHT, beside=False)


def _hover(point: tuple, book: Book) -> str:
    return "<br>".join(
        [
            f"<b>{move_words.state(point.tier, book)}</b>",
            _("{rate} ({interval}) still there after {days} days").format(
                rate=formats.percent(point.staying), interval=formats.interval(point.low, point.high), days=point.days
            ),
            _("{count} stays followed so far").format(count=formats.count(point.at_risk)),
        ]
    )


def _caption(found: pd.DataFrame, shown: View) -> list[str]:
    going = int((found["stays"] - found["ended"]).sum())
    said = [
        _("n = {count} stays, {going} of them go on and count as far as they were seen").format(
            count=formats.count(int(found["stays"].sum())), going=formats.count(going)
        ),
        _("Kaplan-Meier, band {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
    ]
    if found["thin"].any():
        said.append(_("tiers with few stays are in the table alone"))
    return said


def _listed(found: pd.DataFrame, book: Book) -> pd.DataFrame:
    return found.assign(label=[move_words.state(tier, book) for tier in found["tier"]])


def _columns(found: pd.DataFrame) -> dict[str, Column]:
    metric, horizon = METRICS["time_on_tier"], formats.count(int(found["horizon_days"].iloc[0]))
    return {
        "label": Column(_("Tier"), pinned=True),
        "median_days": Column(_("Median days"), Kind.COUNT, help=_(metric.definition)),
        "median_low": Column(_("Lower end"), Kind.COUNT),
        "median_high": Column(_("Upper end"), Kind.COUNT),
        "mean_days": Column(_("Mean of the first {days} days").format(days=horizon), Kind.COUNT),
        "mean_low": Column(_("Mean from"), Kind.COUNT),
        "mean_high": Column(_("Mean to"), Kind.COUNT),
        "stays": Column(_("Stays"), Kind.COUNT),
        "ended": Column(_("Ended"), Kind.COUNT),
    }
