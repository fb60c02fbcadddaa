"""Which second looks decided otherwise? For those responsible, who take note of each with a word of their own."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components import access, cards, formats, tables
from components.language import _, ngettext
from components.review import act_words, quality_words
from components.review.draft import PAGE
from components.review.quality import Quality
from components.tables import Column, Kind
from components.view import View
from desk.blind import Pair
from rules.calendar import BUSINESS_ZONE
from rules.review_case import Outcome

HEIGHT = 160
_KEY = "quality-differing"
_WHICH, _WORDS = f"{_KEY}-case", f"{_KEY}-note"


def draw(shown: View, quality: Quality) -> None:
    """Draw the card; nothing for whom it is not."""
    if quality.differing is None:
        return
    card = cards.begin(_KEY, title=_("Which second looks decided otherwise?"), tabular=False)
    waiting = quality.differing
    if not waiting:
        quality_words.nothing(
            card, _("None that is not taken note of: a second look that differs from the decision stands here.")
        )
        return
    text = ngettext(
        "**{count}** case was decided otherwise by somebody who did not see the first decision.",
        "**{count}** cases were decided otherwise by somebody who did not see the first decision.",
        len(waiting),
    )
    card.answer(
        text.format(count=formats.count(len(waiting))),
        height=HEIGHT,
        figure=lambda: _listed(quality, waiting),
        caption=_("what lending was sent stays as it is; taking note is recorded"),
    )
    if quality.note is not None:
        with card.frame:
            _noting(quality, waiting)


def _listed(quality: Quality, waiting: Sequence[Pair]) -> None:
    rows = pd.DataFrame([_row(pair, quality) for pair in waiting])
    columns = {
        "number": Column(_("Case"), pinned=True),
        "first": Column(_("Decided")),
        "first_by": Column(_("by")),
        "second": Column(_("Second look")),
        "second_by": Column(_("by")),
        "rationale": Column(_("Why")),
        "at": Column(_("On"), Kind.DAY),
    }
    tables.show(rows, columns, key=f"{_KEY}-rows", height=HEIGHT)


def _noting(quality: Quality, waiting: Sequence[Pair]) -> None:
    """One of them with a word on it, to be taken note of."""
    numbers = {pair.external_number: pair for pair in waiting}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{_KEY}-form"):
        st.selectbox(_("Case"), list(numbers), key=_WHICH, width=150)
        st.text_input(_("What you make of it"), key=_WORDS, width=240)
        st.button(_("Take note"), key=f"{_KEY}-send", on_click=_note, args=(quality, numbers))


def _note(quality: Quality, numbers: dict[str, Pair]) -> None:
    access.require(PAGE)
    pair = numbers.get(st.session_state[_WHICH])
    if pair is None or quality.note is None:
        return
    refused = quality.note(pair.case, st.session_state[_WORDS])
    if refused is None:
        st.session_state[_WORDS] = ""
        st.toast(_("Noted."))
    else:
        st.toast(refused)


def _row(pair: Pair, quality: Quality) -> dict[str, object]:
    return {
        "number": pair.external_number,
        "first": _(_DECIDED[pair.settled]),
        "first_by": quality_words.officer(pair.first_by, quality.officers),
        "second": _(_DECIDED[pair.second]),
        "second_by": quality_words.officer(pair.second_by, quality.officers),
        "rationale": pair.rationale,
        "at": pair.decided_at.astimezone(BUSINESS_ZONE).date(),
    }


_DECIDED = {outcome: act_words.OUTCOMES[outcome] for outcome in Outcome}
