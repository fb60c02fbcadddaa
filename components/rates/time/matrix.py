"""Where do late loans go next month? Roll rates from each bucket to each state; a click shows one roll over time."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components import cards, formats, tables
from components.charts import base
from components.charts import cells as cells_chart
from components.charts.cells import Strip
from components.language import _
from components.rates.time import choices, words
from components.rates.time.choices import Roll
from components.tables import Column, Kind
from components.view import View
from rules import roll_rates
from rules.ageing import BUCKETS, STATES
from rules.metrics import METRICS
from rules.roll_rates import MONTHS_BEFORE

HEIGHT = 290
_LATE = BUCKETS[1:-1]  # buckets of which it is said where their loans go
_KEY = "matrix"


def draw(shown: View, parts: pd.DataFrame, months: Sequence[date]) -> tuple[date, Roll]:
    """Draw the card; the last month end that it shows, and the roll that is worth looking at over time.

    parts: `queries.months.transitions`; months: `rules.roll_rates.month_ends` of them.
    """
    display, metric = shown.policy.display, METRICS["roll_rate"]
    judge = {"significance": display.significance, "thin_loans": display.thin_borrowers}
    card = cards.begin(_KEY, title=_("Where do late loans go next month?"), definition=_(metric.definition))
    newest = roll_rates.matrix(parts, months[-1:], **judge)
    with card.controls:
        asked = choices.draw_rolled(months, _opening(newest, months))
    arrived = _months_asked(months, asked)
    found = _with_texts(roll_rates.matrix(parts, arrived, **judge))
    roll = opening_roll(found)

    def figure() -> None:
        made = _figure(found, choices.roll(roll))
        clicked = partial(_clicked, roll, cards.chart_key(_KEY))
        cards.chart(made, _KEY, on_select=clicked, selection_mode="points")

    def table(height: int) -> None:
        listed = found.loc[found["of_loans"] > 0]
        picked = partial(_picked, roll, listed[["from_bucket", "to_bucket"]].to_numpy().tolist(), f"{_KEY}-rows")
        tables.show(
            listed, _columns(), key=f"{_KEY}-rows", height=height, on_select=picked, selection_mode="single-row"
        )

    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=" · ".join(_caption(found, arrived, shown)),
    )
    return arrived[-1], roll


def sentence(found: pd.DataFrame) -> str:
    """Where the loans of the first late bucket go, and how many of the last one before 90+ go on to it."""
    by_cell = found.set_index(["from_bucket", "to_bucket"])
    firm = _firm(found)
    if not firm:
        return _("Too few loans were late a month before to say where they go.")
    first, last = firm[0], firm[-1]
    current, on = by_cell.loc[(first, "M0")], by_cell.loc[(first, _next(first))]
    said = _(
        "Of {bucket}, **{on}** ({on_interval}) {worse} a month later and **{back}** ({back_interval}) are current."
    ).format(
        bucket=words.late(first),
        on=formats.percent(on["rate"]),
        on_interval=formats.interval(on["low"], on["high"]),
        worse=words.are(_next(first)),
        back=formats.percent(current["rate"]),
        back_interval=formats.interval(current["low"], current["high"]),
    )
    if last == first:
        return said
    on = by_cell.loc[(last, _next(last))]
    further = _("Of {bucket}, **{on}** ({on_interval}) {worse}.").format(
        bucket=words.late(last),
        on=formats.percent(on["rate"]),
        on_interval=formats.interval(on["low"], on["high"]),
        worse=words.are(_next(last)),
    )
    return words.sentences(said, further)


def opening_roll(found: pd.DataFrame) -> Roll:
    """One bucket on, from the first late bucket that has enough loans."""
    first = next(iter(_firm(found)), _LATE[0])
    return first, _next(first)


def _firm(found: pd.DataFrame) -> list[str]:
    """The late buckets with enough loans to say where they go."""
    enough = set(found.loc[(found["of_loans"] > 0) & ~found["thin"], "from_bucket"])
    return [bucket for bucket in _LATE if bucket in enough]


def _next(bucket: str) -> str:
    return BUCKETS[BUCKETS.index(bucket) + 1]


def _opening(newest: pd.DataFrame, months: Sequence[date]) -> str:
    """The newest month end, or the newest twelve together where it alone has few late loans."""
    late = newest.loc[newest["from_bucket"].isin(_LATE) & (newest["of_loans"] > 0)]
    alone = not late["thin"].any() or len(months) < 2
    return choices.month_code(months[-1]) if alone else choices.TOGETHER


def _months_asked(months: Sequence[date], asked: str) -> Sequence[date]:
    """The month ends that a choice takes together."""
    if asked == choices.TOGETHER:
        return months[-MONTHS_BEFORE:]
    return [month_end for month_end in months if choices.month_code(month_end) == asked]


@base.drawn_once
def _figure(found: pd.DataFrame, chosen: Roll) -> go.Figure:
    rows = found.loc[~found["thin"]]
    cells = rows.assign(
        row=rows["from_bucket"].map(BUCKETS.index),
        column=rows["to_bucket"].map(STATES.index),
        value=rows["rate"],
        outlined=rows["from_bucket"] == rows["to_bucket"],
        ringed=(rows["from_bucket"] == chosen[0]) & (rows["to_bucket"] == chosen[1]),
        text=[
            formats.percent_number(rate) if loans else "·"
            for rate, loans in zip(rows["rate"], rows["loans"], strict=True)
        ],
    )
    thin = found.loc[found["thin"]].groupby("from_bucket")["of_loans"].first()
    return cells_chart.cells(
        cells,
        rows=[words.state(bucket) for bucket in BUCKETS],
        columns=[words.state(state) for state in STATES],
        height=HEIGHT,
        bounds=cells_chart.RARE_TO_ALL,
        given=("from_bucket", "to_bucket"),
        strips=[
            Strip(
                BUCKETS.index(bucket),
                0,
                len(STATES),
                _("n {count}: too few for rates").format(count=formats.count(count)),
            )
            for bucket, count in thin.items()
        ],
    )


def _with_texts(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(
        from_label=[words.state(bucket) for bucket in found["from_bucket"]],
        to_label=[words.state(state) for state in found["to_bucket"]],
        hover=[_hover(row) for row in found.itertuples()],
    )


def _hover(row: tuple) -> str:
    if not row.of_loans:
        return ""
    return "<br>".join(
        [
            f"<b>{words.state(row.from_bucket)} → {words.state(row.to_bucket)}</b>",
            f"{formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
            _("{count} of {all} loans").format(count=formats.count(row.loans), all=formats.count(row.of_loans)),
            _("{share} of the balance").format(share=formats.percent(row.balance_share)),
        ]
    )


def _caption(found: pd.DataFrame, arrived: Sequence[date], shown: View) -> list[str]:
    loans = int(found.drop_duplicates("from_bucket")["of_loans"].sum())
    several = len(arrived) > 1
    count = formats.count(loans)
    return [
        _("n = {count} loan months").format(count=count) if several else _("n = {count} loans").format(count=count),
        formats.months(arrived[0], arrived[-1]),
        _("row = days past due a month before, column = now; a row sums to 100 %"),
        _("ring = shown over time below"),
        *([_("a loan's months are not independent, so intervals are too narrow")] if several else []),
        *words.evidence(shown.book, months=True),
    ]


def _columns() -> dict[str, Column]:
    metric, balance = METRICS["roll_rate"], METRICS["balance_roll"]
    return {
        "from_label": Column(_("From"), pinned=True),
        "to_label": Column(_("To"), pinned=True),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "loans": Column(_("Loans"), Kind.COUNT),
        "of_loans": Column(_("Of loans"), Kind.COUNT),
        "balance_share": Column(_("Share of balance"), Kind.RATIO, help=_(balance.definition)),
        "balance_fen": Column(_("Balance before"), Kind.FEN),
        "rescheduled": Column(_("Due date moved"), Kind.COUNT),
    }


def _clicked(opening: Roll, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        before, after, *_ = points[0]["customdata"]
        choices.take_roll((before, after), opening)


def _picked(opening: Roll, rolls: list[list[str]], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        before, after = rolls[rows[0]]
        choices.take_roll((before, after), opening)
