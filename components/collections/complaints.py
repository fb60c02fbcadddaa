"""What do people complain about? Complaints by cause, and how long each waits."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.segments import numbers, segments
from components.collections import words
from components.compliance import words as period_words
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules import collections
from rules.filters import DateRange
from rules.metrics import METRICS

HEIGHT = 180
_KEY = "complaints"
_THIN = 20  # complaints of a cause, below which its interval is pale


def draw(shown: View, parts: pd.DataFrame, period: DateRange) -> None:
    """Draw the card. parts: `queries.collections.complaints`."""
    metric, within = METRICS["complaint_days"], shown.policy.collections.complaint_days
    card = cards.begin(
        _KEY, title=_("What do people complain about?"), definition=_(metric.definition), tabular=not parts.empty
    )
    if parts.empty:
        with card.frame:
            if "complaint" in shown.book.missing_tables:
                states.empty(["complaint"])
            else:
                states.nothing(_("Nobody complained in this period."))
        return
    judge = {"within_days": within, "confidence": 1 - shown.policy.display.significance}
    rows = collections.complaints(parts, **judge)
    whole = collections.complaints_together(parts, **judge)
    rows = rows.assign(label=[words.cause(topic) for topic in rows["topic"]])
    card.answer(
        sentence(rows, whole, within),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, whole), _KEY),
        table=lambda height: tables.show(rows, _columns(within), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} complaints").format(count=formats.count(int(whole["received"]))),
                period_words.period(period, shown.book.as_of),
                _("median days with {level} interval, waiting ones censored").format(
                    level=formats.percent(judge["confidence"], 0)
                ),
            ]
        ),
    )


def sentence(rows: pd.DataFrame, whole: dict[str, float], within: int) -> str:
    """What most complaints are about, how fast they are resolved, and how many wait."""
    first = rows.iloc[0]
    return _(
        "Most are about **{cause}** ({count} of {all}); **{share}** are resolved within {days} days, {waiting} still "
        "wait."
    ).format(
        cause=first["label"],
        count=formats.count(int(first["received"])),
        all=formats.count(int(whole["received"])),
        share=formats.percent(whole["within_ratio"]),
        days=within,
        waiting=formats.count(int(whole["waiting"])),
    )


@base.drawn_once
def _figure(rows: pd.DataFrame, whole: dict[str, float]) -> go.Figure:
    known = rows.dropna(subset=["median_days"])
    drawn = known.assign(
        segment=known["topic"],
        rate=known["median_days"],
        low=known["low"].fillna(known["median_days"]),
        high=known["high"].fillna(known["median_days"]),
        stands_out="",
        thin=known["received"] < _THIN,
        rate_text=[_("{days} d").format(days=formats.index(days, 0)) for days in known["median_days"]],
        count_text=[formats.count(count) for count in known["received"]],
        hover=[_hover(row) for row in known.itertuples()],
    )
    middle = whole["median_days"]
    heads = {
        "book": _("All {days} d").format(days=formats.index(middle, 0)),
        "rate": _("Median"),
        "count": "n",
    }
    return segments(drawn, book_rate=middle, heads=heads, height=HEIGHT, judged={"": theme.UNCERTAIN}, axis=numbers)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b>",
            _("half resolved within {days} days").format(days=formats.index(row.median_days, 0)),
            _("{count} received, {waiting} still wait").format(
                count=formats.count(row.received), waiting=formats.count(row.waiting)
            ),
        ]
    )


def _columns(within: int) -> dict[str, Column]:
    metric = METRICS["complaint_days"]
    return {
        "label": Column(_("Cause"), pinned=True),
        "received": Column(_("Complaints"), Kind.COUNT),
        "median_days": Column(_("Median days"), Kind.COUNT, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.COUNT),
        "high": Column(_("Upper end"), Kind.COUNT),
        "within_ratio": Column(_("Within {days} days").format(days=within), Kind.RATIO),
        "waiting": Column(_("Still waiting"), Kind.COUNT),
    }
