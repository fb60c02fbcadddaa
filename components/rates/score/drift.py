"""Does the score still see the same people? Month by month against the year before, and band by band now."""

import math
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.charts.paired_bars import paired_bars
from components.language import _
from components.rates.score.calibration import band_names
from components.rates.time.words import days, month_ticks, sentences
from components.tables import Column, Kind
from components.view import View
from rules import attention, calendar, score_drift
from rules.metrics import METRICS
from rules.monitoring import Stability

HEIGHT = 250
_MONTHS, _BANDS = "drift", "bands"


def draw_months(shown: View, months: pd.DataFrame, scores: pd.DataFrame, model: str) -> None:
    """Draw the months. months, scores: the model's rows of `queries.scores.by_month` and `queries.attention.scores`."""
    metric, rule, significance = (
        METRICS["population_stability"],
        shown.policy.attention,
        shown.policy.display.significance,
    )
    reference = scores.loc[~scores["recent"].astype(bool)]
    is_told = bool(len(months)) and bool(len(reference))
    card = cards.begin(
        _MONTHS, title=_("Does the score still see the same people?"), definition=_(metric.definition), tabular=is_told
    )
    if not is_told:
        with card.frame:
            _nothing(shown)
        return
    found = score_drift.by_month(months, reference)
    now = attention.stability(scores)
    started = calendar.first_of_month(shown.book.as_of)
    over = started if calendar.last_of_month(shown.book.as_of) != shown.book.as_of else calendar.add_months(started, 1)
    out = score_drift.shifted(found, rule.score_shift, significance, over)
    card.answer(
        sentence(now, out, model, shown),
        height=HEIGHT,
        figure=lambda: cards.chart(_lines(found, rule.score_shift), _MONTHS),
        table=lambda height: tables.show(found.iloc[::-1], _month_columns(), key=f"{_MONTHS}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} scores of the reference year").format(
                    count=formats.count(int(reference["scored"].sum()))
                ),
                _("reference: the year before the newest {days} days").format(days=rule.shift_days),
                _("dotted = threshold {number}, grey = chance alone").format(number=formats.index(rule.score_shift)),
                *([_("the running month is not over")] if over == started else []),
            ]
        ),
    )


def sentence(now: Stability, out: pd.DataFrame, model: str, shown: View) -> str:
    """Whether the newest days have shifted, by the rule of the list of what needs somebody, and which months did."""
    rule = shown.policy.attention
    if math.isnan(now.psi):
        return _("**{model}** scored nobody in the newest {days} days.").format(model=model, days=rule.shift_days)
    said = {
        "model": model,
        "psi": formats.index(now.psi),
        "chance": formats.index(now.null_mean, 3),
        "days": rule.shift_days,
        "threshold": formats.index(rule.score_shift),
    }
    is_out = now.psi > rule.score_shift and now.p_value <= shown.policy.display.significance
    told = (
        _(
            "**{model} has shifted**: {psi} in the newest {days} days against the year before, over the threshold of "
            "{threshold}; chance alone would give {chance}."
        )
        if is_out
        else _(
            "**{model}** sees the same people: {psi} in the newest {days} days against the year before, under the "
            "threshold of {threshold}; chance alone would give {chance}."
        )
        if now.psi <= rule.score_shift
        else _(
            "**{model}** is at {psi} in the newest {days} days, over the threshold of {threshold} but no more than "
            "chance would give with so few."
        )
    ).format(**said)
    if out.empty:
        return told
    named = _(", ").join(formats.month(day) for day in days(out["month"]))
    return sentences(told, _("Shifted by themselves: {months}.").format(months=named))


