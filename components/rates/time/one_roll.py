"""Is this roll getting worse? One cell of the matrix at every month end, against the twelve months before."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from components import cards, formats, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.rates.time import choices, words
from components.rates.time.choices import Roll
from components.tables import Column, Kind
from components.view import View
from rules import roll_rates
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.movement import Movement
from rules.roll_rates import MONTHS_BEFORE

HEIGHT = 250
_KEY = "one-roll"


def draw(shown: View, parts: pd.DataFrame, months: Sequence[date], now: date, opening: Roll) -> None:
    """Draw the card. now: the month end that is judged; opening: the roll that it opens with."""
    display, metric = shown.policy.display, METRICS["roll_rate"]
    card = cards.begin(_KEY, title=_("Is this roll getting worse?"), definition=_(metric.definition))
    with card.controls:
        before, after = choices.draw_roll(opening)
    found = roll_rates.over_time(
        parts, before, after, significance=display.significance, thin_loans=display.thin_borrowers
    )
    found = found.loc[found["month_end"].isin(pd.to_datetime(list(months)))].reset_index(drop=True)
    found = found.assign(day=words.days(found["month_end"]), hover=[_hover(row) for row in found.itertuples()])
    moved = roll_rates.change(parts, before, after, significance=display.significance, month_end=now)

    thin = bool(found.loc[found["day"] == now, "thin"].any())
    card.answer(
        sentence(moved, before, after, now, thin=thin),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found, moved, now), f"{_KEY}-{before}-{after}"),
        table=lambda height: tables.show(found.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found, shown)),
    )


def sentence(moved: Movement | None, before: str, after: str, now: date, *, thin: bool) -> str:
    """How the roll stands against the twelve months before; a change only where it is more than noise.

    thin: few loans were in the bucket before at that month end.
    """
    if moved is None or moved.rate != moved.rate:
        return _("No loan was {bucket} at the month end before {month}.").format(
            bucket=words.late(before), month=formats.month(now)
        )
    said = {
        "rate": formats.percent(moved.rate),
        "before": words.late(before),
        "after": words.are(after),
        "month": formats.month(now),
        "points": formats.points_size(moved.difference),
        "mean": formats.percent(moved.before_rate),
        "earlier": words.months_before(moved.months),
    }
    text = {
        Verdict.HIGHER: _(
            "**{rate}** of {before} {after} a month later, in {month}: **{points} more** than the {mean} of "
            "{earlier}; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{rate}** of {before} {after} a month later, in {month}: **{points} less** than the {mean} of "
            "{earlier}; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{rate}** of {before} {after} a month later, in {month}; against the {mean} of {earlier} "
            "the difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _(
            "**{rate}** of {before} {after} a month later, in {month}; there are no months before to hold it against."
        ),
    }[moved.verdict].format(**said)
    hint = _("Few loans: take it as a hint.")
    return words.sentences(text, hint if thin else "")


@base.drawn_once
def _figure(found: pd.DataFrame, moved: Movement | None, now: date) -> object:
    days = list(found["day"])
    points = found.assign(x=range(len(found)), y=found["rate"])
    drawn = [Line(points, _last(points), "", theme.ACCENT, dots=True)]
    place = days.index(now)
    if moved is not None and moved.months and moved.before_rate == moved.before_rate:
        mean = pd.DataFrame({"x": [max(0, place - MONTHS_BEFORE), place], "y": moved.before_rate})
        mean = mean.assign(low=float("nan"), high=float("nan"), thin=False, hover="")
        drawn.append(Line(mean, _("before"), formats.percent(moved.before_rate), theme.MUTED, strong=False))
    chosen = place if place < len(days) - 1 else None
    return lines_chart.lines(drawn, ticks=words.month_ticks(days), height=HEIGHT, beside=True, chosen=chosen)


def _last(points: pd.DataFrame) -> str:
    known = points["y"].dropna()
    return formats.percent(known.iloc[-1]) if len(known) else ""


def _hover(row: tuple) -> str:
    if not row.of_loans:
        return ""
    return "<br>".join(
        [
            f"<b>{formats.month(row.month_end)}</b>",
            f"{formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
            _("{count} of {all} loans").format(count=formats.count(row.loans), all=formats.count(row.of_loans)),
        ]
    )


def _caption(found: pd.DataFrame, shown: View) -> list[str]:
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [
        _("n = {count} loan months").format(count=formats.count(int(found["of_loans"].sum()))),
        _("band = Wilson {level} of each month").format(level=level),
    ]
    if (found["thin"] & (found["of_loans"] > 0)).any():
        said.append(_("pale = few loans"))
    return [*said, _("click a cell of the matrix to see it here"), *words.evidence(shown.book, months=True)]


def _columns() -> dict[str, Column]:
    metric = METRICS["roll_rate"]
    return {
        "day": Column(_("Month end"), Kind.DAY, pinned=True),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "loans": Column(_("Loans"), Kind.COUNT),
        "of_loans": Column(_("Of loans"), Kind.COUNT),
    }
