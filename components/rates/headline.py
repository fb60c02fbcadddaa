"""The answer at the head of the page: the book's default rate, against the comparison, and whether that is noise."""

import streamlit as st

from components import formats, states
from components.filters.words import default_in_words, period
from components.language import _, ngettext
from rules.book import Book, Evidence
from rules.default_rates import Headline, Verdict
from rules.filters import Selection

_SURE = 0.01  # width of an interval below which a second decimal says something


def draw(headline: Headline, selection: Selection, book: Book) -> None:
    """One sentence, and beneath it what stands behind the number."""
    with st.container(border=True, key="card-headline", gap="xsmall"):
        if not headline.borrowers:
            _nobody(headline, selection)
            return
        st.markdown(f"## {sentence(headline, selection, book)}", anchors=False)
        st.caption(" · ".join(_behind(headline, book)))


def sentence(headline: Headline, selection: Selection, book: Book) -> str:
    """The answer in words; it claims a difference only where it is more than noise."""
    compared = selection.comparison()
    digits = 2 if headline.high - headline.low < _SURE else 1
    words = {
        "rate": formats.percent(headline.rate, digits),
        "interval": formats.interval(headline.low, headline.high, digits),
        "default": default_in_words(selection.definition, selection.horizon),
    }
    if compared is None or headline.verdict is Verdict.NOT_COMPARED:
        return _("**{rate}** ({interval}) of borrowers default: {default}.").format(**words)
    words |= {
        "points": formats.points_size(headline.difference, digits),
        "other": formats.percent(headline.comparison_rate, digits),
        "months": period(compared.disbursed, book),
    }
    return {
        Verdict.HIGHER: _(
            "**{rate}** ({interval}) of borrowers default: {default}. That is **{points} more** than the {other} of "
            "{months}; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{rate}** ({interval}) of borrowers default: {default}. That is **{points} less** than the {other} of "
            "{months}; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{rate}** ({interval}) of borrowers default: {default}. Against the {other} of {months} the difference "
            "is no more than noise."
        ),
    }[headline.verdict].format(**words)


def _behind(headline: Headline, book: Book) -> list[str]:
    said = [
        ngettext("{count} borrower", "{count} borrowers", headline.borrowers).format(
            count=formats.count(headline.borrowers)
        ),
        _("{rate} by principal").format(rate=formats.percent(headline.principal_rate)),
    ]
    if headline.immature:
        said.append(_("{count} left out, not yet observed for so long").format(count=formats.count(headline.immature)))
    if headline.imputed:
        said.append(_("{count} with estimated dates").format(count=formats.count(headline.imputed)))
    if book.evidence == frozenset({Evidence.OUTCOMES}):
        said.append(_("this book records outcomes only: every definition counts its charge-offs"))
    if headline.thin:
        said.append(_("few borrowers: take it as a hint"))
    return said


def _nobody(headline: Headline, selection: Selection) -> None:
    if headline.immature:
        states.immature(
            _(
                "{count} borrowers pass the filters, but none of their loans has been observed for so long: {default}. "
                "Choose an earlier period or a shorter horizon."
            ).format(
                count=formats.count(headline.immature),
                default=default_in_words(selection.definition, selection.horizon),
            )
        )
    else:
        states.nothing()
