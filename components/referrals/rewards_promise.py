"""Are rewards paid when they are due? The share that was not, by month of accrual."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _, ngettext
from components.rates.time import words
from components.referrals import reward_words
from components.tables import Column, Kind
from components.view import View
from rules import rewards
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.movement import Movement

HEIGHT = 250
_KEY = "reward-promise"
_MONTHS = 36  # drawn


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.rewards.promises`."""
    display, metric = shown.policy.display, METRICS["reward_promise"]
    days = shown.policy.rewards.paid_within_days
    title = _("Are rewards paid by T+{days}?").format(days=days)
    card = cards.begin(_KEY, title=title, definition=_(metric.definition))
    if parts.empty:
        with card.frame:
            states.nothing(_("No reward is due yet."))
        return
    found = rewards.promises(parts, significance=display.significance, thin_rewards=display.thin_borrowers)
    found = found.assign(
        day=[date.fromisoformat(f"{month}-01") for month in found["month"]],
        hover=[_hover(row) for row in found.itertuples()],
    )
    drawn = found.iloc[-_MONTHS:].reset_index(drop=True)
    changed = rewards.change(found, display.significance)
    card.answer(
        sentence(changed),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn), _KEY),
        table=lambda height: tables.show(found.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} rewards due").format(count=formats.count(int(drawn["due"].sum()))),
                _("band = Wilson {level} of each month").format(level=formats.percent(1 - display.significance, 0)),
                _calendar(days),
                reward_words.all_times(),
            ]
        ),
    )


def sentence(changed: tuple[str, Movement] | None) -> str:
    """The newest month against the twelve before; a change only where it is more than noise."""
    if changed is None:
        return _("No reward is due yet.")
    month, moved = changed
    said = {
        "month": words.cohort(month),
        "rate": formats.percent(moved.rate),
        "points": formats.points_size(moved.difference),
        "mean": formats.percent(moved.before_rate),
        "earlier": words.months_before(moved.months),
    }
    return {
        Verdict.HIGHER: _(
            "**{rate}** of the rewards of {month} were not paid in time, **{points} more** than the {mean} of "
            "{earlier}; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{rate}** of the rewards of {month} were not paid in time, **{points} less** than the {mean} of "
            "{earlier}; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{rate}** of the rewards of {month} were not paid in time; against the {mean} of {earlier} the "
            "difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _(
            "**{rate}** of the rewards of {month} were not paid in time; there are no months before to hold it against."
        ),
    }[moved.verdict].format(**said)


def _calendar(days: int) -> str:
    return ngettext("{count} calendar day in Shanghai", "{count} calendar days in Shanghai", days).format(count=days)


@base.drawn_once
def _figure(drawn: pd.DataFrame) -> go.Figure:
    points = drawn.assign(x=range(len(drawn)), y=drawn["rate"])
    line = Line(points, formats.percent(points["y"].iloc[-1]), "", theme.ACCENT, dots=True)
    return lines_chart.lines([line], ticks=words.month_ticks(list(drawn["day"])), height=HEIGHT, beside=True)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{words.cohort(row.month)}</b> {formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
            _("{late} late and {unpaid} not paid of {due} rewards").format(
                due=formats.count(row.due),
                late=formats.count(row.late),
                unpaid=formats.count(row.unpaid),
            ),
        ]
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["reward_promise"]
    return {
        "month": Column(_("Accrued in"), pinned=True),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "due": Column(_("Due"), Kind.COUNT),
        "kept": Column(_("In time"), Kind.COUNT),
        "late": Column(_("Late"), Kind.COUNT),
        "unpaid": Column(_("Not paid"), Kind.COUNT),
    }
