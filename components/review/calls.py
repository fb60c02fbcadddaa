"""Notes of calls: who was spoken to and what was said, before the eyes of whoever decides."""

import streamlit as st

from components.language import _
from components.review import act_words
from components.review.acting import Acting

KIND = "case.noted"
_MOST = 4  # the newest; all of them stand in the history


def draw(at: Acting) -> None:
    """Draw the newest notes, oldest first; nothing where nobody has noted a call."""
    notes = [each for each in at.history.events if each.kind == KIND][-_MOST:]
    if not notes:
        return
    told = _("{at}, {who}: {words}")
    lines = [
        ":material/call: "
        + told.format(who=at.name(each.by), at=act_words.clock(each.at, at.opened.now), words=_words(each.words))
        for each in notes
    ]
    with st.container(key="calls"):
        st.markdown("  \n".join(lines))


def _words(words: str | None) -> str:
    return _("(the words are not those that were said)") if words is None else act_words.quoted(words)
