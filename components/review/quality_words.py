"""What the cards on quality share: how officers, times, reasons and empty cards are written."""

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st

from components import formats
from components.cards import Card
from components.language import _
from components.review import act_words
from components.review.queue_words import person
from rules.review_case import Ground, Reason
from rules.review_policy import ReviewPolicy

_MOST_LETTERS = 26
OTHERS = "others"  # stands for everybody else, where officers are not told apart


def officer(email: str, names: Mapping[str, str]) -> str:
    """An officer by name; everybody else as such."""
    return _("Everybody else") if email == OTHERS else person(email, names)


def worked(seconds: float) -> str:
    """Working time: 40 min, 5 h 20 min, 14 h."""
    return formats.span(timedelta(seconds=seconds))


def reason(told: str, rule: ReviewPolicy) -> str:
    """A reason by its ground and code, such as "policy:income_proven"."""
    ground, _colon, code = told.partition(":")
    return act_words.reason(Reason(Ground(ground), code), rule)


def short(text: str) -> str:
    """A label that has to fit beside a bar; the table has all of it."""
    bare = text.replace("：", ": ").partition(": ")[2] or text
    most = _MOST_LETTERS if bare.isascii() else _MOST_LETTERS // 2
    return bare if len(bare) <= most else f"{bare[: most - 1].rstrip()}…"


def nothing(card: Card, sentence: str) -> None:
    """A card that has nothing to draw."""
    with card.frame:
        st.markdown(f":gray[:material/hourglass_empty: {sentence}]")
