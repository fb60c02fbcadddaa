"""Which referrers bring people worth having? Ranked by value brought, each drawn towards the mean where few came."""

import math
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, linked, states, tables, theme
from components.charts import base
from components.charts import segments as segments_chart
from components.filters.words import default_in_words
from components.language import _, ngettext
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import quality
from rules.metrics import METRICS
from rules.quality import MOST_REFERRERS
from rules.text import N_

HEIGHT = 290
_FIT = 11  # rows that the height holds
_ROOM = 5  # times the value of all that is drawn to both sides of it
_KEY = "quality-referrers"
EACH, TOTAL = "each", "total"
_RANKED = {TOTAL: N_("By all they brought"), EACH: N_("By value of each")}
_FILE = ["member_id", "referees", "value_cny", "borrowers", "mature", "defaulted", "suspected"]


def draw(shown: View, referrers: pd.DataFrame, moments: pd.DataFrame, stream: downloads.Batches) -> None:
    """Draw the card. referrers, moments: of `queries.quality`; stream: every referrer, for files."""
    metric, months = METRICS["referrer_value"], shown.policy.growth.value_months
    card = cards.begin(
        _KEY,
        title=_("Which referrers bring people worth having?"),
        of=ngettext("value of {months} month", "value of {months} months", months).format(months=months),
        definition=_(metric.definition),
    )
    if referrers.empty:
        with card.frame:
            _none(shown)
        return
    with card.controls:
        by = linked.select("ranked", list(_RANKED), opening=TOTAL, label=_("Order"), named=lambda c: _(_RANKED[c]))
    with card.actions:
        columns = _FILE
        downloads.buttons(_KEY, "referrers", shown, partial(_facts, shown), columns, partial(export.in_cny, stream))
    confidence = 1 - shown.policy.display.significance
    rows = _with_texts(quality.ranked(referrers, moments, by_total=by == TOTAL, confidence=confidence))
    card.answer(
        sentence(rows),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows.head(_FIT)), f"{_KEY}-{by}"),
        table=lambda height: tables.show(rows, _columns(shown), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(rows, moments, confidence)),
    )


def sentence(rows: pd.DataFrame) -> str:
    """The first referrer: what the referees are worth after shrinkage, and what they would seem to be without it."""
    first, apart = rows.iloc[0], int((rows["stands_out"] == "above").sum())
    if first["low"] == first["high"]:
        return _(
            "Referees of one referrer are worth no more or less than those of another by more than chance, **{all}** "
            "each; **{member}** brought most, {count}, at {raw} each as it stands."
        ).format(
            all=formats.money(round(first["all_fen"])),
            member=first["member_id"],
            count=formats.count(int(first["referees"])),
            raw=formats.money(round(first["raw_fen"])),
        )
    text = ngettext(
        "**{member}** brought **{count}** referee worth **{each}** ({low}–{high}) each, taking into account how few "
        "they are; as it stands it is {raw}.",
        "**{member}** brought **{count}** referees worth **{each}** ({low}–{high}) each, taking into account how few "
        "they are; as it stands it is {raw}.",
        int(first["referees"]),
    ).format(
        member=first["member_id"],
        count=formats.count(int(first["referees"])),
        each=first["rate_text"],
        low=formats.money(round(first["low"])),
        high=formats.money(round(first["high"])),
        raw=formats.money(round(first["raw_fen"])),
    )
    more = (
        ngettext(
            "{count} referrer surely brings more than the {all} of all.",
            "{count} referrers surely bring more than the {all} of all.",
            apart,
        )
        if apart
        else _("No referrer surely brings more than the {all} of all.")
    )
    return words.sentences(text, more.format(count=formats.count(apart), all=formats.money(round(first["all_fen"]))))


def _none(shown: View) -> None:
    missing = sorted(shown.book.missing_tables & {"loan", "repayment"})
    if missing:
        states.empty(missing)
    else:
        states.immature(_("No referred member of the period has been followed for long enough to tell of a value."))


def _with_texts(rows: pd.DataFrame) -> pd.DataFrame:
    told = rows.assign(
        segment=rows["member_id"],
        label=rows["member_id"],
        rate_text=[formats.money(round(fen)) for fen in rows["each_fen"]],
        count_text=[formats.count(n) for n in rows["referees"]],
        thin=False,
        default_rate=rows["defaulted"] / rows["mature"].where(rows["mature"] > 0),
    )
    return told.assign(hover=[_hover(row) for row in told.itertuples()])


