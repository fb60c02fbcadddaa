"""What if the price or the cut-off were another one? What would be left, everything else held."""

import math
from collections.abc import Sequence

import pandas as pd

from components import cards, formats, tables, theme
from components.charts.segments import amounts, segments
from components.language import _, dimension_name
from components.rates.price import choices, words
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules.margins import Change
from rules.metrics import METRICS
from rules.worth import Verdict

HEIGHT = 340
_FIT = 12
_KEY = "trial"
_JUDGED = {Verdict.EARNS: "above", Verdict.LOSES: "below"}


def draw(
    shown: View, tried: pd.DataFrame, now: pd.Series, then: pd.Series, change: Change, bands: Sequence[str], code: str
) -> None:
    """Draw the card.

    tried: `rules.margins.margins` under the change, with a label and now_ratio, what is left today; now, then: of all
    segments together; bands: score bands that occur, the lowest first.
    """
    metric = METRICS["price_margin"]
    card = cards.begin(_KEY, title=_("What if it cost more, or less?"), definition=_(metric.definition))
    with card.controls:
        choices.draw(bands)
    card.answer(
        sentence(now, then, change),
        height=HEIGHT,
        figure=lambda: _figure(tried, code),
        table=lambda height: tables.show(tried, _columns(code), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} borrowers").format(count=formats.count(int(then["borrowers"]))),
                words.held(),
                _("a cut-off takes its loans away, nothing else; loans without a score stay"),
                _("¥ a year of ¥100 lent"),
            ]
        ),
    )


def sentence(now: pd.Series, then: pd.Series, change: Change) -> str:
    """What is left under the change beside what is left now, and how much lending it costs."""
    if not change.points and not change.refused:
        return _(
            "Choose another spread or a cut-off: what is left of each segment is then told with everything else held. "
            "Nothing is missing or left at an all-in rate of **{rate}**."
        ).format(rate=_percent(now["break_even_ratio"]))
    said = {
        "after": _percent(then["margin_ratio"]),
        "before": _percent(now["margin_ratio"]),
        "amount": formats.money(_fen(then["margin_fen"])),
        "was": formats.money(_fen(now["margin_fen"])),
    }
    told = _("**{after}** a year would be left rather than {before}, {amount} rather than {was}.")
    fewer = int(now["borrowers"] - then["borrowers"])
    if not fewer:
        return sentences(told.format(**said), _("That is if nobody leaves or repays otherwise for it."))
    return sentences(
        told.format(**said),
        _("It takes {count} borrowers and {share} of the lending away.").format(
            count=formats.count(fewer),
            share=formats.percent(1 - then["principal_fen"] / now["principal_fen"]),
        ),
    )


def _fen(value: float) -> int:
    return 0 if math.isnan(value) else round(value)


def _percent(ratio: float) -> str:
    return "–" if math.isnan(ratio) else formats.percent(ratio)


def _figure(tried: pd.DataFrame, code: str) -> None:
    kept = tried.loc[tried["borrowers"] > 0]
    kept = kept.loc[kept.index.isin(kept.nlargest(_FIT, "lent_year_fen").index)]
    rows = pd.DataFrame(
        {
            "segment": kept["segment"],
            "label": kept["label"],
            "rate": kept["margin_ratio"] * words.HUNDRED_FEN,
            "low": kept["margin_low_ratio"] * words.HUNDRED_FEN,
            "high": kept["margin_high_ratio"] * words.HUNDRED_FEN,
            "stands_out": [_JUDGED.get(verdict, "") for verdict in kept["verdict"]],
            "thin": kept["thin"],
            "rate_text": [_percent(ratio) for ratio in kept["margin_ratio"]],
            "count_text": [_percent(ratio) for ratio in kept["now_ratio"]],
            "hover": [
                _("<b>{label}</b> {after}, now {before}").format(
                    label=row.label, after=_percent(row.margin_ratio), before=_percent(row.now_ratio)
                )
                for row in kept.itertuples()
            ],
        }
    )
    heads = {"book": "", "rate": _("Tried"), "count": _("Now")}
    made = segments(rows, book_rate=0.0, heads=heads, height=HEIGHT, judged=theme.WELCOME, axis=amounts)
    cards.chart(made, f"{_KEY}-{code}")


def _columns(code: str) -> dict[str, Column]:
    metric = METRICS["price_margin"]
    return {
        "label": Column(dimension_name(code), pinned=True),
        "margin_ratio": Column(_("Tried"), Kind.RATIO, help=_(metric.definition)),
        "margin_low_ratio": Column(_("From"), Kind.RATIO),
        "margin_high_ratio": Column(_("To"), Kind.RATIO),
        "now_ratio": Column(_("Now"), Kind.RATIO),
        "charge_ratio": Column(_("All-in rate tried"), Kind.RATIO),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "margin_fen": Column(_("Left within the horizon"), Kind.FEN),
    }
