"""Do we keep our deadlines? What was decided a day or a week, and how much of it late."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, tables, theme
from components.charts import base
from components.charts import stacked as stacked_chart
from components.charts.lines import Ticks
from components.language import _, ngettext
from components.review import quality_choices, quality_words
from components.review.quality import Quality
from components.review.quality_choices import Chosen
from components.tables import Column, Kind
from components.view import View
from rules import review_quality
from rules.metrics import METRICS
from rules.review_quality import By, Kept

HEIGHT = 250
_KEY = "quality-deadlines"
_LATE, _IN_TIME, _UNKNOWN = "late", "in_time", "unknown"
_MOST_TICKS = 14


def draw(shown: View, quality: Quality) -> None:
    """Draw the card."""
    chosen, confidence = quality.chosen, 1 - shown.policy.display.significance
    metric = METRICS["decided_late"]
    card = cards.begin(_KEY, title=_("Do we keep our deadlines?"), definition=_(metric.definition))
    with card.actions:
        downloads.buttons(
            _KEY, "review-decisions", shown, partial(_facts, quality), columns(quality.chosen), quality.stream
        )
    if not quality.rows["settled"].any():
        quality_words.nothing(card, _("Nothing was decided in this time."))
        return
    parts = review_quality.throughput(quality.rows, chosen.first, chosen.last, chosen.by)
    kept = review_quality.deadlines_kept(quality.rows, chosen.last, chosen.days, confidence)
    card.answer(
        sentence(parts, kept, quality, shown.policy.display.significance),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(parts, chosen.by), _KEY),
        table=lambda height: tables.show(parts.iloc[::-1], _columns(chosen.by), key=f"{_KEY}-rows", height=height),
        caption=_caption(parts, quality, confidence),
    )


def sentence(parts: pd.DataFrame, kept: Kept, quality: Quality, significance: float) -> str:
    """How much was decided and how much of it late, and whether the newest days differ."""
    decided = int(parts["decided"].sum())
    text = ngettext("**{decided}** decided in {period}", "**{decided}** decided in {period}", decided)
    said = {"decided": formats.count(decided), "period": quality_choices.period(quality.chosen)}
    if not kept.decided:
        return text.format(**said) + _("; deadlines are not on record.")
    told = not pd.isna(kept.p_value)
    text += _(", **{late} late** ({rate}, {interval})") if told else _(", **{late} late** ({rate}, {interval}).")
    said |= {
        "late": formats.count(kept.late),
        "rate": formats.percent(kept.rate),
        "interval": formats.interval(kept.low, kept.high),
    }
    return (text + _newest(kept, significance)).format(
        **said,
        days=kept.newest_days,
        newest=formats.count(kept.newest_late),
        of=formats.count(kept.newest_decided),
    )


def _newest(kept: Kept, significance: float) -> str:
    if pd.isna(kept.p_value):
        return ""
    if kept.p_value > significance:
        return _("; the last {days} days are within noise.")
    before = kept.decided - kept.newest_decided
    worse = kept.newest_late * before > (kept.late - kept.newest_late) * kept.newest_decided
    return (
        _("; in the last {days} days oftener than before, {newest} of {of}, and not noise.")
        if worse
        else _("; in the last {days} days less often than before, {newest} of {of}, and not noise.")
    )


@base.drawn_once
def _figure(parts: pd.DataFrame, by: By) -> go.Figure:
    parts = parts.assign(
        x=range(len(parts)), hover=[_hover(row, by) for row in parts.itertuples()],
        in_time=parts["decided"] - parts["late"] - parts["unknown"],
    )  # fmt: skip
    names = {_IN_TIME: (_("in time"), theme.ACCENT), _LATE: (_("late"), theme.BAD)}
    if parts["unknown"].any():
        names[_UNKNOWN] = (_("no deadline known"), theme.UNCERTAIN)
    drawn = parts.melt(["x", "hover", "running"], list(names), var_name="part", value_name="share")
    return stacked_chart.stacked(drawn, names=names, ticks=_ticks(parts, by), height=HEIGHT, counted=True)


def _ticks(parts: pd.DataFrame, by: By) -> Ticks:
    every = -(-len(parts) // _MOST_TICKS) * (1 if by is By.DAY or len(parts) < _MOST_TICKS else 2)
    places = list(range(len(parts) - 1, -1, -every))[::-1]
    texts = [_tick(parts["start"].iloc[place], place == places[0], by) for place in places]
    return Ticks(places, texts, "", len(parts) - 1)


def _tick(start: pd.Timestamp, is_first: bool, by: By) -> str:
    """The day of the month; its month below where one begins."""
    text = str(start.day)
    begins = is_first or (start.day <= (1 if by is By.DAY else 7))
    return f"{text}<br>{formats.month_alone(start.date())}" if begins else text


def _hover(row: tuple, by: By) -> str:
    start = formats.day(row.start.date())
    period = start if by is By.DAY else _("week from {day}").format(day=start)
    return "<br>".join(
        [
            f"<b>{period}</b>",
            _("{decided} decided, {late} late").format(
                decided=formats.count(row.decided), late=formats.count(row.late)
            ),
        ]
    )


def _columns(by: By) -> dict[str, Column]:
    metric = METRICS["decisions_made"]
    return {
        "start": Column(_("Day") if by is By.DAY else _("Week from"), Kind.DAY, pinned=True),
        "decided": Column(_(metric.name), Kind.COUNT, help=_(metric.definition)),
        "late": Column(_("Late"), Kind.COUNT),
        "unknown": Column(_("No deadline known"), Kind.COUNT),
    }


def _caption(parts: pd.DataFrame, quality: Quality, confidence: float) -> str:
    chosen = quality.chosen
    said = [
        _("Decisions a day, {days}") if chosen.by is By.DAY else _("Decisions a week, {days}"),
        _("Wilson {level}").format(level=formats.percent(confidence, 0)),
    ]
    if not chosen.ours:
        said.append(_("late = over the working hours that the policy sets now; pauses are not on record"))
    if parts["running"].iloc[-1]:
        said.append(_("hatched = the day is not over") if chosen.by is By.DAY else _("hatched = the week is not over"))
    days = f"{formats.day_alone(chosen.first)}–{formats.day(chosen.last)}"
    return " · ".join(said).format(days=days)


def columns(chosen: Chosen) -> list[str]:
    """What the files hold of each decision; who took it, for who may know that."""
    told = ["external_number", "product", "amount_cny", "stage", "outcome", "override", "reasons", "began_at",
            "due_at", "decided_at", "worked_hours", "late"]  # fmt: skip
    return [*told[:1], "officer", *told[1:]] if chosen.ours else ["application_id", *told[1:]]


def _facts(quality: Quality) -> export.Header:
    chosen = quality.chosen
    metric = METRICS["decided_late"]
    return [
        (_("Rows"), _("decisions from {first} to {last}").format(first=chosen.first, last=chosen.last)),
        (_("Definition"), _(metric.definition)),
        (_("Source"), metric.source),
    ]
