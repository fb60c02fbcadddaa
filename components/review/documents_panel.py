"""Where are the documents? A link to the lender's own store, by the template that the settings give."""

from urllib.parse import quote

import streamlit as st

from components.language import _
from components.review import panel
from components.review.seen import Seen
from desk import operations


def draw(seen: Seen) -> None:
    """Draw the panel; nothing but how to set it up where the lender gives no template."""
    template, title = operations.served().settings.documents_url, _("Where are the documents?")
    if template is None:
        panel.card(
            "documents", title, _("No link to documents is set up: LOANBOARD_DOCUMENTS_URL says where they are.")
        )
        return
    address = template.replace("{number}", quote(seen.opened.waiting.external_number, safe=""))
    panel.card(
        "documents", title, _("In the lender's own store, which asks for its own sign-in."),
        lambda: st.link_button(_("Open documents"), address, icon=":material/folder_open:", type="secondary"),
    )  # fmt: skip
