"""Does the score predict what comes? Per band what it said, and what came of it."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.segments import segments
from components.filters.words import default_in_words
from components.language import _, value_label
from components.rates.score import power
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import score_power
from rules.bands import labels
from rules.dimensions import SCORE_BAND
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "calibration"
_TICK = 0.36  # of a row, each way


def draw(shown: View, outcomes: pd.DataFrame, model: str) -> None:
    """Draw the card. outcomes: `queries.scores.outcomes` of the model."""
    metric, display, edges = METRICS["calibration"], shown.policy.display, shown.policy.bands.score
    found = score_power.calibration(
        outcomes, edges, significance=display.significance, thin=display.thin_borrowers
    ).assign(label=lambda rows: band_names(rows["band"], edges))
    card = cards.begin(
        _KEY,
        of=default_in_words(shown.selection.definition, shown.selection.horizon),
        title=_("Does the score predict what comes?"),
        definition=_(metric.definition),
        tabular=not found.empty,
    )
    if found.empty:
        with card.frame:
            if outcomes.empty:
                power.untold(shown, outcomes)
            else:
                states.unrecorded("score.default_probability")
        return
    card.answer(
        sentence(found, model),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), _KEY),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} borrowers").format(count=formats.count(int(found["borrowers"].sum()))),
                _("┃ = predicted, ○ = came, Jeffreys {level}").format(
                    level=formats.percent(1 - display.significance, 0)
                ),
                _("a prediction is of the model's own horizon, mostly a year: hold it against 12 months"),
            ]
        ),
    )


def band_names(bands: "pd.Series[int]", edges: Sequence[int]) -> list[str]:
    """What bands are called, by their lower edges; the first holds what lies below it too."""
    names = dict(zip(edges, labels(edges)[1:], strict=True))
    return [value_label(SCORE_BAND.code, names[band]) for band in bands]


def sentence(found: pd.DataFrame, model: str) -> str:
    """All bands together, and those that break the promise by more than noise."""
    borrowers = int(found["borrowers"].sum())
    promised = float((found["expected"] * found["borrowers"]).sum() / borrowers)
    told = _("**{model}** predicted **{expected}** default, **{rate}** came.").format(
        model=model,
        expected=formats.percent(promised),
        rate=formats.percent(int(found["defaulted"].sum()) / borrowers),
    )
    worse, better = (list(found.loc[found["stands_out"] == side, "label"]) for side in ("above", "below"))
    if not worse and not better:
        return sentences(told, _("In no band is the difference more than noise."))
    return sentences(
        told,
        _("**More default than predicted**: {bands}.").format(bands=_(", ").join(worse)) if worse else "",
        _("Less than predicted: {bands}.").format(bands=_(", ").join(better)) if better else "",
    )


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    rows = found.assign(
        segment=found["label"],
        rate_text=[formats.percent(rate) for rate in found["rate"]],
        count_text=[formats.percent(rate) for rate in found["expected"]],
        hover=[_hover(row) for row in found.itertuples()],
    )
    total = float((found["expected"] * found["borrowers"]).sum() / found["borrowers"].sum())
    heads = {"book": "", "rate": _("Came"), "count": _("Predicted")}
    made = segments(rows, book_rate=total, heads=heads, height=HEIGHT)
    for place, expected in enumerate(found["expected"]):
        made.add_shape(
            type="line", x0=expected, x1=expected, y0=place - _TICK, y1=place + _TICK,
            line={"color": theme.ACCENT, "width": 3},
        )  # fmt: skip
    highest = max(made.layout.xaxis.range[1], float(found["expected"].max()) * 1.08)
    made.update_xaxes(range=[-0.02 * highest, highest])
    return made


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b> {formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
            _("predicted {expected}").format(expected=formats.percent(row.expected)),
            _("{defaulted} of {borrowers} borrowers").format(
                defaulted=formats.count(row.defaulted), borrowers=formats.count(row.borrowers)
            ),
        ]
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["calibration"]
    return {
        "label": Column(_("Score band"), pinned=True),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "expected": Column(_("Predicted"), Kind.RATIO, help=_(metric.definition)),
        "rate": Column(_("Came"), Kind.RATIO),
        "low": Column(_("From"), Kind.RATIO, help=_("Lower end of the Jeffreys interval")),
        "high": Column(_("To"), Kind.RATIO, help=_("Upper end of the Jeffreys interval")),
        "underestimates": Column(
            _("Jeffreys p-value"),
            Kind.DECIMAL,
            help=_("One-sided, that the prediction is not too low: small where more default came than predicted"),
        ),
        "q_value": Column(_("q-value"), Kind.DECIMAL, help=_("Two-sided, Benjamini-Hochberg over the bands")),
    }
