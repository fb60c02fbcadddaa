"""How late is what is out? The late part of the balance by ageing bucket at each month end."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables, theme
from components.charts import base
from components.charts.stacked import stacked
from components.language import _
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import delinquency
from rules.ageing import BUCKETS
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "ageing"
_LATE = BUCKETS[1:]


def draw(shown: View, parts: pd.DataFrame, first: date) -> None:
    """Draw the card. first: the first month end that is shown."""
    metric = METRICS["current_late_ratio"]
    card = cards.begin(_KEY, title=_("How late is what is out?"), definition=_(metric.definition))
    found = delinquency.shares(parts.loc[parts["month_end"] >= pd.Timestamp(first)])
    found = found.assign(
        day=words.days(found["month_end"]),
        label=[words.state(bucket) for bucket in found["bucket"]],
        hover=[_hover(row) for row in found.itertuples()],
    )
    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), _KEY),
        table=lambda height: tables.show(_listed(found), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("share of the balance at each month end, current loans left out"),
                *words.evidence(shown.book, months=True),
            ]
        ),
    )


def sentence(found: pd.DataFrame) -> str:
    """How much of the balance is late at the newest month end, and how late most of that is."""
    newest = found.loc[found["month_end"] == found["month_end"].max()].set_index("bucket")
    out, late = int(newest["outstanding_fen"].sum()), newest.loc[list(_LATE), "outstanding_fen"]
    if not late.sum():
        return _("Nothing of the **{balance}** out at the end of {month} is late.").format(
            balance=formats.money(out), month=formats.month(newest["day"].iloc[0])
        )
    worst = str(late.idxmax())
    return _(
        "**{late}** of the {balance} out at the end of {month} is late, **{rate}** of it; the largest part, {part}, is "
        "{bucket} days late."
    ).format(
        late=formats.money(int(late.sum())),
        balance=formats.money(out),
        month=formats.month(newest["day"].iloc[0]),
        rate=formats.percent(late.sum() / out),
        part=formats.money(int(late[worst])),
        bucket=words.state(worst),
    )


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    days = sorted(found["day"].unique())
    places = {day: place for place, day in enumerate(days)}
    late = found.loc[found["bucket"] != BUCKETS[0]]
    return stacked(
        late.assign(part=late["bucket"], x=late["day"].map(places)),
        names={bucket: (words.state(bucket), theme.BUCKETS[bucket]) for bucket in _LATE},
        ticks=words.month_ticks(days),
        height=HEIGHT,
    )


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{formats.month(row.month_end)}</b> {words.state(row.bucket)}",
            f"{formats.percent(row.share)} · {formats.money(row.outstanding_fen)}",
            _("{count} loans").format(count=formats.count(row.loans)),
        ]
    )


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    return found.sort_values("month_end", ascending=False, kind="stable")


def _columns() -> dict[str, Column]:
    return {
        "day": Column(_("Month end"), Kind.DAY, pinned=True),
        "label": Column(_("Days past due")),
        "share": Column(_("Share of balance"), Kind.RATIO),
        "outstanding_fen": Column(_("Outstanding"), Kind.FEN),
        "loans": Column(_("Loans"), Kind.COUNT),
    }
