"""Does one agent get more out of calls? Each agent's workload and results beside all others' with debtors as late."""

from functools import partial
from math import isnan

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, states, tables, theme
from components.charts import base
from components.charts.segments import segments
from components.collections import choices
from components.compliance import words as period_words
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules import collections
from rules.collections import CONTACT_PARTS, Measure
from rules.filters import DateRange
from rules.metrics import METRICS

HEIGHT = 360
_KEY = "agents"
_FIT = 14  # agents that the height holds
FILE = ("agent", "bucket", "calls", *CONTACT_PARTS)


def draw(
    shown: View, parts: pd.DataFrame, period: DateRange, measure: Measure, stream: downloads.Batches, *, named: bool
) -> None:
    """Draw the card. parts: `queries.collections.agents`, with the agents' keys where `named`, else with numbers."""
    display, metric = shown.policy.display, METRICS["agent_result"]
    card = cards.begin(
        _KEY,
        title=_("Does one agent get more out of calls?"),
        definition=_(metric.definition),
        tabular=not parts.empty,
    )
    with card.controls:
        choices.draw_measure()
    if parts.empty:
        with card.frame:
            if "contact" in shown.book.missing_tables:
                states.empty(["contact"])
            else:
                states.nothing(_("No agent called in this period."))
        return
    with card.actions:
        stated = partial(facts, shown, period)
        downloads.buttons(_KEY, "agents", shown, stated, export.cny_columns(FILE), partial(export.in_cny, stream))
    found = collections.by_agent(parts, measure, significance=display.significance, thin=display.thin_borrowers)
    rows = _with_texts(found, named=named)
    card.answer(
        sentence(rows, measure),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, measure), f"{_KEY}-{measure}"),
        table=lambda height: tables.show(rows, _columns(measure), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(rows, shown, period, named=named)),
    )


def sentence(rows: pd.DataFrame, measure: Measure) -> str:
    """Who stands out from all others with debtors as late."""
    name = choices.measure_name(measure)
    if not rows["of"].sum():
        return _("Nothing of it can be told of any agent in this period yet.")
    whole = rows["hits"].sum() / rows["of"].sum()
    apart = rows.loc[rows["stands_out"] != ""]
    if apart.empty:
        return _("{result}: **{share}** over all agents; none of **{count}** differs by more than noise.").format(
            result=name, share=formats.percent(whole), count=len(rows)
        )
    told = _(", ").join(
        f"**{row.label}** {formats.percent(row.rate)} ({formats.points_signed(row.difference)})"
        for row in apart.itertuples()
    )
    return _("{result}: {share} over all agents; by more than noise differ {agents} points.").format(
        result=name, share=formats.percent(whole), agents=told
    )


def facts(shown: View, period: DateRange) -> export.Header:
    """What a file of agents' calls states of its rows."""
    metric = METRICS["agent_result"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Period"), period_words.period(period, shown.book.as_of)),
    ]


def _with_texts(found: pd.DataFrame, *, named: bool) -> pd.DataFrame:
    text = _("Agent {number}")
    labels = [each if named else text.format(number=each) for each in found["agent"]]
    rows = found.assign(label=labels, segment=found["agent"])
    return rows.assign(
        rate_text=["–" if isnan(each) else formats.percent(each) for each in rows["rate"]],
        count_text=[formats.count(each) for each in rows["calls"]],
        hover=[_hover(row) for row in rows.itertuples()],
    )


def _hover(row: tuple) -> str:
    said = [f"<b>{row.label}</b>", _("{count} calls").format(count=formats.count(row.calls))]
    if row.of:
        said += [
            _("{count} of {all} debtors: {share} ({interval})").format(
                count=formats.count(row.hits),
                all=formats.count(row.of),
                share=formats.percent(row.rate),
                interval=formats.interval(row.low, row.high),
            )
        ]
    if not isnan(row.expected):
        said.append(_("others with debtors as late: {share}").format(share=formats.percent(row.expected)))
    return "<br>".join(said)


@base.drawn_once
def _figure(rows: pd.DataFrame, measure: Measure) -> go.Figure:
    known = rows.dropna(subset=["rate"])
    busiest = known.head(_FIT).sort_values("rate", ascending=False, kind="stable")
    whole = float(known["hits"].sum() / known["of"].sum())
    heads = {
        "book": _("All {rate}").format(rate=formats.percent(whole)),
        "rate": choices.measure_name(measure),
        "count": _("Calls"),
    }
    return segments(busiest, book_rate=whole, heads=heads, height=HEIGHT, judged=theme.WELCOME)


def _caption(rows: pd.DataFrame, shown: View, period: DateRange, *, named: bool) -> list[str]:
    said = [
        _("n = {count} calls of {agents} agents").format(
            count=formats.count(int(rows["calls"].sum())), agents=formats.count(len(rows))
        ),
        period_words.period(period, shown.book.as_of),
        _("each debtor once per agent; held against others with debtors as late"),
        _("{level} intervals").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
    ]
    if len(rows) > _FIT:
        said.insert(0, _("the {count} with most calls drawn, the table has all").format(count=_FIT))
    said.append(_("agents by their keys in the loan database") if named else _("your role sees agents by numbers"))
    return said


def _columns(measure: Measure) -> dict[str, Column]:
    metric = METRICS["agent_result"]
    return {
        "label": Column(_("Agent"), pinned=True),
        "calls": Column(_("Calls"), Kind.COUNT),
        "rate": Column(choices.measure_name(measure), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "expected": Column(_("Others, as late"), Kind.RATIO),
        "difference": Column(_("Difference"), Kind.POINTS),
        "q_value": Column(_("q-value"), Kind.DECIMAL),
        "of": Column(_("Debtors counted"), Kind.COUNT),
        "hits": Column(_("of these"), Kind.COUNT),
    }
