"""Do first payments come? Who misses the first instalment of their first loan, by month of disbursement."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import first_payment
from rules.book import Evidence
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.movement import Movement

HEIGHT = 250
_KEY = "first-payments"
_MONTHS = 36  # drawn


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.first_payment.by_month`."""
    display, metric = shown.policy.display, METRICS["first_payment_default"]
    card = cards.begin(_KEY, title=_("Do first payments come?"), definition=_(metric.definition))
    if parts.empty:
        with card.frame:
            if Evidence.INSTALMENTS in shown.book.evidence:
                states.nothing(_("No first loan of a borrower passes the filters."))
            else:
                states.empty(["instalment", "repayment"])
        return
    found = first_payment.rates(parts, significance=display.significance, thin_borrowers=display.thin_borrowers)
    found = found.assign(
        day=[date.fromisoformat(f"{month}-01") for month in found["month"]],
        hover=[_hover(row) for row in found.itertuples()],
    )
    drawn = found.iloc[-_MONTHS:].reset_index(drop=True)
    card.answer(
        sentence(first_payment.change(found, display.significance)),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn), _KEY),
        table=lambda height: tables.show(found.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(drawn, shown)),
    )


def sentence(changed: tuple[str, Movement] | None) -> str:
    """The newest month of which all is known against the twelve before; a change only where it is more than noise."""
    if changed is None:
        return _("Still maturing: no month's first payments have all been due for more than 30 days.")
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
            "**{rate}** of those who first borrowed in {month} missed their first payment, **{points} more** than the "
            "{mean} of {earlier}; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{rate}** of those who first borrowed in {month} missed their first payment, **{points} less** than the "
            "{mean} of {earlier}; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{rate}** of those who first borrowed in {month} missed their first payment; against the {mean} of "
            "{earlier} the difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _(
            "**{rate}** of those who first borrowed in {month} missed their first payment; there are no months before "
            "to hold it against."
        ),
    }[moved.verdict].format(**said)


@base.drawn_once
def _figure(drawn: pd.DataFrame) -> go.Figure:
    known = drawn.assign(x=range(len(drawn)), y=drawn["rate"].mask(drawn["maturing"]))
    rates = known["y"].dropna()
    line = Line(known, formats.percent(rates.iloc[-1]) if len(rates) else "", "", theme.ACCENT, dots=True)
    young = known.loc[known["maturing"], "x"]
    return lines_chart.lines(
        [line],
        ticks=words.month_ticks(list(drawn["day"])),
        height=HEIGHT,
        beside=True,
        maturing=(float(young.min()) - 0.5, _("still maturing")) if len(young) else None,
    )


def _hover(row: tuple) -> str:
    if not row.borrowers:
        return ""
    return "<br>".join(
        [
            f"<b>{words.cohort(row.month)}</b> {formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
            _("{missed} of {borrowers} borrowers").format(
                missed=formats.count(row.missed), borrowers=formats.count(row.borrowers)
            ),
        ]
    )


def _caption(drawn: pd.DataFrame, shown: View) -> list[str]:
    known = drawn.loc[~drawn["maturing"]]
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [
        _("n = {count} borrowers").format(count=formats.count(int(known["borrowers"].sum()))),
        _("band = Wilson {level} of each month").format(level=level),
        _("missed = more than 30 days late"),
    ]
    if known["thin"].any():
        said.append(_("pale = few borrowers"))
    return [*said, *words.evidence(shown.book)[:1]]


def _columns() -> dict[str, Column]:
    metric = METRICS["first_payment_default"]
    return {
        "month": Column(_("First borrowed in"), pinned=True),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "missed": Column(_("Missed"), Kind.COUNT),
        "waiting": Column(_("Not yet known"), Kind.COUNT),
    }
