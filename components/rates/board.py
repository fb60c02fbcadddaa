"""The part by segment: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import cards, states
from components.filters.words import default_in_words
from components.language import _
from components.rates import dimension_choice, groups, pairs, segments, totals
from components.rates.dimension_choice import Choice
from components.view import View
from rules import default_rates as rates
from rules import group_comparison
from rules.default_rates import Headline
from rules.metrics import METRICS

COLUMNS = (1.13, 1)

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, by: Choice, across: Choice, answer: Headline, frames: Frames) -> None:
    """Draw the part but for the loans.

    frames: totals, whole and, where the book can answer them, segments, pairs and strata: what the statements of those
    names return.
    """
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        _segments(shown, by, frames)
    with right:
        _pairs(shown, by.code, across, frames)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        _groups(shown, by.code, frames)
    with right:
        totals.draw(frames["totals"].iloc[0], frames["whole"].iloc[0], answer, shown.book)


def _segments(shown: View, by: Choice, frames: Frames) -> None:
    book, display, definition = shown.book, shown.policy.display, METRICS["default_rate"].definition
    card = cards.begin(
        "segments", of=_default(shown), title=_("Where does the book default?"), definition=_(definition)
    )
    with card.controls:
        by.draw(_("Segments"))
        order = segments.choose_order()
    with card.frame:
        if dimension_choice.missing(by.code, book):
            return
    found = rates.segment_rates(frames["segments"], display.significance, display.thin_borrowers)
    chosen = dict(shown.filters.drill).get(by.code, "")
    segments.draw(card, found, code=by.code, order=order, chosen=chosen, significance=display.significance, book=book)


def _pairs(shown: View, by: str, across: Choice, frames: Frames) -> None:
    book, display, definition = shown.book, shown.policy.display, METRICS["difference_to_book"].definition
    card = cards.begin("pairs", of=_default(shown), title=_("Which pair stands out?"), definition=_(definition))
    with card.controls:
        across.draw(_("Across"))
    with card.frame:
        if dimension_choice.missing(by, book) or dimension_choice.missing(across.code, book):
            return
    found = rates.segment_rates(frames["pairs"], display.significance, display.thin_borrowers)
    pairs.draw(card, found, codes=(by, across.code), thin_borrowers=display.thin_borrowers, book=book)


def _groups(shown: View, by: str, frames: Frames) -> None:
    book, display, definition = shown.book, shown.policy.display, METRICS["standardised_rate"].definition
    card = cards.begin("groups", of=_default(shown), title=_("Is it risk or mix?"), definition=_(definition))
    strata, judge = frames.get("strata"), {"significance": display.significance}
    opening = None
    if strata is not None:
        opening = group_comparison.opening(strata, thin_borrowers=display.thin_borrowers, **judge)
    if strata is None or opening is None:
        with card.frame:
            states.incomparable()
        return
    values = [value for value in book.values_of(by) if value in set(strata["group_segment"])]
    with card.controls:
        held = dimension_choice.controls(book, other_than=by)
        chosen = groups.choose(values, held, opening=opening, code=by, book=book)
    first, second, control = chosen
    compared = group_comparison.compare(strata, first=first, second=second, control=control, **judge)
    groups.draw(card, compared, chosen=chosen, code=by, book=book, **judge)


def _default(shown: View) -> str:
    return default_in_words(shown.selection.definition, shown.selection.horizon)
