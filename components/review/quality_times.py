"""How long does a decision take? Quartiles of working time, cases that still wait counted for as long as they have."""

from typing import Any

import pandas as pd

from components import cards, formats, tables
from components.charts.spans import spans
from components.language import _, value_label
from components.review import quality_words
from components.review.quality import Quality
from components.review.queue_choices import CAUSES
from components.tables import Column, Kind
from components.view import View
from rules import dimensions, review_quality_times
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "quality-times"
_HOUR = 3600.0
_LEAST = 60.0  # seconds that a logarithmic axis begins with
_TICKS_H = (1 / 12, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)
_EVERYTHING = "all"


def draw(shown: View, quality: Quality) -> None:
    """Draw the card."""
    metric = METRICS["time_to_decide"]
    card = cards.begin(_KEY, title=_("How long does a decision take?"), definition=_(metric.definition))
    groups = _groups(quality.cases, shown)
    confidence = 1 - shown.policy.display.significance
    found = review_quality_times.quantiles(groups, confidence)
    if quality.cases.empty or not quality.cases["decided"].any():
        quality_words.nothing(card, _("No case that was opened in this time is decided yet."))
        return
    deadline = shown.policy.review.deadline_working_hours * _HOUR
    rows = _with_texts(found, deadline, shown)
    card.answer(
        sentence(rows.iloc[0]),
        height=HEIGHT,
        figure=lambda: cards.chart(spans(rows, ticks=_ticks(rows), head=_("half within"), height=HEIGHT), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=_caption(rows.iloc[0], quality),
    )


def sentence(row: Any) -> str:
    """The median with its interval, and the quartile above it."""
    if pd.isna(row.q50):
        return _("Fewer than half of the cases are decided so far; a quarter were within **{quarter}**.").format(
            quarter=row.q25_text or "–"
        )
    text = _("Half are decided within **{half}** of working time")
    if not pd.isna(row.q50_low) and not pd.isna(row.q50_high):
        text += " ({low}–{high})"
    text += _(", three quarters within {most}.") if row.q75_text else _("; three quarters are not decided yet.")
    return text.format(half=row.text, most=row.q75_text, low=row.q50_low_text, high=row.q50_high_text)


def _groups(cases: pd.DataFrame, shown: View) -> dict[str, pd.DataFrame]:
    """All cases, then by why they are reviewed, then by product; groups of one value add nothing."""
    groups = {_EVERYTHING: cases}
    for column in ("opened_for", "product"):
        values = sorted(str(value) for value in cases[column].unique() if value)
        if len(values) > 1:
            groups |= {f"{column}:{value}": cases.loc[cases[column] == value] for value in values}
    return groups


def _named(group: str, shown: View) -> str:
    column, _colon, value = group.partition(":")
    if group == _EVERYTHING:
        return _("All cases")
    if column == "product":
        return value_label(dimensions.PRODUCT.code, value, shown.book)
    return _(CAUSES.get(value, value))


def _with_texts(found: pd.DataFrame, deadline: float, shown: View) -> pd.DataFrame:
    names = [f"q{round(q * 100)}" for q in review_quality_times.QUANTILES]
    rows = found.assign(
        step=found["group"],
        label=[_named(group, shown) for group in found["group"]],
        **{name: found[name].clip(lower=_LEAST) for name in names},
        window=deadline,
        **{
            f"{name}_text": ["" if pd.isna(at) else quality_words.worked(at) for at in found[name]]
            for name in (*names, "q50_low", "q50_high")
        },
    )
    rows = rows.assign(text=rows["q50_text"])
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: Any) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b>",
            _("half within {half}").format(half=row.text),
            _("middle half {first} to {last}").format(first=row.q25_text, last=row.q75_text or "…"),
            _("{decided} of {cases} cases decided").format(
                decided=formats.count(row.decided), cases=formats.count(row.cases)
            ),
        ]
    )


def _ticks(rows: pd.DataFrame) -> list[tuple[float, str]]:
    first, last = float(rows["q10"].min()), float(rows[["q90", "q75", "q50", "window"]].max().max())
    within = [hours * _HOUR for hours in _TICKS_H if first / 2 <= hours * _HOUR <= last * 1.5]
    return [(tick, quality_words.worked(tick)) for tick in within]


def _caption(row: Any, quality: Quality) -> str:
    waiting = int(row.cases - row.decided)
    said = [
        _("n = {cases} cases opened in this time, {waiting} of them not decided").format(
            cases=formats.count(int(row.cases)), waiting=formats.count(waiting)
        ),
        _("dot = half, thick = middle half, thin = 10th to 90th in a hundred, dotted = deadline"),
        _("working time without pauses; who waits still is reckoned with (Kaplan-Meier)")
        if quality.chosen.ours
        else _("working time from application to decision; pauses are not on record"),
    ]
    return " · ".join(said)


def _columns() -> dict[str, Column]:
    metric = METRICS["time_to_decide"]
    return {
        "label": Column(_("Cases"), pinned=True),
        "cases": Column(_("Opened"), Kind.COUNT),
        "decided": Column(_("Decided"), Kind.COUNT),
        "q50_text": Column(_("Half within"), help=_(metric.definition)),
        "q50_low_text": Column(_("From")),
        "q50_high_text": Column(_("To")),
        "q25_text": Column(_("A quarter within")),
        "q75_text": Column(_("Three quarters within")),
        "q10_text": Column(_("A tenth within")),
        "q90_text": Column(_("Nine tenths within")),
    }
