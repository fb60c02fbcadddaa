"""What one run of the app has settled before a page draws: who looks, at which book, through which filters."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rules.book import Book
from rules.filters import Filters, Selection, resolve
from rules.member_filters import MemberSelection
from rules.policy import Policy

_KEY = "_view"


@dataclass(frozen=True)
class View:
    """One run's frame. Fragments rerun without `app.py`, so the view of the last full run is kept for them."""

    staff_email: str  # the key under which the person's role is looked up at every check
    language: str  # "en" or "zh"
    theme: str  # "light" or "dark"
    source: str  # names the loan database, as refreshes are recorded under it
    book: Book
    filters: Filters
    selection: Selection
    policy: Policy
    members: MemberSelection  # the same filters for statements about members
    link: str = ""  # an address that opens this page on this snapshot again
    page: str = ""  # the page that draws; empty outside of one, where no file of a table is offered
    words: str = ""  # its filters in words; empty on a page without

    def beside(self, code: str) -> Selection:
        """The selection without a click on one dimension, so that its other segments stay in sight."""
        return resolve(self.filters.undrilled(code), self.book, self.policy.default.final_days_after_last_due)


def keep(view: View) -> None:
    """Set the view for this session."""
    st.session_state[_KEY] = view


def current() -> View:
    """The view of this session's last full run."""
    view: View = st.session_state[_KEY]
    return view


def session() -> str:
    """The id of this browser session: what a person asks anew replaces what the same session asked before."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""
