"""The ladder over time: one of its shares, or its cost, by step and channel in each of the newest months."""

from math import isnan

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables
from components.cards import Card
from components.charts import cells as cells_chart
from components.collections import choices, words
from components.compliance import words as period_words
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules import collections
from rules.collections import SHARES
from rules.default_rates import Verdict
from rules.filters import DateRange
from rules.metrics import METRICS

HEIGHT = 290
NONE = "–"
UNIT_CNY = 10_000  # what is cured is counted in such
_KEY = "contact-ladder"
_FIT = 6  # months that the narrowest screen holds
_SHORT = 10  # from so much CNY on one digit after the point is enough


def answer(card: Card, shown: View, parts: pd.DataFrame, period: DateRange, chosen: str) -> None:
    """Draw the rest of the card. parts: `queries.collections.ladder_by_month`; chosen: one of `choices.LADDER`."""
    rows = with_texts(collections.ladder(parts), chosen)
    months = sorted(rows["month"].unique())[-_FIT:]
    card.answer(
        sentence(parts, chosen, shown.policy.display.significance),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, months), f"{_KEY}-{chosen}"),
        table=lambda height: tables.show(rows, _columns(chosen), key=f"{_KEY}-{chosen}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} contacts").format(count=formats.count(int(rows["sent"].sum()))),
                period_words.period(period, shown.book.as_of),
                _("by the month of the contact"),
                *(
                    [_("the newest {count} months drawn, the table has all").format(count=_FIT)]
                    if rows["month"].nunique() > _FIT
                    else []
                ),
            ]
        ),
    )


def per_unit(ratio: float) -> str:
    """What ¥10,000 cured cost; a dash where nothing was cured."""
    cny = ratio * UNIT_CNY
    return NONE if isnan(ratio) else f"¥{formats.index(cny, 2 if cny < _SHORT else 1)}"


def sentence(parts: pd.DataFrame, chosen: str, significance: float) -> str:
    """How the newest month stands to those before it, if it differs."""
    if chosen == choices.COST:
        sums = parts.groupby("month")[["followed_cost_fen", "cured_fen"]].sum()
        told = sums.loc[sums["cured_fen"] > 0]
        if told.empty:
            return _("Nothing was cured after contacts of this period yet.")
        whole = told.sum()
        return _("¥10,000 cured cost **{newest}** in {month} and {all} over the period.").format(
            newest=per_unit(told["followed_cost_fen"].iloc[-1] / told["cured_fen"].iloc[-1]),
            month=formats.month(told.index[-1]),
            all=per_unit(whole["followed_cost_fen"] / whole["cured_fen"]),
        )
    name = _(choices.LADDER[chosen])
    found = collections.ladder_moved(parts, chosen, significance=significance)
    if found is None:
        return _("{name}: nothing can be told of contacts of this period yet.").format(name=name)
    month, moved = found
    text = {
        Verdict.HIGHER: _(
            "**{name}** in {month}: **{share}**, {points} more than the {before} of the months before; not noise."
        ),
        Verdict.LOWER: _(
            "**{name}** in {month}: **{share}**, {points} less than the {before} of the months before; not noise."
        ),
        Verdict.NOISE: _(
            "**{name}** in {month}: **{share}**; {before} in the months before, which differs by no more than noise."
        ),
    }.get(moved.verdict, _("**{name}** in {month}: **{share}**; there are no months before to hold it against."))
    return text.format(
        name=name,
        month=formats.month(month),
        share=formats.percent(moved.rate),
        before=formats.percent(moved.before_rate),
        points=formats.points_size(moved.difference),
    )


def with_texts(rows: pd.DataFrame, chosen: str) -> pd.DataFrame:
    """The rows with what is shown of each: its name, value (0-1, what a cell is coloured by), and text."""
    rows = rows.assign(
        label=[words.rung(row.purpose, row.channel) for row in rows.itertuples()],
        cost_per_unit_fen=rows["cost_ratio"] * UNIT_CNY * 100,
    )
    if chosen == choices.COST:
        return rows.assign(
            value=rows["cost_ratio"], text=[per_unit(each).removeprefix("¥") for each in rows["cost_ratio"]]
        )
    told = rows[f"{chosen}_ratio"].where(rows[chosen] > 0)
    text = [NONE if isnan(each) else formats.percent_number(each, 0) for each in told]
    return rows.assign(value=rows[f"{chosen}_ratio"], text=text)


def _figure(rows: pd.DataFrame, months: list[pd.Timestamp]) -> go.Figure:
    names = list(dict.fromkeys(rows["label"]))
    drawn = rows.loc[rows["month"].isin(months)]
    frame = pd.DataFrame(
        {
            "row": [names.index(label) for label in drawn["label"]],
            "column": [months.index(month) for month in drawn["month"]],
            "value": drawn["value"].fillna(0.0),
            "text": drawn["text"],
            "hover": [
                f"<b>{row.label}</b> · {formats.month(row.month)}<br>"
                + _("{count} sent").format(count=formats.count(row.sent))
                for row in drawn.itertuples()
            ],
            "outlined": False,
            "ringed": False,
        }
    )
    highest = float(frame["value"].max())
    bounds = tuple(highest * place / 10 for place in range(1, 10))
    return cells_chart.cells(
        frame, rows=[words.in_lines(name) for name in names], height=HEIGHT, bounds=bounds, given=("row",),
        columns=[f"{formats.month_alone(month)}<br>{month.year}" for month in months],
    )  # fmt: skip


def _columns(chosen: str) -> dict[str, Column]:
    metric, cost = METRICS["contact_ladder"], METRICS["cost_per_cured"]
    columns = {
        "label": Column(_("Step and channel"), pinned=True),
        "month": Column(_("Month"), Kind.DAY),
        "sent": Column(_("Sent"), Kind.COUNT),
    }
    if chosen == choices.COST:
        return columns | {
            "cost_per_unit_fen": Column(_(cost.name), Kind.FEN, help=_(cost.definition)),
            "followed_cost_fen": Column(_("Cost"), Kind.FEN),
            "cured_fen": Column(_("Cured amount"), Kind.FEN),
        }
    name = _(choices.LADDER[chosen])
    return columns | {
        f"{chosen}_ratio": Column(name, Kind.RATIO, help=_(metric.definition)),
        chosen: Column(_("{part}, count").format(part=name), Kind.COUNT),
        SHARES[chosen]: Column(_("of so many"), Kind.COUNT),
    }
