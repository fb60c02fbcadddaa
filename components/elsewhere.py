"""Links from one page to another, with the filters of this one."""

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from components.filters import address
from components.language import PARAMETER, current
from components.view import View
from rules.filters import opening

_PAGES = "_pages"


def offer(pages: Mapping[str, StreamlitPage]) -> None:
    """The pages that links lead to on this run, by their names. Fragments rerun without `app.py` and use the last."""
    st.session_state[_PAGES] = dict(pages)


def link(shown: View, page: str, label: str, parameters: Mapping[str, str] | None = None, **options: object) -> None:
    """A link to a page with the filters of this one and what it adds; nothing outside of the app.

    Further options are those of `st.page_link`.
    """
    target = st.session_state.get(_PAGES, {}).get(page)
    if target is not None:
        st.page_link(target, label=label, query_params=query(shown, parameters or {}), **options)  # type: ignore[arg-type]


def leads_to(page: str) -> bool:
    """Whether there is a page of that name to lead to."""
    return page in st.session_state.get(_PAGES, {})


def query(shown: View, added: Mapping[str, str]) -> dict[str, list[str]]:
    """The parameters of a link: the filters as they stand here, what is added, the language."""
    display, default = shown.policy.display, shown.policy.default
    usual = opening(shown.book, period=display.opening_period, definition=default.definition, horizon=default.horizon)
    return {
        **address.write(shown.filters, usual),
        **{key: [value] for key, value in added.items()},
        PARAMETER: [current()],
    }
