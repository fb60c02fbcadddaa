"""Does the score still rank? How fast the defaulted and the good pile up from the riskiest score on."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line, Ticks
from components.filters.words import default_in_words
from components.language import _
from components.rates.score import choices
from components.tables import Column, Kind
from components.view import View
from rules import score_power
from rules.metrics import METRICS
from rules.score_power import Power

HEIGHT = 250
_KEY = "power"
_POINTS = 120  # of a drawn curve


def draw(shown: View, outcomes: pd.DataFrame, models: Sequence[str]) -> None:
    """Draw the card. outcomes: `queries.scores.outcomes` of the chosen model."""
    gini, ks = METRICS["gini"], METRICS["ks"]
    default = default_in_words(shown.selection.definition, shown.selection.horizon)
    found = None if outcomes.empty else score_power.power(outcomes, significance=shown.policy.display.significance)
    is_told = found is not None and not math.isnan(found.found.gini)
    card = cards.begin(
        _KEY,
        of=default,
        title=_("Does the score still rank?"),
        definition=f"{_(gini.definition)} {_(ks.name)}: {_(ks.definition)}",
        tabular=is_told,
    )
    if models:
        with card.controls:
            choices.draw_model(models)
    if found is None or not is_told:
        with card.frame:
            untold(shown, outcomes)
        return
    points = curve(outcomes)
    card.answer(
        sentence(found, choices.model(models), shown.policy.display.thin_borrowers),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(points), _KEY),
        table=lambda height: tables.show(points, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} borrowers, {defaulted} defaulted").format(
                    count=formats.count(found.borrowers), defaulted=formats.count(found.defaulted)
                ),
                _("granted loans alone: of the stopped nobody knows"),
                _("interval by DeLong, {level}").format(
                    level=formats.percent(1 - shown.policy.display.significance, 0)
                ),
            ]
        ),
    )


def untold(shown: View, outcomes: pd.DataFrame) -> None:
    """Why nothing can be said of a score."""
    if "score" in shown.book.missing_tables:
        states.empty(["score"])
    elif outcomes.empty:
        states.nothing(_("No scored loan that passes the filters has been observed for the horizon."))
    else:
        states.nothing(_("Ranking needs borrowers who defaulted and borrowers who did not; here are only one kind."))


def sentence(found: Power, model: str, thin: int) -> str:
    """Gini with its interval, KS, and whether it ranks at all."""
    said = {
        "model": model,
        "gini": formats.index(found.found.gini),
        "low": formats.index(found.low),
        "high": formats.index(found.high),
        "ks": formats.index(found.found.ks),
        "auc": formats.index(found.found.auc),
    }
    if found.defaulted < thin / 2 and found.low <= 0 <= found.high:
        return _(
            "**{model}** has a Gini of {gini} ({low} to {high}): too few defaults to say whether it ranks."
        ).format(**said)
    if found.low > 0:
        return _("**{model}** ranks with a Gini of **{gini}** ({low} to {high}); KS {ks}, AUC {auc}.").format(**said)
    if found.high < 0:
        return _(
            "**{model}** ranks **the wrong way round**: Gini {gini} ({low} to {high}), higher scores default more."
        ).format(**said)
    return _("**{model}** can't be told from a coin: Gini {gini} ({low} to {high}).").format(**said)


def curve(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The share of the defaulted and of the good at or below each score, rising.

    Columns: score; defaulted_share, good_share (0-1); apart.
    """
    rows = outcomes.sort_values("score")
    bad, good = rows["defaulted"].cumsum(), (rows["borrowers"] - rows["defaulted"]).cumsum()
    found = pd.DataFrame(
        {
            "score": rows["score"],
            "defaulted_share": bad / bad.iloc[-1],
            "good_share": good / good.iloc[-1],
            "borrowers": rows["borrowers"],
            "defaulted": rows["defaulted"],
        }
    ).reset_index(drop=True)
    return found.assign(apart=found["defaulted_share"] - found["good_share"])


@base.drawn_once
def _figure(points: pd.DataFrame) -> go.Figure:
    widest = int(points["apart"].abs().to_numpy().argmax())
    kept = sorted({*np.linspace(0, len(points) - 1, min(_POINTS, len(points))).astype(int).tolist(), widest})
    rows = points.iloc[kept].assign(low=float("nan"), high=float("nan"), thin=False)
    hover = [
        _("score {score}: {bad} of the defaulted, {good} of the others").format(
            score=formats.index(row.score, 0),
            bad=formats.percent(row.defaulted_share),
            good=formats.percent(row.good_share),
        )
        for row in rows.itertuples()
    ]
    rows = rows.assign(x=rows["score"], hover=hover)
    drawn = [
        Line(rows.assign(y=rows["good_share"]), "", "", theme.UNCERTAIN),
        Line(rows.assign(y=rows["defaulted_share"]), "", "", theme.BAD),
    ]
    first, last = float(rows["x"].min()), float(rows["x"].max())
    step = next(each for each in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 1000) if (last - first) / each <= 7)
    places = [step * place for place in range(math.ceil(first / step), math.floor(last / step) + 1)]
    ticks = Ticks(places, [f"{place:g}" for place in places], _("score"), last, first)
    made = lines_chart.lines(drawn, ticks=ticks, height=HEIGHT, beside=False)
    row = points.iloc[widest]
    made.add_shape(
        type="line", x0=row["score"], x1=row["score"], y0=row["good_share"], y1=row["defaulted_share"],
        line={"color": theme.TEXT, "width": 2, "dash": "dot"},
    )  # fmt: skip
    for place, text, colour in (
        (0.02, _("■ defaulted"), theme.BAD),
        (0.36, _("■ others"), theme.UNCERTAIN),
        (0.64, _("KS {ks} at {score}").format(
            ks=formats.index(abs(row["apart"])), score=formats.index(row["score"], 0)), theme.TEXT),
    ):  # fmt: skip
        made.add_annotation(
            x=place, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom", text=text, showarrow=False,
            font={"size": 12, "color": colour},
        )  # fmt: skip
    made.update_layout(margin_t=24)
    return made


def _columns() -> dict[str, Column]:
    return {
        "score": Column(_("Score"), Kind.DECIMAL, pinned=True),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "defaulted_share": Column(_("Of the defaulted, up to here"), Kind.RATIO),
        "good_share": Column(_("Of the others, up to here"), Kind.RATIO),
        "apart": Column(_("Apart"), Kind.POINTS),
    }
