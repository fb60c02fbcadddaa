"""Would another model rank better? Two models on the very same borrowers."""

import math
from collections.abc import Sequence

import pandas as pd

from components import cards, formats, states, tables, theme
from components.charts.segments import numbers, segments
from components.filters.words import default_in_words
from components.language import _
from components.rates.score import choices
from components.tables import Column, Kind
from components.view import View
from rules import score_power
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.score_power import Compared, Power

HEIGHT = 150
_KEY = "challenger"


def draw(shown: View, pairs: pd.DataFrame | None, models: Sequence[str]) -> None:
    """Draw the card. pairs: `queries.scores.against` of the two chosen models; None where there is no second one."""
    metric, display = METRICS["gini_difference"], shown.policy.display
    found = None
    if pairs is not None and len(pairs):
        found = score_power.compared(pairs, significance=display.significance)
        found = None if math.isnan(found.difference) else found
    card = cards.begin(
        _KEY,
        of=default_in_words(shown.selection.definition, shown.selection.horizon),
        title=_("Would another model rank better?"),
        definition=_(metric.definition),
        tabular=found is not None,
    )
    if pairs is not None:
        with card.controls:
            choices.draw_other(models)
    if found is None:
        with card.frame:
            _nothing(shown, pairs)
        return
    names = choices.model(models), str(choices.other(models))
    rows = _rows(found, names, display.thin_borrowers)
    card.answer(
        sentence(found, names),
        height=HEIGHT,
        figure=lambda: _figure(rows, found.verdict),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} borrowers whose loan both scored, {defaulted} defaulted").format(
                    count=formats.count(found.first.borrowers), defaulted=formats.count(found.first.defaulted)
                ),
                _("interval and test by DeLong, the same borrowers under both"),
                _("granted by the first: the second is seen on those alone"),
            ]
        ),
    )


def sentence(found: Compared, names: tuple[str, str]) -> str:
    """Which one ranks better, where that is more than noise."""
    said = {
        "first": names[0],
        "second": names[1],
        "one": formats.index(found.first.found.gini),
        "other": formats.index(found.second.found.gini),
        "gap": formats.index(abs(found.difference)),
        "low": formats.index(found.low),
        "high": formats.index(found.high),
    }
    return {
        Verdict.HIGHER: _(
            "**{second} ranks better**: Gini {other} against {one} of {first} on the same borrowers, {gap} more "
            "({low} to {high}); the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{second} ranks worse**: Gini {other} against {one} of {first} on the same borrowers, {gap} less "
            "({low} to {high}); the difference is not noise."
        ),
    }.get(
        found.verdict,
        _(
            "**{second}** has a Gini of {other}, {first} of {one} on the same borrowers: the difference is no more "
            "than noise."
        ),
    ).format(**said)


def _nothing(shown: View, pairs: pd.DataFrame | None) -> None:
    if "score" in shown.book.missing_tables:
        states.empty(["score"])
    elif pairs is None:
        states.nothing(_("One model alone scored the loans of this book: `score.model_version` names no other."))
    else:
        states.nothing(
            _("The two models scored too few of the same loans, or nobody of them defaulted: widen the filters.")
        )


def _rows(found: Compared, names: tuple[str, str], thin: int) -> pd.DataFrame:
    return pd.DataFrame([_row(name, each, thin) for name, each in zip(names, (found.first, found.second), strict=True)])


def _row(name: str, each: Power, thin: int) -> dict[str, object]:
    return {
        "segment": name, "label": name, "rate": each.found.gini, "low": each.low, "high": each.high,
        "ks": each.found.ks, "auc": each.found.auc, "borrowers": each.borrowers, "defaulted": each.defaulted,
        "thin": each.borrowers < thin,
    }  # fmt: skip


def _figure(rows: pd.DataFrame, told: Verdict) -> None:
    side = {Verdict.HIGHER: "above", Verdict.LOWER: "below"}.get(told, "")
    first, second = rows["rate"]
    drawn = rows.assign(
        stands_out=["", side],
        rate_text=[
            formats.index(first),
            f"{theme.MARKS[side]} {formats.index(second)}" if side else formats.index(second),
        ],
        count_text=[formats.index(ks) for ks in rows["ks"]],
        hover=[
            f"<b>{row.label}</b> {formats.index(row.rate)} ({formats.index(row.low)}–{formats.index(row.high)})"
            for row in rows.itertuples()
        ],
    )
    gini, ks = METRICS["gini"], METRICS["ks"]
    heads = {"book": "", "rate": _(gini.name), "count": _(ks.name)}
    cards.chart(
        segments(drawn, book_rate=0.0, heads=heads, height=HEIGHT, judged=theme.WELCOME, axis=numbers, marked=False),
        _KEY,
    )


def _columns() -> dict[str, Column]:
    gini, ks = METRICS["gini"], METRICS["ks"]
    return {
        "label": Column(_("Model"), pinned=True),
        "rate": Column(_(gini.name), Kind.DECIMAL, help=_(gini.definition)),
        "low": Column(_("From"), Kind.DECIMAL),
        "high": Column(_("To"), Kind.DECIMAL),
        "ks": Column(_(ks.name), Kind.DECIMAL, help=_(ks.definition)),
        "auc": Column(_("AUC"), Kind.DECIMAL),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
    }
