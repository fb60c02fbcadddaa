"""The decisions of the round that runs, as whoever comes after reads them."""

import streamlit as st

from components import formats
from components.language import _
from components.review import act_words
from components.review.acting import Acting
from rules.review_case import Decision


def draw(at: Acting) -> None:
    """Draw each decision: who, what, why, and whether what was seen is what is seen now."""
    case = at.opened.case
    for stage, made in enumerate(case.decisions, start=1):
        with st.container(key=f"made-{stage}", gap=None):
            st.markdown(f"**{told(at, made)}**")
            lines = reasons(at, made)
            if made.rationale:
                lines.append(_("Rationale: {words}").format(words=act_words.quoted(made.rationale)))
            if made.override is not None:
                lines.append(_("It is {override}.").format(override=_(act_words.OVERRIDES[made.override])))
            st.markdown("\n".join(f"- {line}" for line in lines))
            if at.held and made.evidence_hash != at.opened.seen.evidence.hash:
                changed = _("The application was changed after this decision.")
                st.caption(f":orange[:material/difference: {changed}]")


def told(at: Acting, made: Decision) -> str:
    """Who decided what and when."""
    return _("{who} {outcome} on {at}").format(
        who=at.name(made.by),
        outcome=act_words.outcome(made.outcome, made.amount_fen),
        at=formats.moment(made.at),
    )


def reasons(at: Acting, made: Decision) -> list[str]:
    """The reasons of a decision in their order."""
    rule = at.opened.rule.review
    return [
        act_words.reason(given, rule) + (f": {act_words.quoted(given.words)}" if given.words else "")
        for given in made.reasons
    ]
