"""Would somebody else decide the same? Second decisions, and second looks by people who did not know of the first."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables, theme
from components.charts import base
from components.charts import segments as segments_chart
from components.language import _
from components.review import quality_words
from components.review.quality import Quality
from components.tables import Column, Kind
from components.view import View
from rules import review_quality, review_quality_agreement
from rules.metrics import METRICS
from rules.review_quality_agreement import Agreement

HEIGHT = 150
_KEY = "quality-agreement"
_SECOND, _BLIND = "second", "blind"


def draw(shown: View, quality: Quality) -> None:
    """Draw the card."""
    metric, confidence = METRICS["decision_kappa"], 1 - shown.policy.display.significance
    card = cards.begin(_KEY, title=_("Would somebody else decide the same?"), definition=_(metric.definition))
    found = {
        _SECOND: review_quality_agreement.agreement(review_quality.pairs(quality.rows), confidence),
        _BLIND: review_quality_agreement.agreement(_blind(quality), confidence),
    }
    if not any(each.pairs for each in found.values()):
        text = (
            _("No case was decided by two people in this time. Of decided cases {share} are drawn to be decided again "
              "by somebody who does not see the first decision.")
            if quality.chosen.ours
            else _("What was decided before Loanboard names nobody, so this is not known.")
        )  # fmt: skip
        share = formats.percent(shown.policy.review.blind_sample_ratio, 0)
        quality_words.nothing(card, text.format(share=share))
        return
    rows = pd.DataFrame([_row(code, each) for code, each in found.items() if each.pairs])
    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("kappa = agreement beyond chance by outcome, {level}").format(level=formats.percent(confidence, 0)),
                _("second decisions know the first; second looks do not, and are the fair measure"),
            ]
        ),
    )


def sentence(found: dict[str, Agreement]) -> str:
    """How many of the pairs agree, the unknowing ones first."""
    said = []
    for code, text in (
        (_BLIND, _("Not knowing the first decision, **{agreed}** of {pairs} decided the same (kappa {kappa}).")),
        (_SECOND, _("Of second decisions **{agreed}** of {pairs} were the same (kappa {kappa}).")),
    ):
        each = found[code]
        if each.pairs:
            kappa = "–" if pd.isna(each.kappa) else formats.index(each.kappa)
            said.append(text.format(agreed=formats.count(each.agreed), pairs=formats.count(each.pairs), kappa=kappa))
    return " ".join(said)


def _blind(quality: Quality) -> list[tuple[str, str]]:
    if not quality.chosen.ours:
        return []
    officer = quality.chosen.officer
    return [
        (pair.first.value, pair.second.value)
        for pair in quality.blind
        if officer in {review_quality.ALL, pair.first_by, pair.second_by}
    ]


def _row(code: str, found: Agreement) -> dict[str, Any]:
    label = _("Second decisions") if code == _SECOND else _("Second looks, unknowing")
    kappa = "–" if pd.isna(found.kappa) else formats.index(found.kappa)
    raw = f"{formats.percent(found.raw)} ({formats.interval(found.raw_low, found.raw_high)})"
    return {
        "segment": code, "label": label, "pairs": found.pairs, "agreed": found.agreed, "raw": found.raw,
        "raw_low": found.raw_low, "raw_high": found.raw_high, "rate": found.kappa, "low": found.kappa_low,
        "high": found.kappa_high, "stands_out": "", "thin": False, "rate_text": kappa,
        "count_text": formats.count(found.pairs),
        "hover": "<br>".join([f"<b>{label}</b> kappa {kappa}", _("the same: {share}").format(share=raw)]),
    }  # fmt: skip


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    heads = {"book": _("1 = always"), "rate": "kappa", "count": "n"}
    return segments_chart.segments(
        rows, book_rate=1.0, heads=heads, height=HEIGHT, judged={"": theme.ACCENT}, axis=segments_chart.numbers
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["decision_kappa"]
    return {
        "label": Column(_("Decided twice"), pinned=True),
        "pairs": Column(_("Pairs"), Kind.COUNT),
        "agreed": Column(_("The same"), Kind.COUNT),
        "raw": Column(_("Share the same"), Kind.RATIO),
        "rate": Column(_(metric.name), Kind.DECIMAL, help=_(metric.definition)),
        "low": Column(_("From"), Kind.DECIMAL),
        "high": Column(_("To"), Kind.DECIMAL),
    }
