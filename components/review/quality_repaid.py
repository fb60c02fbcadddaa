"""Do loans repay that were granted against rules and model? Beside those that were granted as they said."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables
from components.charts import base
from components.charts import segments as segments_chart
from components.filters.words import default_in_words
from components.language import _, ngettext
from components.review import quality_words
from components.review.quality import Quality
from components.tables import Column, Kind
from components.view import View
from rules import review_quality_outcomes
from rules.default_rates import Verdict
from rules.intervals import rate
from rules.metrics import METRICS
from rules.review_quality_outcomes import AGAINST, Repaid

HEIGHT = 150
_KEY = "quality-repaid"
_OUT = {Verdict.HIGHER: "above", Verdict.LOWER: "below"}


def draw(shown: View, quality: Quality) -> None:
    """Draw the card: over all time, for loans need time to show."""
    metric, default, significance = (
        METRICS["override_default"], shown.policy.default, shown.policy.display.significance
    )  # fmt: skip
    card = cards.begin(
        _KEY,
        title=_("Do loans repay that were overrides?"),
        of=default_in_words(default.definition, default.horizon),
        definition=_(metric.definition),
    )
    missing = sorted(shown.book.missing_tables & {"application", "loan"})
    if missing:
        with card.frame:
            states.empty(missing)
        return
    found = review_quality_outcomes.repaid(quality.repaid, significance)
    if not found.rows["borrowers"].sum():
        quality_words.nothing(card, _("No loan that a person granted has been observed for long enough."))
        return
    rows = _with_texts(found)
    card.answer(
        sentence(found, rows),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=_caption(rows, significance),
    )


def sentence(found: Repaid, rows: pd.DataFrame) -> str:
    """Both rates, and whether they differ by more than noise."""
    against, others = rows.iloc[0], rows.iloc[1]
    if found.verdict is Verdict.NOT_COMPARED:
        there = others if others["borrowers"] else against
        return _("**{label}**: {rate} ({interval}) default; there is nothing to hold that against yet.").format(
            label=there["label"], rate=there["rate_text"], interval=formats.interval(there["low"], there["high"])
        )
    text = {
        Verdict.HIGHER: _(
            "Granted despite a failed check, loans default at **{rate}** ({interval}), {gap} more than those granted "
            "as rules and model said; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "Granted despite a failed check, loans default at **{rate}** ({interval}), {gap} less than those granted "
            "as rules and model said; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "Granted despite a failed check, loans default at **{rate}** ({interval}), those granted as rules and "
            "model said at {other}; the difference is no more than noise."
        ),
    }[found.verdict]
    return text.format(
        rate=against["rate_text"],
        interval=formats.interval(against["low"], against["high"]),
        gap=formats.points_size(found.difference if found.difference > 0 else -found.difference),
        other=others["rate_text"],
    )


def _with_texts(found: Repaid) -> pd.DataFrame:
    rows = found.rows.assign(
        segment=["against" if override == AGAINST else "as said" for override in found.rows["override"]],
        label=[
            _("Despite a failed check") if override == AGAINST else _("As rules and model said")
            for override in found.rows["override"]
        ],
        rate_text=["–" if pd.isna(each) else formats.percent(each) for each in found.rows["rate"]],
        count_text=[formats.count(each) for each in found.rows["borrowers"]],
        stands_out=["" if override != AGAINST else _OUT.get(found.verdict, "") for override in found.rows["override"]],
        thin=found.rows["borrowers"] == 0,
    )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: Any) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b> {row.rate_text}",
            _("{defaulted} of {borrowers} borrowers").format(
                defaulted=formats.count(row.defaulted), borrowers=row.count_text
            ),
            _("{granted} granted, {disbursed} of them disbursed").format(
                granted=formats.count(row.granted), disbursed=formats.count(row.disbursed)
            ),
        ]
    )


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    whole = float(rate(rows["defaulted"].sum(), rows["borrowers"].sum()))
    heads = {"book": _("All {rate}").format(rate=formats.percent(whole)), "rate": _("Rate"), "count": "n"}
    return segments_chart.segments(rows, book_rate=whole, heads=heads, height=HEIGHT)


def _columns() -> dict[str, Column]:
    metric = METRICS["override_default"]
    return {
        "label": Column(_("Granted"), pinned=True),
        "granted": Column(_("Applications"), Kind.COUNT),
        "disbursed": Column(_("Disbursed"), Kind.COUNT),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
    }


def _caption(rows: pd.DataFrame, significance: float) -> str:
    n = int(rows["borrowers"].sum())
    return " · ".join(
        [
            ngettext("n = {count} borrower", "n = {count} borrowers", n).format(count=formats.count(n)),
            _("Wilson {level}").format(level=formats.percent(1 - significance, 0)),
            _("every loan that a person granted, here or before; only what was granted has an outcome: what became of "
              "those declined nobody knows"),
        ]
    )  # fmt: skip
