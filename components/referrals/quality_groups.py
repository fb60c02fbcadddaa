"""Whom does it bring? Approval, default, repeat or value of those whom each channel, campaign or level brought."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import segments as segments_chart
from components.filters.words import default_in_words
from components.language import _, dimension_name
from components.rates import rate_rows
from components.referrals import quality_words
from components.tables import Column, Kind
from components.view import View
from rules import quality
from rules.metrics import METRICS
from rules.quality import MEASURES, VALUE, Measure

HEIGHT = 290
_FIT = 11  # rows that the height holds
_KEY = "quality-groups"


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.quality.by_group`."""
    by, display, metric = quality_words.group(shown.book), shown.policy.display, METRICS["group_default"]
    card = cards.begin(
        _KEY,
        title=_("Who brings borrowers who repay?"),
        of=default_in_words(shown.selection.definition, shown.selection.horizon),
        definition=_(metric.definition),
    )
    with card.controls:
        quality_words.choose_group(shown.book)
        measure = quality_words.choose_measure()
    found = quality.measured(parts, measure, significance=display.significance, thin=display.thin_borrowers)
    if found.empty:
        with card.frame:
            _none(shown, measure)
        return
    rows = _with_texts(found, measure, by, shown)
    card.answer(
        sentence(rows, measure, by),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, measure), f"{_KEY}-{by}-{measure.code}"),
        table=lambda height: tables.show(
            _listed(parts, by, shown), _columns(by), key=f"{_KEY}-rows", height=height
        ),
        caption=" · ".join(_caption(rows, measure, shown)),
    )  # fmt: skip


def sentence(rows: pd.DataFrame, measure: Measure, by: str) -> str:
    """The group that does worst among those that stand out, else the best; else that none stands out."""
    apart = rows.loc[(rows["stands_out"] != "") & ~rows["thin"]]
    if apart.empty:
        return _("No value of {dimension} differs from the others by more than noise.").format(
            dimension=f"**{dimension_name(by)}**"
        )
    bad = apart.loc[apart["stands_out"] == ("below" if measure.good else "above")]
    row = (bad if len(bad) else apart).sort_values("rate", ascending=measure.good).iloc[0 if len(bad) else -1]
    text = (
        _("**{group}** stands at **{rate}** ({interval}), above the {all} of everybody; the difference is not noise.")
        if row["stands_out"] == "above"
        else _(
            "**{group}** stands at **{rate}** ({interval}), below the {all} of everybody; the difference is not noise."
        )
    )
    return text.format(
        group=row["label"],
        rate=row["rate_text"],
        interval=quality_words.interval(measure, row["low"], row["high"]),
        all=quality_words.written(measure, row["all_rate"]),
    )


def _none(shown: View, measure: Measure) -> None:
    missing = sorted(shown.book.missing_tables & {"application", "loan"})
    if missing:
        states.empty(missing)
    else:
        states.immature(
            _("No member of the period has been followed for long enough to tell of: {measure}.").format(
                measure=_(measure.name)
            )
        )


def _with_texts(found: pd.DataFrame, measure: Measure, by: str, shown: View) -> pd.DataFrame:
    rows = found.assign(
        label=[quality_words.named(by, value, shown.book) for value in found["segment"]],
        rate_text=[quality_words.written(measure, rate) for rate in found["rate"]],
        count_text=[formats.count(n) for n in found["n"]],
    )
    return rows.assign(
        hover=[
            "<br>".join(
                [
                    f"<b>{row.label}</b> {row.rate_text} ({quality_words.interval(measure, row.low, row.high)})",
                    _("of {n}; {members} members").format(n=row.count_text, members=formats.count(row.members)),
                ]
            )
            for row in rows.itertuples()
        ]
    )


@base.drawn_once
def _figure(rows: pd.DataFrame, measure: Measure) -> go.Figure:
    silent = (rows["stands_out"] == "") | rows["thin"]
    kept = rows.assign(silent=silent).sort_values(["silent", "n"], ascending=[True, False]).head(_FIT)
    kept = kept.sort_values("rate", ascending=False)
    money = measure.code == VALUE
    whole = float(rows["all_rate"].iloc[0])
    heads = {
        "book": _("All {rate}").format(rate=quality_words.written(measure, whole)),
        "rate": _("Value") if money else _("Share"),
        "count": "n",
    }
    colours = theme.WELCOME if measure.good else theme.JUDGED
    axis = segments_chart.amounts if money else None
    return segments_chart.segments(kept, book_rate=whole, heads=heads, height=HEIGHT, judged=colours, axis=axis)


def _listed(parts: pd.DataFrame, by: str, shown: View) -> pd.DataFrame:
    """Every measure of every group."""
    rows = parts.assign(label=[quality_words.named(by, value, shown.book) for value in parts["segment"]])
    for measure in MEASURES:
        display = shown.policy.display
        found = quality.measured(parts, measure, significance=display.significance, thin=display.thin_borrowers)
        told = found.set_index("segment")[["rate", "low", "high"]].add_prefix(f"{measure.code}_")
        rows = rows.join(told, on="segment")
    return rows


def _columns(by: str) -> dict[str, Column]:
    found: dict[str, Column] = {
        "label": Column(dimension_name(by), pinned=True),
        "members": Column(_("Members"), Kind.COUNT),
    }
    for measure in MEASURES:
        kind = Kind.FEN if measure.code == VALUE else Kind.RATIO
        found |= {
            f"{measure.code}_rate": rate_rows.metric(measure.metric, kind),
            f"{measure.code}_low": Column(_("From"), kind),
            f"{measure.code}_high": Column(_("To"), kind),
            measure.of: Column(_("of"), Kind.COUNT),
        }
    return found


def _caption(rows: pd.DataFrame, measure: Measure, shown: View) -> list[str]:
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [
        _("n = {count}").format(count=formats.count(int(rows["n"].sum()))),
        _("whisker = {level}, by the members' own spread").format(level=level)
        if measure.code == VALUE
        else _("whisker = Wilson {level}").format(level=level),
        _("Benjamini-Hochberg over {count} groups").format(count=len(rows)),
    ]
    if len(rows) > _FIT:
        said.append(_("{shown} of {all} drawn, the table has all").format(shown=_FIT, all=len(rows)))
    if rows["thin"].any():
        said.append(_("pale = few members"))
    return said
