"""Whose loss would it be? Expected loss by funder, and the part of it that the lender bears."""

import math

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.paired_bars import paired_bars
from components.language import _, value_label
from components.rates.reserve.cover import amount
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules.dimensions import FUNDER
from rules.intervals import rate
from rules.metrics import METRICS

HEIGHT = 290
_FIT = 9
_KEY = "funders"


def draw(shown: View, found: pd.DataFrame, held_fen: float) -> None:
    """Draw the card. found: `rules.reserve.by_funder`; held_fen: the reserve at the same month end."""
    metric = METRICS["absorbing_loss"]
    card = cards.begin(
        _KEY, title=_("Whose loss would it be?"), definition=_(metric.definition), tabular=not found.empty
    )
    if found.empty:
        with card.frame:
            states.nothing(_("Nothing is out at the newest month end."))
        return
    rows = found.assign(label=[value_label(FUNDER.code, value, shown.book) for value in found["funder"]])
    said = [
        _("n = {count} loans out").format(count=formats.count(int(found["loans"].sum()))),
        _("whole book, at the loss factors of all of it"),
        _("own part = all of the own book, else what the funder's share of each loan leaves"),
    ]
    if "funder" in shown.book.missing_tables:
        said.append(_("not in this book, so not counted: {tables}").format(tables="funder"))
    card.answer(
        sentence(rows, held_fen),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(said),
    )


def sentence(rows: pd.DataFrame, held_fen: float) -> str:
    """Where most of the loss is expected, and what the reserve is against the lender's own part of it."""
    total, own = (float(rows[name].sum(skipna=False)) for name in ("chain_fen", "own_chain_fen"))
    if math.isnan(total):
        return _("The months seen don't tell what will be lost, so not with whom either.")
    most = rows.loc[rows["chain_fen"].idxmax()]
    told = _("**{funder}** holds **{share}** of the expected loss.").format(
        funder=most["label"], share=formats.percent(most["share"])
    )
    if math.isnan(held_fen) or not own:
        return told
    return sentences(
        told,
        _("{own} of all {total} is the lender's own: the reserve is {cover} times that.").format(
            own=formats.money(round(own)), total=formats.money(round(total)),
            cover=formats.index(float(rate(held_fen, own))),
        ),
    )  # fmt: skip


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    kept = rows.head(_FIT)
    drawn = pd.DataFrame(
        {
            "label": kept["label"],
            "colour": theme.ACCENT,
            "first": kept["chain_fen"],
            "second": kept["own_chain_fen"],
            "first_text": [amount(fen) for fen in kept["chain_fen"]],
            "second_text": [amount(fen) for fen in kept["own_chain_fen"]],
            "hover": [
                _("<b>{funder}</b> {balance} out").format(funder=row.label, balance=formats.money(row.outstanding_fen))
                for row in kept.itertuples()
            ],
        }
    )
    return paired_bars(drawn, names=(_("expected loss"), _("the lender's own part")), height=HEIGHT)


def _columns() -> dict[str, Column]:
    down, end = METRICS["loss_forecast"], METRICS["absorbing_loss"]
    return {
        "label": Column(_("Funder"), pinned=True),
        "loans": Column(_("Loans"), Kind.COUNT),
        "outstanding_fen": Column(_("Outstanding"), Kind.FEN),
        "own_fen": Column(_("Own part of it"), Kind.FEN),
        "chain_fen": Column(_(end.name), Kind.FEN, help=_(end.definition)),
        "own_chain_fen": Column(_("Own part of that loss"), Kind.FEN),
        "roll_fen": Column(_(down.name), Kind.FEN, help=_(down.definition)),
        "own_roll_fen": Column(_("Own part of that forecast"), Kind.FEN),
        "share": Column(_("Share of the loss"), Kind.RATIO),
    }
