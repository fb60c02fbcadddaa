"""The filters of this session: taken from the link, changed by widgets and clicks, written back into the link."""

from dataclasses import replace

import streamlit as st

from components.filters import address
from rules.book import Book
from rules.filters import Filters

_CHOSEN, _WRITTEN, _CHANGED, _PAGE = "_filters", "_filters_written", "_filters_changed", "_filters_page"


def settle(opening: Filters, book: Book, page: str) -> Filters:
    """The filters of this run, which the link then shows.

    What was clicked in this session counts over the link. A link that this session has not written (opened, pasted,
    or reached by going back) counts over what was chosen before, but for a switch of pages, which drops parameters.
    """
    shown = {key: values for key in address.KEYS if (values := st.query_params.get_all(key))}
    before: Filters | None = st.session_state.get(_CHOSEN)
    switched = st.session_state.get(_PAGE) != page
    keep = before is not None and (
        st.session_state.pop(_CHANGED, False) or shown == st.session_state.get(_WRITTEN) or (switched and not shown)
    )
    filters = before if keep and before is not None else address.read(shown, opening, book)
    wanted = address.write(filters, opening)
    for key in shown.keys() - wanted.keys():
        del st.query_params[key]
    if changed := {key: values for key, values in wanted.items() if shown.get(key) != values}:
        st.query_params.update(changed)
    st.session_state[_CHOSEN], st.session_state[_WRITTEN], st.session_state[_PAGE] = filters, wanted, page
    return filters


def chosen() -> Filters:
    """The filters as they stand, before this run or within a callback."""
    filters: Filters = st.session_state[_CHOSEN]
    return filters


def change(**fields: object) -> None:
    """Change some of the filters. For use in callbacks: the run that follows takes them up."""
    st.session_state[_CHOSEN] = replace(chosen(), **fields)  # type: ignore[arg-type]
    st.session_state[_CHANGED] = True
