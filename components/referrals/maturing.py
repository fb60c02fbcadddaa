"""What will a repaying borrower cost? By month of registration: known where observed for long, forecast until then."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _, ngettext
from components.rates.time import words
from components.referrals import cost_words
from components.referrals.cost_words import between, money
from components.tables import Column, Kind
from components.view import View
from rules.acquisition import horizon_months
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "maturing"
_DRAWN = 24  # months


def draw(shown: View, found: pd.DataFrame) -> None:
    """Draw the card.

    found: one row per whole month of registration with each_fen, low, high, heads, known, maturing (a first loan is
    still to come or has not been observed for the horizon), missed_ratio (first payments, nan where none is known).
    """
    metric, months = METRICS["cost_per_repaying_borrower"], horizon_months(shown.filters.horizon)
    card = cards.begin(
        _KEY,
        title=_("What will a repaying borrower cost?"),
        of=ngettext("{months} month without default", "{months} months without default", months).format(months=months),
        definition=_(metric.definition),
    )
    found = found.loc[found["heads"] > 0].reset_index(drop=True)
    if found.empty:
        with card.frame:
            states.nothing(_("No member of these channels and campaigns has borrowed yet."))
        return
    found = found.assign(
        day=[date.fromisoformat(f"{month}-01") for month in found["value"]],
        hover=[_hover(row) for row in found.to_dict("records")],
        thin=False,
    )
    drawn = found.iloc[-_DRAWN:].reset_index(drop=True)
    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn), _KEY),
        table=lambda height: tables.show(found.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} repaying borrowers known").format(count=formats.count(round(found["known"].sum()))),
                _("band = {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
                _("every registration month, whatever the period"),
            ]
        ),
    )


def sentence(found: pd.DataFrame) -> str:
    """The newest month that is known, and what the newest whole month is expected to come to."""
    known, young = found.loc[~found["maturing"]], found.loc[found["maturing"]]
    said = []
    if len(known):
        row = known.iloc[-1]
        said.append(
            _("Who registered in {month} cost **{cost}** ({interval}) per repaying borrower: that is known.").format(
                month=formats.month(row["day"]), cost=money(row["each_fen"]), interval=between(row["low"], row["high"])
            )
        )
    if len(young):
        row = young.iloc[-1]
        said.append(
            _("{month} is expected to come to **{cost}** ({interval}).").format(
                month=formats.month(row["day"]), cost=money(row["each_fen"]), interval=between(row["low"], row["high"])
            )
        )
    return words.sentences(*said) or _("Still maturing: no month has been observed for long enough.")


@base.drawn_once
def _figure(drawn: pd.DataFrame) -> go.Figure:
    placed = drawn.assign(x=range(len(drawn)), y=drawn["each_fen"])
    young = placed.loc[placed["maturing"]]
    runs = (placed["maturing"] != placed["maturing"].shift()).cumsum()
    shown = [_run(placed, rows) for _number, rows in placed.groupby(runs)]
    return lines_chart.lines(
        shown,
        ticks=words.month_ticks(list(drawn["day"])),
        height=HEIGHT,
        beside=True,
        maturing=(float(young["x"].min()) - 0.5, _("still maturing: forecast")) if len(young) else None,
        axis=cost_words.money_axis,
    )


def _run(placed: pd.DataFrame, rows: pd.DataFrame) -> Line:
    """Months one after the other that are known, or a forecast that begins and ends at what is known."""
    forecast, first, last = bool(rows["maturing"].iloc[0]), rows.index[0], rows.index[-1]
    points = placed.loc[first - 1 : last + 1] if forecast else rows
    name = money(rows["y"].iloc[-1]) if last == placed.index[-1] else ""
    return Line(points, name, "", theme.ACCENT, dots=True, dashed=forecast)


def _hover(row: dict) -> str:
    month = formats.month(date.fromisoformat(f"{row['value']}-01"))
    said = [
        f"<b>{month}</b> {money(row['each_fen'])} ({between(row['low'], row['high'])})",
        _("{known} known to repay, {all} expected in all").format(
            known=formats.count(round(row["known"])), all=formats.count(round(row["heads"]))
        ),
    ]
    if row["missed_ratio"] == row["missed_ratio"]:
        said.append(_("{rate} missed the first payment").format(rate=formats.percent(row["missed_ratio"])))
    return "<br>".join(said)


def _columns() -> dict[str, Column]:
    metric, early = METRICS["cost_per_repaying_borrower"], METRICS["early_arrears"]
    return {
        "value": Column(_("Registered in"), pinned=True),
        "each_fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.FEN),
        "high": Column(_("Upper end"), Kind.FEN),
        "maturing": Column(_("Forecast"), Kind.YES),
        "known": Column(_("Known to repay"), Kind.COUNT),
        "waiting": Column(_("Not yet known"), Kind.COUNT),
        "missed_ratio": Column(_(early.name), Kind.RATIO, help=_(early.definition)),
        "cost_fen": Column(_("Cost in all"), Kind.FEN),
    }
