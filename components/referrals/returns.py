"""Which campaigns earn their cost? Value of the first twelve months over the cost, with its interval."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import segments as segments_chart
from components.language import _
from components.referrals import cost_words
from components.referrals.cost_words import money
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS
from rules.worth import Verdict

HEIGHT = 290
_KEY = "returns"
_FIT = 11
_JUDGED = {Verdict.EARNS: "above", Verdict.LOSES: "below", Verdict.UNSURE: "", Verdict.THIN: ""}


def draw(shown: View, found: pd.DataFrame) -> None:
    """Draw the card. found: `rules.acquisition_return.returns` by campaign."""
    metric = METRICS["acquisition_return"]
    card = cards.begin(_KEY, title=_("Which campaigns earn their cost?"), definition=_(metric.definition))
    if found.empty:
        with card.frame:
            states.immature(_("No campaign's members have been observed for twelve months yet."))
        return
    rows = found.assign(
        label=[cost_words.value_name("campaign", value, shown.book) for value in found["value"]],
        judged=[_JUDGED[verdict] for verdict in found["verdict"]],
        thin=found["verdict"] == Verdict.THIN,
    )
    rows = rows.assign(hover=[_hover(row) for row in rows.itertuples()])
    drawn = _fitting(rows)
    card.answer(
        sentence(rows),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(rows, drawn, shown)),
    )


def sentence(rows: pd.DataFrame) -> str:
    """How many campaigns surely earn and surely lose, and the best and the worst of them."""
    earn, lose = (rows.loc[rows["verdict"] == verdict] for verdict in (Verdict.EARNS, Verdict.LOSES))
    said = _("**{earn}** of {all} campaigns surely earn their cost in 12 months, **{lose}** surely don't").format(
        earn=len(earn), all=len(rows), lose=len(lose)
    )
    if len(lose):
        row = lose.iloc[-1]
        said += _("; **{name}** brings back {back} of each yuan").format(
            name=row["label"], back=formats.index(row["return_ratio"])
        )
    elif len(earn):
        row = earn.iloc[0]
        said += _("; **{name}** brings back {back} for each yuan").format(
            name=row["label"], back=formats.index(row["return_ratio"])
        )
    return said + _(".")


def _fitting(rows: pd.DataFrame) -> pd.DataFrame:
    """As many as fit: those that are sure before others, then those that cost most; the highest return first."""
    ranked = rows.assign(silent=rows["judged"] == "").sort_values(["silent", "cost_fen"], ascending=[True, False])
    return rows.loc[rows.index.isin(ranked.index[:_FIT])].reset_index(drop=True)


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    shown = rows.assign(
        segment=rows["value"],
        rate=rows["return_ratio"],
        stands_out=rows["judged"],
        rate_text=[formats.index(ratio) for ratio in rows["return_ratio"]],
        count_text=[formats.count(round(borrowers)) for borrowers in rows["borrowers"]],
    )
    heads = {"book": _("Cost"), "rate": _("Return"), "count": _("Borrowers")}
    return segments_chart.segments(
        shown, book_rate=1.0, heads=heads, height=HEIGHT, judged=theme.WELCOME, axis=segments_chart.numbers
    )


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b> {formats.index(row.return_ratio)} "
            f"({formats.index(row.low)}–{formats.index(row.high)})",
            _("Worth {value}, cost {cost}").format(value=money(row.value_fen), cost=money(row.cost_fen)),
        ]
    )


def _caption(rows: pd.DataFrame, drawn: pd.DataFrame, shown: View) -> list[str]:
    said = [
        _("whisker = {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
        _("whole life of each campaign, members observed for 12 months"),
    ]
    if len(drawn) < len(rows):
        said.insert(
            0,
            _("{shown} of {all} drawn, the table has all").format(
                shown=formats.count(len(drawn)), all=formats.count(len(rows))
            ),
        )
    if rows["thin"].any():
        said.append(_("pale = few borrowers"))
    return said


def _columns() -> dict[str, Column]:
    metric = METRICS["acquisition_return"]
    return {
        "label": Column(_("Campaign"), pinned=True),
        "return_ratio": Column(_("Return"), Kind.DECIMAL, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.DECIMAL),
        "high": Column(_("Upper end"), Kind.DECIMAL),
        "value_fen": Column(_("Worth in 12 months"), Kind.FEN),
        "cost_fen": Column(_("Cost in all"), Kind.FEN),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
    }
