"""Who decides against rules and model? By officer, nobody called out by noise; for which reasons, on either side."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables, theme
from components.charts import base
from components.charts import segments as segments_chart
from components.charts.bars import bars
from components.language import _, ngettext, value_label
from components.review import quality_choices, quality_words
from components.review.quality import Quality
from components.review.quality_words import OTHERS
from components.tables import Column, Kind
from components.view import View
from rules import dimensions, review_quality_overrides
from rules.metrics import METRICS
from rules.review_case import Override
from rules.review_quality_overrides import Side

HEIGHT = 250
_KEY, _REASONS = "quality-overrides", "quality-reasons"
_FIT = 9  # rows that the height holds
_ENOUGH = 20  # first decisions below which an officer's rate is dimmed


def draw(shown: View, quality: Quality) -> None:
    """Draw the card on how often, by officer; before Loanboard nobody is named, so by product."""
    side, significance = quality.chosen.side, shown.policy.display.significance
    metric = METRICS["override_rate"]
    card = cards.begin(
        _KEY, title=_("How often do we decide against rules and model?"), definition=_(metric.definition)
    )
    with card.controls:
        quality_choices.draw_side()
    overall = review_quality_overrides.overall(quality.every, side, 1 - significance)
    if not overall.of:
        quality_words.nothing(card, _nobody(side))
        return
    column = "staff_email" if quality.chosen.ours else "product"
    found = review_quality_overrides.by_group(quality.every, column, side, significance=significance, thin=_ENOUGH)
    told = _seen(found, quality, 1 - significance) if quality.chosen.ours else found
    rows = _with_texts(told, column, quality, shown)
    card.answer(
        sentence(rows, overall, quality),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, overall), _KEY),
        table=lambda height: tables.show(rows, _columns(column), key=f"{_KEY}-rows", height=height),
        caption=_caption(rows, overall, significance, column),
    )


def draw_reasons(shown: View, quality: Quality) -> None:
    """Draw the card on which reasons they are given for."""
    side, confidence = quality.chosen.side, 1 - shown.policy.display.significance
    metric = METRICS["override_reason"]
    card = cards.begin(_REASONS, title=_("For which reasons?"), of=_of(side), definition=_(metric.definition))
    found = review_quality_overrides.by_reason(quality.rows, side, confidence)
    if found.empty:
        quality_words.nothing(card, _("No decision of this time went against rules and model so."))
        return
    rule = shown.policy.review
    rows = found.assign(
        label=[quality_words.reason(told, rule) for told in found["reason"]],
        value=found["share"],
        text=[
            f"{formats.percent(row.share, 0)} ({formats.interval(row.low, row.high, 0)})" for row in found.itertuples()
        ],
    )
    first = rows.iloc[0]
    card.answer(
        _("**{reason}** is given oftenest: for **{count}** of {of} ({interval}).").format(
            reason=first["label"],
            count=formats.count(int(first["overridden"])),
            of=formats.count(int(first["of"])),
            interval=f"{formats.interval(first['low'], first['high'])} %",
        ),
        height=HEIGHT,
        figure=lambda: cards.chart(_reasons_figure(rows), _REASONS),
        table=lambda height: tables.show(rows, _reason_columns(), key=f"{_REASONS}-rows", height=height),
        caption=_("one decision may give several reasons · Wilson {level}").format(
            level=formats.percent(confidence, 0)
        ),
    )


@base.drawn_once
def _reasons_figure(rows: pd.DataFrame) -> go.Figure:
    drawn = rows.head(_FIT)
    return bars(drawn.assign(label=[quality_words.short(label) for label in drawn["label"]]), height=HEIGHT)


def sentence(rows: pd.DataFrame, overall: Side, quality: Quality) -> str:
    """How often it happens, and whether somebody differs from all others by more than noise."""
    text = _said(quality.chosen.side).format(
        k=formats.count(overall.overridden), n=formats.count(overall.of), rate=formats.percent(overall.rate),
        interval=formats.interval(overall.low, overall.high),
    )  # fmt: skip
    apart = rows.loc[rows["stands_out"] != ""]
    if len(rows) < 2:
        return text
    if apart.empty:
        return f"{text} " + (
            _("No officer differs from the others by more than noise.")
            if quality.chosen.ours
            else _("No product differs from the others by more than noise.")
        )
    row = apart.sort_values("q_value").iloc[0]
    more = _("**{who}** does so at {rate}, oftener than the others, and not by noise.")
    less = _("**{who}** does so at {rate}, less often than the others, and not by noise.")
    told = (more if row["stands_out"] == "above" else less).format(who=row["label"], rate=row["rate_text"])
    return f"{text} {told}"


def _said(side: Override) -> str:
    if side is Override.LOW_SIDE:
        return _("**{k}** of {n} applications that a check failed were granted (**{rate}**, {interval}).")
    return _("**{k}** of {n} applications that no check failed were declined (**{rate}**, {interval}).")


def _nobody(side: Override) -> str:
    if side is Override.LOW_SIDE:
        return _("No application that a check failed was decided in this time.")
    return _("No application that no check failed was decided in this time.")


def _of(side: Override) -> str:
    return _("granted despite a failed check") if side is Override.LOW_SIDE else _("declined though none failed")


def _seen(found: pd.DataFrame, quality: Quality, confidence: float) -> pd.DataFrame:
    """The officers that whoever looks may see, by themselves; the others together."""
    if quality.sees_all:
        return found
    own = found["staff_email"] == quality.me
    others = found.loc[~own]
    if others.empty:
        return found
    together = review_quality_overrides.together(others, OTHERS, confidence)
    return pd.concat([found.loc[own], together], ignore_index=True)


def _with_texts(found: pd.DataFrame, column: str, quality: Quality, shown: View) -> pd.DataFrame:
    labels = [
        quality_words.officer(each, quality.officers)
        if column == "staff_email"
        else value_label(dimensions.PRODUCT.code, each, shown.book)
        for each in found[column]
    ]
    rows = found.assign(
        segment=found[column],
        label=labels,
        rate_text=[formats.percent(rate) for rate in found["rate"]],
        count_text=[formats.count(count) for count in found["of"]],
    )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: Any) -> str:
    said = [
        f"<b>{row.label}</b> {row.rate_text} ({formats.interval(row.low, row.high)})",
        _("{k} of {n}").format(k=formats.count(row.overridden), n=row.count_text),
    ]
    if not pd.isna(row.shrunk):
        said.append(
            _("drawn towards all: {rate} ({interval})").format(
                rate=formats.percent(row.shrunk), interval=formats.interval(row.shrunk_low, row.shrunk_high)
            )
        )
    return "<br>".join(said)


@base.drawn_once
def _figure(rows: pd.DataFrame, overall: Side) -> go.Figure:
    heads = {
        "book": _("All {rate}").format(rate=formats.percent(overall.rate)), "rate": _("Share"), "count": "n",
    }  # fmt: skip
    neutral = {"above": theme.ACCENT, "below": theme.ACCENT, "": theme.UNCERTAIN}  # oftener is neither good nor bad
    return segments_chart.segments(rows.head(_FIT), book_rate=overall.rate, heads=heads, height=HEIGHT, judged=neutral)


def _columns(column: str) -> dict[str, Column]:
    metric = METRICS["override_rate"]
    return {
        "label": Column(_("Officer") if column == "staff_email" else _("Product"), pinned=True),
        "of": Column(_("First decisions"), Kind.COUNT),
        "overridden": Column(_("Overrides"), Kind.COUNT),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
        "shrunk": Column(_("Drawn towards all"), Kind.RATIO),
        "q_value": Column(_("q-value"), Kind.DECIMAL),
    }


def _reason_columns() -> dict[str, Column]:
    metric = METRICS["override_reason"]
    return {
        "label": Column(_("Reason"), pinned=True),
        "overridden": Column(_("Overrides"), Kind.COUNT),
        "share": Column(_("Share"), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
    }


def _caption(rows: pd.DataFrame, overall: Side, significance: float, column: str) -> str:
    count = len(rows)
    said = [
        ngettext("n = {count} first decision", "n = {count} first decisions", overall.of).format(
            count=formats.count(overall.of)
        ),
        _("Wilson {level}").format(level=formats.percent(1 - significance, 0)),
    ]
    if count > 1:
        said.append(_("Benjamini-Hochberg over {count} groups").format(count=count))
    if rows["thin"].any():
        said.append(_("pale = fewer than {count}").format(count=_ENOUGH))
    if column == "staff_email":
        said.append(_("cases are not dealt by chance: larger ones go to those with more authority"))
    return " · ".join(said)
