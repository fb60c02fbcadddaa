"""What will be lost of what is out today? Two forecasts per bucket from the newest rolls, side by side."""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables, theme
from components.charts import base
from components.charts.paired_bars import paired_bars
from components.language import _
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import loss_forecast
from rules.metrics import METRICS
from rules.roll_rates import MONTHS_BEFORE

HEIGHT = 250
_KEY = "losses"


def draw(shown: View, parts: pd.DataFrame, months: Sequence[date]) -> None:
    """Draw the card, from the rolls of the newest twelve month ends together."""
    metric = METRICS["loss_forecast"]
    card = cards.begin(_KEY, title=_("What will be lost of what is out today?"), definition=_(metric.definition))
    taken = months[-MONTHS_BEFORE:]
    down, end = loss_forecast.forecast(parts, taken), loss_forecast.absorbing(parts, taken)
    found = down.merge(end.drop(columns="balance_fen"), on="bucket", suffixes=("_down", "_end"))
    card.answer(
        sentence(down, end, taken[-1]),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), _KEY),
        table=lambda height: tables.show(_listed(found), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("rolls of {months}").format(months=formats.months(taken[0], taken[-1])),
                _("straight down: by balance, what stays or cures is safe"),
                _("to the end: by loans, rates staying as they are, whatever came before the bucket"),
                *words.evidence(shown.book, months=True),
            ]
        ),
    )


def sentence(down: pd.DataFrame, end: pd.DataFrame, month_end: date) -> str:
    """Both totals and why they differ; a total that the months don't tell is said to be unknown."""
    totals = loss_forecast.total_fen(down), loss_forecast.total_fen(end)
    said = {
        "balance": formats.money(int(down["balance_fen"].sum())),
        "month": formats.month(month_end),
        "down": _amount(totals[0]),
        "end": _amount(totals[1]),
    }
    if not down["balance_fen"].sum():
        return _("Nothing is out at the end of {month}.").format(**said)
    if not down["forward_roll"].iloc[-1] > 0 and not totals[1] > 0:
        return _(
            "Of the **{balance}** out at the end of {month} nothing can be forecast as lost: no loan was written off "
            "in these months."
        ).format(**said)
    if all(math.isnan(total) for total in totals):
        return _(
            "Of the **{balance}** out at the end of {month}, the months seen don't tell what will be lost: no loan of "
            "some bucket has gone further or left."
        ).format(**said)
    if math.isnan(totals[1]):
        return _(
            "Of the **{balance}** out at the end of {month}, **{down}** goes straight down the ladder; the months seen "
            "don't tell how every loan ends."
        ).format(**said)
    if math.isnan(totals[0]):
        return _(
            "Of the **{balance}** out at the end of {month}, **{end}** will be lost if every loan is followed to its "
            "end; the months seen don't tell what goes straight down the ladder."
        ).format(**said)
    text = (
        _(
            "Of the **{balance}** out at the end of {month}, **{down}** goes straight down the ladder and **{end}** is "
            "lost in the end: only the second lets what stays or cures fall again."
        )
        if totals[1] >= totals[0]
        else _(
            "Of the **{balance}** out at the end of {month}, **{down}** goes straight down the ladder and **{end}** is "
            "lost in the end: the first weighs loans by their balance, the second counts them."
        )
    )
    return text.format(**said)


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    rows = pd.DataFrame(
        {
            "label": [words.state(bucket) for bucket in found["bucket"]],
            "colour": [theme.BUCKETS[bucket] for bucket in found["bucket"]],
            "first": found["expected_loss_fen_down"],
            "second": found["expected_loss_fen_end"],
            "first_text": [_amount(fen) for fen in found["expected_loss_fen_down"]],
            "second_text": [_amount(fen) for fen in found["expected_loss_fen_end"]],
            "hover": [_hover(row) for row in found.itertuples()],
        }
    )
    return paired_bars(rows, names=(_("straight down"), _("to the end")), height=HEIGHT)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{words.state(row.bucket)}</b> {formats.money(row.balance_fen)}",
            _("straight down: {share} of it").format(share=_share(row.loss_factor)),
            _("to the end: {share} of it").format(share=_share(row.written_off)),
        ]
    )


def _amount(fen: float) -> str:
    return _("unknown") if math.isnan(fen) else formats.money(round(fen))


def _share(ratio: float) -> str:
    return _("unknown") if math.isnan(ratio) else formats.percent(ratio)


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(label=[words.state(bucket) for bucket in found["bucket"]])


def _columns() -> dict[str, Column]:
    down, end = METRICS["loss_forecast"], METRICS["absorbing_loss"]
    return {
        "label": Column(_("Days past due"), pinned=True),
        "balance_fen": Column(_("Balance"), Kind.FEN),
        "expected_loss_fen_down": Column(_(down.name), Kind.FEN, help=_(down.definition)),
        "forward_roll": Column(_("Forward roll"), Kind.RATIO),
        "loss_factor": Column(
            _("Loss factor"), Kind.RATIO, help=_("All forward rolls from this bucket on, multiplied")
        ),
        "expected_loss_fen_end": Column(_(end.name), Kind.FEN, help=_(end.definition)),
        "written_off": Column(_("Written off in the end"), Kind.RATIO),
        "paid_off": Column(_("Paid off in the end"), Kind.RATIO),
        "expected_months": Column(_("Months until it leaves"), Kind.TENTHS),
        "of_loans": Column(_("Rolls seen"), Kind.COUNT),
    }
