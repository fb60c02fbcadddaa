"""An earlier snapshot that the link asks for by its id: every page shows its figures as they were.

Links follow the newest snapshot unless they carry an id. The id stays over a switch of pages, until somebody asks for
the newest.
"""

from datetime import datetime
from urllib.parse import urlencode

import streamlit as st

from components import formats
from components.language import _
from rules.book import Book

PARAMETER = "snapshot"
_ASKED, _PAGE, _CHOSEN = "_snapshot", "_snapshot_page", "snapshot-chosen"
_NEWEST = ""


def settle(page: str) -> str | None:
    """The id that is asked for on this run; None for the newest. A switch of pages drops parameters but not the id."""
    asked = st.query_params.get(PARAMETER) or None
    if asked is None and st.session_state.get(_PAGE, page) != page:
        asked = st.session_state.get(_ASKED)
        if asked is not None:
            st.query_params[PARAMETER] = asked
    st.session_state[_ASKED], st.session_state[_PAGE] = asked, page
    return asked


def show(snapshot_id: str) -> None:
    """Show the figures of a snapshot from now on. For use in callbacks."""
    st.session_state[_ASKED] = st.query_params[PARAMETER] = snapshot_id


def show_newest() -> None:
    """Follow the newest snapshot again. For use in callbacks."""
    st.session_state[_ASKED] = None
    st.query_params.pop(PARAMETER, None)


def link(book: Book) -> str:
    """The address of this page as it is now, with the id: it opens on the same figures again, while they are kept."""
    parameters = {key: st.query_params.get_all(key) for key in st.query_params if key != PARAMETER}
    query = urlencode({**parameters, PARAMETER: book.snapshot_id}, doseq=True)
    return f"{st.context.url or ''}?{query}"


def said(book: Book) -> str:
    """As it was on 20 Nov 2026, 18:05."""
    return _("As it was on {moment}").format(moment=formats.moment(book.built_at))


def control(book: Book, kept: list[tuple[str, datetime]], *, pinned: bool) -> None:
    """What is chosen here: the newest figures or those of an earlier snapshot, and a link that opens on these.

    kept: the snapshots that can be opened, newest first, each with the moment at which it was begun.
    """
    begun = dict(kept)
    st.session_state[_CHOSEN] = book.snapshot_id if pinned else _NEWEST
    st.selectbox(
        _("Show the figures"),
        [_NEWEST, *begun],
        format_func=lambda each: _("The newest") if each == _NEWEST else formats.moment(begun[each]),
        key=_CHOSEN,
        on_change=_take,
        filter_mode=None,
        help=_("Times are Asia/Shanghai. Which copies are kept is set in the policy."),
    )
    if pinned:
        st.caption(_("This link opens these figures again, as long as they are kept:"))
        st.code(link(book), language=None, wrap_lines=True)
    else:
        st.button(
            _("Link to this state"),
            icon=":material/link:",
            key="snapshot-link",
            on_click=show,
            args=(book.snapshot_id,),
            help=_("Links show the newest figures. This one shows these again."),
            width="stretch",
        )


def gone(reason: str, instead: tuple[str, datetime] | None) -> None:
    """The snapshot of the link can't be opened: why, and the ways to one that is kept of its day, and to the newest."""
    with st.container(border=True, key="snapshot-gone"):
        title = _("The earlier figures can't be opened")
        st.markdown(f"## :material/history_toggle_off: {title}")
        st.markdown(reason)
        with st.container(horizontal=True, gap="small"):
            if instead is not None:
                snapshot_id, begun = instead
                st.button(
                    _("Show those of the same day, {moment}").format(moment=formats.moment(begun)),
                    key="snapshot-same-day",
                    on_click=show,
                    args=(snapshot_id,),
                )
            st.button(_("Show the newest"), type="primary", key="snapshot-newest", on_click=show_newest)


def _take() -> None:
    chosen = st.session_state[_CHOSEN]
    if chosen == _NEWEST:
        show_newest()
    else:
        show(chosen)
