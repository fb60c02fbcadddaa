"""The way to an application's documents: a link into the lender's own store, by the template that the settings give."""

from urllib.parse import quote

import streamlit as st

from components.language import _
from components.review.opened import Opened
from desk import operations

PLACE = "{number}"  # in the template, where the application's number stands


def draw(opened: Opened) -> None:
    """Draw the link; nothing where the lender has given no template."""
    template = operations.served().settings.documents_url
    if template is not None:
        address = template.replace(PLACE, quote(opened.waiting.external_number, safe=""))
        st.link_button(
            _("Documents"), address, icon=":material/folder_open:", type="tertiary", key="documents",
            help=_("Opens the lender's own store, which asks for its own sign-in."),
        )  # fmt: skip