def _hover(row: tuple) -> str:
    said = [
        f"<b>{row.member_id}</b> {row.rate_text} ({formats.money(round(row.low))}–{formats.money(round(row.high))})",
        _("{count} referees, {raw} each as it stands").format(
            count=row.count_text, raw=formats.money(round(row.raw_fen))
        ),
        _("{brought} in all").format(brought=formats.money(round(row.brought_fen))),
    ]
    if not math.isnan(row.default_rate):
        said.append(
            _("{rate} defaulted, {defaulted} of {mature}").format(
                rate=formats.percent(row.default_rate),
                defaulted=formats.count(row.defaulted),
                mature=formats.count(row.mature),
            )
        )
    return "<br>".join(said)


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    drawn = rows.assign(rate=rows["each_fen"])
    whole = float(rows["all_fen"].iloc[0])
    heads = {
        "book": _("All {rate}").format(rate=formats.money(round(whole))),
        "rate": _("Each"),
        "count": _("Referees"),
    }
    made = segments_chart.segments(
        drawn, book_rate=whole, heads=heads, height=HEIGHT, judged=theme.WELCOME, axis=segments_chart.amounts
    )
    raw, (lowest, highest) = drawn["raw_fen"], _reach(drawn)
    at = raw.clip(lowest, highest)
    symbols = ["triangle-left-open" if x < lowest else "triangle-right-open" if x > highest else "x-thin" for x in raw]
    made.add_trace(
        go.Scatter(
            x=at,
            y=list(range(len(at))),
            mode="markers",
            marker={
                "symbol": symbols,
                "size": 7,
                "color": theme.MUTED,
                "line": {"width": 1.5, "color": theme.MUTED},
            },
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    base.money_axis(made, min(0.0, float(at.min())), 1.04 * max(whole, *at, *drawn["high"]), formats.money)
    return made


def _reach(drawn: pd.DataFrame) -> tuple[float, float]:
    """From where to where values as they stand are drawn: one far out must not press all others together."""
    whole = float(drawn["all_fen"].iloc[0])
    room = _ROOM * max(abs(whole), float((drawn["high"] - drawn["low"]).max()))
    return whole - room, whole + room


def _columns(shown: View) -> dict[str, Column]:
    metric = METRICS["referrer_value"]
    judged = "device_sighting" not in shown.book.missing_tables
    told = {"suspected": Column(_("Suspected"), Kind.COUNT)} if judged else {}
    return {
        "member_id": Column(_("Referrer"), pinned=True),
        "referees": Column(_("Referees"), Kind.COUNT),
        "each_fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.FEN),
        "high": Column(_("Upper end"), Kind.FEN),
        "raw_fen": Column(_("As it stands"), Kind.FEN),
        "brought_fen": Column(_("In all"), Kind.FEN),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "mature": Column(_("Observed"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "default_rate": Column(_("Default rate"), Kind.RATIO),
        **told,
    }


def _caption(rows: pd.DataFrame, moments: pd.DataFrame, confidence: float) -> list[str]:
    referrers = int(moments["referrers"].sum())
    referees = int((moments["referees"] * moments["referrers"]).sum())
    said = [
        _("n = {referees} referees of {referrers} referrers").format(
            referees=formats.count(referees), referrers=formats.count(referrers)
        ),
        _("dot = empirical Bayes, whisker = {level}, × = as it stands").format(level=formats.percent(confidence, 0)),
    ]
    lowest, highest = _reach(rows.head(_FIT))
    if not rows["raw_fen"].head(_FIT).between(lowest, highest).all():
        said.append(_("◁ ▷ = further out"))
    if len(rows) >= MOST_REFERRERS:
        said.append(_("ranked among the {count} who brought most").format(count=formats.count(MOST_REFERRERS)))
    return said


def _facts(shown: View) -> export.Header:
    """What a file states of its rows."""
    metric = METRICS["referrer_value"]
    default = default_in_words(shown.selection.definition, shown.selection.horizon)
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Default"), default),
    ]
