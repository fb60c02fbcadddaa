"""What has happened with this case? Its events as sentences, oldest first."""

import streamlit as st

from components import formats
from components.language import _, ngettext
from components.review import history_words, panel
from components.review.acting import Acting

HEIGHT = 290
_KEY = "history"


def draw(at: Acting) -> None:
    """Draw the card: when, and what, each with the number of its event in the audit chain."""
    events = at.history.events
    with st.container(border=True, key=f"card-{_KEY}", gap="small"):
        title = _("What has happened with this case?")
        st.markdown(
            f"## {title}",
            anchors=False,
            help=_(
                "Each line is an event of the audit chain; words that may name people stand beside it by their hash."
            ),
        )
        lines = "\n".join(
            f"- :gray[{formats.moment(each.at)}] {history_words.sentence(at, each)} :gray[:small[\\#{each.sequence}]]"
            for each in events
        )
        with st.container(height=HEIGHT if len(events) > 6 else "content", border=False, key=f"body-{_KEY}"):
            st.markdown(panel.unbroken(lines))
        st.caption(
            ngettext("{count} event of the audit chain", "{count} events of the audit chain", len(events)).format(
                count=len(events)
            )
        )
