"""The part on quality: its choices and cards, drawn from what the page has read."""

from collections.abc import Callable

import streamlit as st

from components import access, formats
from components.language import _
from components.review import (
    quality_agreement,
    quality_choices,
    quality_deadlines,
    quality_differing,
    quality_load,
    quality_overrides,
    quality_policy,
    quality_repaid,
    quality_times,
)
from components.review.draft import PAGE
from components.review.quality import Quality
from components.view import View

COLUMNS = (1.13, 1)

Draw = Callable[[View, Quality], None]


def draw(shown: View, quality: Quality, opening: str, counted: tuple[int, int]) -> None:
    """Draw the part. opening: the record that is shown unless the link asks; counted: decisions here, and before."""
    access.require(PAGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quality-choices"):
        quality_choices.draw(quality.chosen, quality.officers, opening)
        st.caption(_note(quality, counted), width="stretch")
    _row(shown, quality, quality_deadlines.draw, quality_times.draw)
    _row(shown, quality, quality_overrides.draw, quality_overrides.draw_reasons)
    _row(shown, quality, quality_repaid.draw, quality_agreement.draw)
    if quality.differing is None:
        _row(shown, quality, quality_load.draw, quality_policy.draw)
        return
    _row(shown, quality, quality_load.draw, quality_differing.draw)
    quality_policy.draw(shown, quality)


def _row(shown: View, quality: Quality, first: Draw, second: Draw) -> None:
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        first(shown, quality)
    with right:
        second(shown, quality)


def _note(quality: Quality, counted: tuple[int, int]) -> str:
    """What the record is that is shown."""
    ours, before = counted
    if quality.chosen.ours:
        return _("Taken in Loanboard: {count} decisions so far.").format(count=formats.count(ours))
    return _("From the loan database: {count} decisions by persons, with their checks and loans; it names no officer. "
             "Taken in Loanboard so far: {ours}.").format(
        count=formats.count(before), ours=formats.count(ours)
    )  # fmt: skip
