"""Does the reserve hold what will be lost? Against both forecasts, month by month."""

import math
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.rates.time.words import days, evidence, month_ticks
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "cover"
_FILE = ("day", "reason", "amount_fen")


def draw(shown: View, found: pd.DataFrame, stream: downloads.Batches) -> None:
    """Draw the card. found: `rules.reserve.covers`, a row at least; stream: `queries.reserve.movements`, for files."""
    metric = METRICS["reserve_cover"]
    card = cards.begin(_KEY, title=_("Does the reserve hold what will be lost?"), definition=_(metric.definition))
    with card.actions:
        movements = partial(export.in_cny, stream)
        downloads.buttons(_KEY, "reserve-movements", shown, facts, export.cny_columns(_FILE), movements)
    rows = found.assign(day=days(found["month_end"]))
    card.answer(
        sentence(rows.iloc[-1]),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows), _KEY),
        table=lambda height: tables.show(rows.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("the whole book, whatever the filters: the reserve is one"),
                _("to the end: the absorbing chain, the figure of the overview"),
                _("straight down: forward rolls by balance"),
                _("rolls of the twelve months up to each month end"),
                *evidence(shown.book, months=True),
            ]
        ),
    )


def facts() -> export.Header:
    """What a file states of its rows."""
    metric = METRICS["reserve_cover"]
    return [(_("Metric"), _(metric.name)), (_("Definition"), _(metric.definition))]


def sentence(newest: pd.Series) -> str:
    """The reserve at the newest month end against both forecasts."""
    said = {
        "held": amount(newest["held_fen"]),
        "month": formats.month(newest["day"]),
        "chain": _index(newest["chain_cover"]),
        "roll": _index(newest["roll_cover"]),
        "chain_loss": amount(newest["chain_fen"]),
        "roll_loss": amount(newest["roll_fen"]),
    }
    if math.isnan(newest["held_fen"]):
        return _("Nothing had been set aside by the end of {month}.").format(**said)
    if math.isnan(newest["chain_cover"]) and math.isnan(newest["roll_cover"]):
        return _(
            "The reserve holds **{held}** at the end of {month}; the months seen don't tell what will be lost."
        ).format(**said)
    text = (
        _(
            "The reserve of **{held}** at the end of {month} holds **{chain} times** the {chain_loss} that is lost in "
            "the end, and {roll} times the {roll_loss} that goes straight down the ladder."
        )
        if not newest["chain_cover"] < 1
        else _(
            "The reserve of **{held}** at the end of {month} **does not hold** the {chain_loss} that is lost in the "
            "end: **{chain} times** it, and {roll} times the {roll_loss} that goes straight down the ladder."
        )
    )
    return text.format(**said)


def amount(fen: float) -> str:
    """An amount that may not be told."""
    return _("unknown") if math.isnan(fen) else formats.money(round(fen))


def _index(number: float) -> str:
    return _("unknown") if math.isnan(number) else formats.index(number)


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    drawn = []
    for column, name, colour in (
        ("roll_cover", _("straight down"), theme.UNCERTAIN),
        ("chain_cover", _("to the end"), theme.ACCENT),
    ):
        points = rows.assign(
            x=range(len(rows)), y=rows[column], low=float("nan"), high=float("nan"), thin=False,
            hover=[_hover(row) for row in rows.itertuples()],
        )  # fmt: skip
        known = points["y"].dropna()
        drawn.append(Line(points, formats.index(known.iloc[-1]) if len(known) else "", name, colour))
    made = lines_chart.lines(
        drawn, ticks=month_ticks(list(rows["day"])), height=HEIGHT, beside=True, axis=base.index_axis
    )
    highest = max(made.layout.yaxis.range[1], 1.1)
    made.update_yaxes(range=[-0.02 * highest, highest])
    made.add_hline(y=1, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    return made


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{formats.month(row.day)}</b> {amount(row.held_fen)}",
            _("to the end: {loss}, {cover} times").format(loss=amount(row.chain_fen), cover=_index(row.chain_cover)),
            _("straight down: {loss}, {cover} times").format(loss=amount(row.roll_fen), cover=_index(row.roll_cover)),
        ]
    )


def _columns() -> dict[str, Column]:
    chain, roll = METRICS["reserve_cover"], METRICS["roll_cover"]
    return {
        "day": Column(_("Month end"), Kind.DAY, pinned=True),
        "held_fen": Column(_("Reserve"), Kind.FEN),
        "chain_fen": Column(_("Lost in the end"), Kind.FEN),
        "chain_cover": Column(_(chain.name), Kind.DECIMAL, help=_(chain.definition)),
        "roll_fen": Column(_("Straight down the ladder"), Kind.FEN),
        "roll_cover": Column(_(roll.name), Kind.DECIMAL, help=_(roll.definition)),
    }
