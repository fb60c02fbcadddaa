"""The key figures as cards in rows: value, change, course, goal; each leads to the page behind it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from components import elsewhere, formats, printed
from components.language import _
from components.overview import deck, kpi_words
from components.overview.deck import Card
from components.overview.looked import looked_at
from components.view import View
from rules import like_for_like
from rules.kpi import Kpi
from rules.metrics import METRICS
from rules.working_time import WorkingHours

FIRST = 6  # cards of the first row


@dataclass(frozen=True)
class Told:
    """What the cards say: the figures, and a further line of some."""

    figures: Mapping[str, Kpi]
    notes: Mapping[str, str] = field(default_factory=dict)


def first(shown: View, cards: Sequence[Card], told: Told) -> None:
    """The first row of the cards that somebody sees, and what they are compared with."""
    row("first", shown, cards[:FIRST], told)
    st.caption(compared(shown))


def rest(shown: View, cards: Sequence[Card], told: Told) -> None:
    """The other cards."""
    row("rest", shown, cards[FIRST:], told)
    printed.definitions("kpis", {_(METRICS[card.metric].name): _(METRICS[card.metric].definition) for card in cards})


def row(name: str, shown: View, cards: Sequence[Card], told: Told) -> None:
    """Some cards beside each other, in as many rows as it takes."""
    if cards:
        with st.container(key=f"kpis-{name}", gap="small"):
            for card in cards:
                _card(shown, card, told)


def compared(shown: View) -> str:
    """Which months are looked at, against which, and how."""
    months = looked_at(shown)
    said = _("Sums of {months}, balances at its end").format(months=formats.months(months.first, months.last))
    if months.before is None:
        return said
    hours: WorkingHours = shown.policy.review.hours
    return " · ".join(
        [
            said,
            _("against {months}, by business day ({now} and {then}; a day off counts for what it brings)").format(
                months=formats.months(*months.before),
                now=_days(months.first, months.last, hours),
                then=_days(*months.before, hours),
            ),
            _("noise = no more than chance, or than months differ anyway"),
        ]
    )


def _card(shown: View, card: Card, told: Told) -> None:
    metric, missing = METRICS[card.metric], deck.missing(card, shown)
    found = told.figures.get(card.code, Kpi(card.code, float("nan")))
    with st.container(key=f"kpi-{card.code}", border=True, gap=None):
        st.metric(
            _(card.name),
            kpi_words.value(card, found.value),
            kpi_words.change(card, found.change),
            delta_color=kpi_words.colour(card, found.change),
            delta_arrow=kpi_words.arrow(found.change),
            delta_description=kpi_words.judged(found.change) or None,
            help=_("**{metric}**: {definition}").format(metric=_(metric.name), definition=_(metric.definition)),
            chart_data=[each for each in found.series if not math.isnan(each)] or None,
        )
        for line in _lines(card, found, told.notes.get(card.code, ""), missing):
            st.caption(line)
        elsewhere.link(shown, card.page, _("{figure}: look behind it").format(figure=_(card.name)), card.behind(shown))


def _lines(card: Card, found: Kpi, note: str, missing: Sequence[str]) -> list[str]:
    if missing:
        return [_("needs {tables}").format(tables=", ".join(f"`{name}`" for name in missing))]
    return [line for line in (kpi_words.goal(card, found.goal), note) if line]


def _days(first: date, last: date, hours: WorkingHours) -> str:
    return formats.count(like_for_like.business_days(first, last, hours))
