"""The notice to the applicant as they would read it, in both languages."""

from html import escape

import streamlit as st

from components import formats, language
from components.language import LANGUAGES, _
from components.review import act_words
from rules.review_case import Outcome, Reason
from rules.review_notice import Line, notice
from rules.review_policy import ReviewPolicy


def draw(
    number: str, outcome: Outcome, asked_fen: int, amount_fen: int | None, reasons: tuple[Reason, ...],
    rule: ReviewPolicy,
) -> None:  # fmt: skip
    """Draw both, one below the other; and which reasons the policy has no words for."""
    made = notice(number, outcome, asked_fen, amount_fen, reasons, rule)
    for code, name in LANGUAGES.items():
        with language.speaking(code):
            before = " ".join(_said(line) for line in made.before)
            after = " ".join(_said(line) for line in made.after)
        items = "".join(f"<li>{escape(reason)}</li>" for reason in made.reasons[code])
        listed = f"<ol>{items}</ol>" if items else ""
        st.html(
            f"<div class='notice' lang='{language.TAGS[code]}'><small>{name}</small>"
            f"<p>{escape(before)}</p>{listed}<p>{escape(after)}</p></div>"
        )
    if made.without_words:
        told = _("The policy has no words for {reasons}, so the applicant is told nothing of it.")
        names = ", ".join(act_words.reason(each, rule) for each in made.without_words)
        st.caption(f":orange[:material/warning:] {told.format(reasons=names)}")


def _said(line: Line) -> str:
    amounts = {name: formats.money_exact(fen) for name, fen in line.amounts_fen.items()}
    return _(line.text).format(**amounts, **line.words)