def draw_bands(shown: View, scores: pd.DataFrame, model: str) -> None:
    """Draw the bands. scores: the model's rows of `queries.attention.scores`."""
    metric, edges = METRICS["population_stability"], shown.policy.bands.score
    found = score_drift.bands(scores).assign(label=lambda rows: band_names(rows["band"], edges))
    card = cards.begin(
        _BANDS, title=_("Where have the scores moved?"), definition=_(metric.definition), tabular=not found.empty
    )
    if found.empty:
        with card.frame:
            _nothing(shown)
        return
    most = found.loc[found["index"].idxmax()]
    card.answer(
        _("Most of the shift is in **{band}**: {expected} before, **{actual}** in the newest {days} days.").format(
            band=most["label"],
            expected=formats.percent(most["expected"]),
            actual=formats.percent(most["actual"]),
            days=shown.policy.attention.shift_days,
        ),
        height=HEIGHT,
        figure=lambda: cards.chart(_bars(found), _BANDS),
        table=lambda height: tables.show(found, _band_columns(), key=f"{_BANDS}-rows", height=height),
        caption=" · ".join(
            [
                model,
                _("n = {before} before, {now} now").format(
                    before=formats.count(int(found["expected_scored"].sum())),
                    now=formats.count(int(found["actual_scored"].sum())),
                ),
                _("every scored application, granted or not"),
            ]
        ),
    )


def first_month(as_of: date) -> date:
    """The first day of the first month that is drawn."""
    return calendar.add_months(calendar.first_of_month(as_of), -24)


def _nothing(shown: View) -> None:
    if "score" in shown.book.missing_tables:
        states.empty(["score"])
    else:
        states.nothing(_("Nobody was scored in the year before: there is nothing to hold the newest scores against."))


@base.drawn_once
def _lines(found: pd.DataFrame, threshold: float) -> go.Figure:
    rows = found.assign(
        x=range(len(found)),
        low=float("nan"),
        high=float("nan"),
        thin=False,
        hover=[_hover(r) for r in found.itertuples()],
    )
    months = days(found["month"])
    drawn = [
        Line(rows.assign(y=rows["null_mean"]), _("chance"), "", theme.UNCERTAIN, strong=False, ink=theme.MUTED),
        Line(
            rows.assign(y=rows["psi"]), _("shift"), formats.index(rows["psi"].iloc[-1]), theme.ACCENT,
        ),
    ]  # fmt: skip
    made = lines_chart.lines(drawn, ticks=month_ticks(months), height=HEIGHT, beside=True, axis=base.index_axis)
    highest = max(made.layout.yaxis.range[1], threshold * 1.2)
    made.update_yaxes(range=[-0.02 * highest, highest])
    made.add_hline(y=threshold, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    return made


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{formats.month(row.month)}</b> {formats.index(row.psi, 3)}",
            _("chance alone {number}").format(number=formats.index(row.null_mean, 3)),
            _("{count} scores").format(count=formats.count(row.scored)),
        ]
    )


@base.drawn_once
def _bars(found: pd.DataFrame) -> go.Figure:
    rows = pd.DataFrame(
        {
            "label": found["label"],
            "colour": theme.ACCENT,
            "first": found["expected"],
            "second": found["actual"],
            "first_text": [formats.percent(share) for share in found["expected"]],
            "second_text": [formats.percent(share) for share in found["actual"]],
            "hover": [f"<b>{row.label}</b> {formats.index(row.index_, 3)}" for row in found.rename(
                columns={"index": "index_"}).itertuples()],
        }
    )  # fmt: skip
    made = paired_bars(rows, names=(_("year before"), _("newest")), height=HEIGHT)
    made.update_xaxes(range=[0, max(0.05, float(rows[["first", "second"]].max().max()) * 1.02)])
    return made


def _month_columns() -> dict[str, Column]:
    metric = METRICS["population_stability"]
    return {
        "month": Column(_("Month"), Kind.DAY, pinned=True),
        "psi": Column(_(metric.name), Kind.DECIMAL, help=_(metric.definition)),
        "null_mean": Column(_("Chance alone"), Kind.DECIMAL),
        "p_value": Column(_("p-value"), Kind.DECIMAL),
        "scored": Column(_("Scores"), Kind.COUNT),
        "reference": Column(_("Of the reference"), Kind.COUNT),
    }


def _band_columns() -> dict[str, Column]:
    return {
        "label": Column(_("Score band"), pinned=True),
        "expected": Column(_("Year before"), Kind.RATIO),
        "actual": Column(_("Newest days"), Kind.RATIO),
        "index": Column(_("Adds to the index"), Kind.DECIMAL),
        "expected_scored": Column(_("Scores before"), Kind.COUNT),
        "actual_scored": Column(_("Scores now"), Kind.COUNT),
    }
