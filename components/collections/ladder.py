"""How far do contacts get? Each step of the ladder by channel: reached, answered, promised, kept, cured, its cost."""

from functools import partial
from math import isnan

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, states, tables
from components.charts import base
from components.charts import cells as cells_chart
from components.collections import choices, ladder_months, words
from components.compliance import words as period_words
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules import collections
from rules.collections import BEHIND, SHARES
from rules.filters import DateRange
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "contact-ladder"
_BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 0.95)


def draw(
    shown: View, parts: pd.DataFrame, by_month: pd.DataFrame, period: DateRange, stream: downloads.Batches
) -> None:
    """Draw the card. parts, by_month: `queries.collections.ladder`, `ladder_by_month`; stream: `behind`, for files."""
    metric = METRICS["contact_ladder"]
    card = cards.begin(
        _KEY, title=_("How far do contacts get?"), definition=_(metric.definition), tabular=not parts.empty
    )
    with card.controls:
        choices.draw_period()
        choices.draw_seen_by()
    if parts.empty:
        with card.frame:
            if "contact" in shown.book.missing_tables:
                states.empty(["contact"])
            else:
                states.nothing(_("Nobody was contacted about a debt in this period."))
        return
    with card.actions:
        stated = partial(facts, shown, period)
        columns = export.cny_columns(BEHIND)
        downloads.buttons(_KEY, "contacts", shown, stated, columns, partial(export.in_cny, stream))
    if choices.seen_by():
        ladder_months.answer(card, shown, by_month, period, choices.seen_by())
        return
    rows = _with_texts(collections.ladder(parts))
    card.answer(
        sentence(rows, shown),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} contacts").format(count=formats.count(int(rows["sent"].sum()))),
                period_words.period(period, shown.book.as_of),
                _("shares in %, kept of the promises whose day has come"),
                _("cured within {days} days, for the last contact before it: not its effect").format(
                    days=shown.policy.collections.cured_days
                ),
            ]
        ),
    )


def sentence(rows: pd.DataFrame, shown: View) -> str:
    """How many were reached, how many promises were kept, and what a cured amount cost."""
    sums = rows[["sent", "reached", "promises_due", "kept"]].sum()
    said = [
        _("**{share}** of {count} contacts reached somebody.").format(
            share=formats.percent(sums["reached"] / sums["sent"]), count=formats.count(int(sums["sent"]))
        )
    ]
    if sums["promises_due"]:
        said.append(
            _("**{share}** of {count} promises were kept.").format(
                share=formats.percent(sums["kept"] / sums["promises_due"]),
                count=formats.count(int(sums["promises_due"])),
            )
        )
    late = rows.loc[rows["purpose"] != collections.REMINDER].dropna(subset=["cost_ratio"]).sort_values("cost_ratio")
    if len(late):
        said.append(
            _("¥10,000 of late money cured cost **{all}**, from {least} ({cheapest}) to {most} ({dearest}).").format(
                all=ladder_months.per_unit(late["followed_cost_fen"].sum() / late["cured_fen"].sum()),
                least=ladder_months.per_unit(late["cost_ratio"].iloc[0]),
                cheapest=late["label"].iloc[0],
                most=ladder_months.per_unit(late["cost_ratio"].iloc[-1]),
                dearest=late["label"].iloc[-1],
            )
        )
    return (" " if shown.language == "en" else "").join(said)


def facts(shown: View, period: DateRange) -> export.Header:
    """What a file of contacts states of its rows."""
    metric = METRICS["contact_ladder"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Period"), period_words.period(period, shown.book.as_of)),
    ]


def _with_texts(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        label=[words.rung(row.purpose, row.channel) for row in rows.itertuples()],
        cost_per_unit_fen=rows["cost_ratio"] * ladder_months.UNIT_CNY * 100,
    )


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    heads = [_("Sent"), *_share_names().values(), _("¥ per 10,000")]
    drawn = []
    for place, row in enumerate(rows.itertuples()):
        hover = _hover(row)
        texts = [(0.0, _short(row.sent))]
        for part in SHARES:
            share = getattr(row, f"{part}_ratio")
            told = formats.percent_number(share, 0) if getattr(row, part) else ladder_months.NONE
            texts.append((0.0 if isnan(share) else share, told))
        texts.append((0.0, ladder_months.per_unit(row.cost_ratio).removeprefix("¥")))
        drawn += [
            {"row": place, "column": column, "value": value, "text": text, "hover": hover}
            for column, (value, text) in enumerate(texts)
        ]
    frame = pd.DataFrame(drawn).assign(outlined=False, ringed=False)
    return cells_chart.cells(
        frame,
        rows=[words.in_lines(label) for label in rows["label"]],
        columns=heads,
        height=HEIGHT,
        bounds=_BOUNDS,
        given=("row",),
        slanted=True,
    )


def _short(count: int) -> str:
    """A count to two digits: 12k, 5.3k."""
    digits = len(str(count)) - 2
    return formats.money(round(count, -max(0, digits)) * 100).removeprefix("¥")


def _hover(row: tuple) -> str:
    said = [f"<b>{row.label}</b>", _("{count} sent").format(count=formats.count(row.sent))]
    for part, name in _share_names().items():
        of = getattr(row, SHARES[part])
        if of:
            said.append(
                _("{name}: {count} of {all} ({share})").format(
                    name=name,
                    count=formats.count(getattr(row, part)),
                    all=formats.count(of),
                    share=formats.percent(getattr(row, f"{part}_ratio")),
                )
            )
    said.append(
        _("{cost} for {cured} cured").format(
            cost=formats.money(row.followed_cost_fen), cured=formats.money(row.cured_fen)
        )
    )
    return "<br>".join(said)


def _share_names() -> dict[str, str]:
    return {
        "reached": _("Reached"),
        "answered": _("Read, answered"),
        "promised": _("Promised"),
        "kept": _("Promise kept"),
        "cured": _("Cured"),
    }


def _columns() -> dict[str, Column]:
    cost = METRICS["cost_per_cured"]
    names = _share_names()
    counts = {
        "sent": _("Sent"),
        **names,
        "promises_due": _("Promises due"),
        "followed": _("Followed"),
    }
    return {
        "label": Column(_("Step and channel"), pinned=True),
        "sent": Column(_("Sent"), Kind.COUNT),
        **{f"{part}_ratio": Column(name, Kind.RATIO) for part, name in names.items()},
        "cost_per_unit_fen": Column(_(cost.name), Kind.FEN, help=_(cost.definition)),
        "cost_fen": Column(_("Cost"), Kind.FEN),
        "cured_fen": Column(_("Cured amount"), Kind.FEN),
        **{
            part: Column(_("{part}, count").format(part=counts[part]), Kind.COUNT)
            for part in ("reached", "answered", "promised", "promises_due", "kept", "followed", "cured")
        },
    }
