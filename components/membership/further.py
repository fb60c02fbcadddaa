"""Who gets further? The conversion of every segment side by side, each held against all others."""

from functools import partial
from typing import Any

import pandas as pd

from components import cards, formats, states
from components.charts import segments as segments_chart
from components.language import _, dimension_name, ngettext, value_label
from components.membership import funnel_choices
from components.membership.funnel_choices import Chosen
from components.membership.funnel_words import between, step_name
from components.rates import rate_rows
from components.tables import Column, Kind
from components.theme import WELCOME
from components.view import View
from rules import funnel
from rules.dimensions import CURRENT_TIER, UNKNOWN
from rules.metrics import METRICS

HEIGHT = 250
_FIT = 9  # rows that the height holds


def draw(shown: View, chosen: Chosen, segments: pd.DataFrame | None) -> None:
    """Draw the card. segments: `queries.funnel.reached` by the chosen dimension; None where the book records none."""
    conversion, display = (chosen.first, chosen.last), shown.policy.display
    definition = METRICS["segment_conversion"].definition
    card = cards.begin(
        "further",
        title=_("Who gets further?"),
        of=between(*conversion),
        definition=_(definition),
    )
    if segments is None:
        with card.frame:
            states.unrecorded("member")
        return
    with card.controls:
        funnel_choices.draw_by(shown.book)
    told = segments.loc[segments[chosen.by] != UNKNOWN]
    unknown = int(segments["members"].sum() - told["members"].sum()) if len(told) else 0
    told = told if len(told) else segments
    found = funnel.segments(told, chosen.by, chosen.steps, conversion, display.significance, display.thin_borrowers)
    if found.empty:
        with card.frame:
            states.nothing(_("Nobody came to the first of these steps."))
        return
    rows = _with_texts(found, chosen.by, shown)
    drawn = _fitting(rows)
    clicked = dict(shown.filters.drill).get(chosen.by, "")
    key = f"further-{chosen.by}-{clicked}"
    whole = float(rows["rate"].iloc[0] - rows["difference_to_all"].iloc[0])
    heads = {
        "book": _("All {rate}").format(rate=formats.percent(whole)),
        "rate": _("Conversion"),
        "count": _("Members"),
    }
    made = partial(
        segments_chart.segments, drawn, book_rate=whole, heads=heads, height=HEIGHT, chosen=clicked, judged=WELCOME
    )

    def figure() -> None:
        rate_rows.chart(made(), key, (chosen.by,))

    def table(height: int) -> None:
        rate_rows.table(
            rows, _columns(chosen.by), key=f"{key}-rows", height=height, codes=(chosen.by,), segments=["segment"]
        )

    card.answer(
        sentence(rows, chosen.by, conversion),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=_caption(rows, drawn, chosen, unknown, display.significance),
    )


def sentence(rows: pd.DataFrame, by: str, conversion: tuple[str, str]) -> str:
    """The segment furthest above the others, and the one furthest below, of those that stand out."""
    found = rows.loc[rows["stands_out"] != ""].sort_values("difference_to_all")
    if found.empty:
        return _("No value of {dimension} differs from the others by more than noise.").format(
            dimension=f"**{dimension_name(by)}**"
        )
    best, worst = found.iloc[-1], found.iloc[0]
    steps = {"first": step_name(conversion[0]), "last": step_name(conversion[1])}
    if best["stands_out"] == worst["stands_out"]:
        row = best if best["stands_out"] == "above" else worst
        text = (
            _("**{segment}** gets further: **{rate}** ({interval}) go from {first} to {last}; not noise.")
            if row["stands_out"] == "above"
            else _("**{segment}** falls behind: **{rate}** ({interval}) go from {first} to {last}; not noise.")
        )
        return text.format(
            segment=row["label"], rate=row["rate_text"], interval=formats.interval(row["low"], row["high"]), **steps
        )
    return _("**{best}** gets furthest, **{best_rate}**, **{worst}** least far, **{worst_rate}**; not noise.").format(
        best=best["label"], best_rate=best["rate_text"], worst=worst["label"], worst_rate=worst["rate_text"]
    )


def _with_texts(found: pd.DataFrame, by: str, shown: View) -> pd.DataFrame:
    rows = found.assign(
        label=[value_label(by, value, shown.book) for value in found["segment"]],
        rate_text=[formats.percent(rate) for rate in found["rate"]],
        count_text=[formats.count(count) for count in found["entered"]],
        verdict=[rate_rows.judged(status) for status in found["stands_out"]],
    )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: Any) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b> {row.rate_text} ({formats.interval(row.low, row.high)})",
            _("{converted} of {entered} members").format(
                converted=formats.count(row.converted), entered=row.count_text
            ),
            _("{points} to all").format(points=formats.points(row.difference_to_all)),
        ]
    )


def _fitting(rows: pd.DataFrame) -> pd.DataFrame:
    """As many rows as the height holds: those that stand out before others, then those with the most members."""
    ranked = rows.assign(silent=rows["stands_out"] == "").sort_values(
        ["silent", "entered"], ascending=[True, False], kind="stable"
    )
    return rows.loc[rows.index.isin(ranked.index[:_FIT])].sort_values("rate", ascending=False, kind="stable")


def _caption(rows: pd.DataFrame, drawn: pd.DataFrame, chosen: Chosen, unknown: int, significance: float) -> str:
    said = [
        ngettext("{count} segment", "{count} segments", len(rows)).format(count=len(rows))
        + _(", Benjamini-Hochberg at {level}").format(level=formats.percent(significance, 0)),
        _("whisker = Wilson {level}").format(level=formats.percent(1 - significance, 0)),
    ]
    if len(drawn) < len(rows):
        said.insert(0, _("{shown} of {all} drawn, the table has all").format(shown=len(drawn), all=len(rows)))
    if unknown:
        said.append(_("left out: {count} members of whom it is not recorded").format(count=formats.count(unknown)))
    if chosen.by == CURRENT_TIER.code:
        said.append(_("today's tier came after these steps: it does not say what a tier brings about"))
    elif chosen.first != chosen.steps[0]:
        said.append(_("counted from {step} on, for this tier is not known before").format(step=step_name(chosen.first)))
    return " · ".join(said)


def _columns(by: str) -> dict[str, Column]:
    metric = METRICS["segment_conversion"]
    return {
        "label": Column(dimension_name(by), pinned=True),
        "rate": Column(_("Conversion"), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO, help=_("Lower end of the Wilson interval")),
        "high": Column(_("To"), Kind.RATIO, help=_("Upper end of the Wilson interval")),
        "entered": Column(_("Came to the first"), Kind.COUNT),
        "converted": Column(_("Came to the second"), Kind.COUNT),
        "difference_to_all": Column(_("Difference to all"), Kind.POINTS),
        "verdict": Column(_("Stands out")),
        "q_value": Column(_("q-value"), Kind.DECIMAL, help=_("Benjamini-Hochberg over all values of the dimension")),
    }
