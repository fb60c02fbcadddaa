"""The frame on every page: name, filters in words, age of the data; and the sidebar's switches and the person."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from components import access, as_it_was, browser, formats, language, states
from components.guides import popover
from components.language import LANGUAGES, _
from components.markdown import plain
from rules.book import Book

SIDEBAR = 208  # px
POLL_SECONDS = 2
WATCH_SECONDS = 30
NAME = "Loanboard"
STYLE, _DARK = browser.ASSETS / "frame.css", browser.ASSETS / "dark.css"  # the style of all is served with the page
_OTHER = {"en": "zh", "zh": "en"}


def configure() -> None:
    """The browser's tab, the width of the page and the logo."""
    st.set_page_config(
        page_title=NAME,
        page_icon=str(browser.ASSETS / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR,
    )
    if theme() == "dark":
        st.html(_DARK)


def theme() -> str:
    """The theme in use: "light" or "dark"."""
    return st.context.theme.type or "light"


def sidebar(paths: tuple[str, ...], person: access.Staff | None) -> None:
    """Logo, switches of language and theme, and who is signed in as what."""
    st.logo(str(browser.ASSETS / f"logo-{theme()}.svg"), size="large")
    other = _OTHER[language.current()]
    with st.sidebar, st.container(key="switches", gap=None):
        if person is not None:
            st.caption(access.signed_in_as(person))
        st.button(
            LANGUAGES[other],
            key="language",
            icon=":material/translate:",
            type="tertiary",
            on_click=language.choose,
            args=(other,),
        )
        browser.switches(paths, access.pass_text())
        if person is not None:
            _watch(person)
            st.button(
                _("Sign out"), key="sign-out", icon=":material/logout:", type="tertiary", on_click=access.sign_out
            )


@st.fragment(run_every=WATCH_SECONDS)
def _watch(person: access.Staff) -> None:
    """Notice in a window that nobody touches that the session has ended, or that the person's role has changed."""
    if access.visitor() != person:
        st.rerun()


@dataclass(frozen=True)
class Data:
    """Which figures the page shows."""

    book: Book
    age: timedelta
    pinned: bool  # the link asks for this snapshot; otherwise it is the newest
    kept: list[tuple[str, datetime]]  # the snapshots that can be opened instead


@dataclass(frozen=True)
class Opened:
    """The popovers of the frame's head, for whoever fills them; None where one is not offered."""

    filters: AbstractContextManager[object] | None
    guide: AbstractContextManager[object] | None


def row(name: str, words: str = "", data: Data | None = None, filtered: bool = False) -> Opened:
    """The page's name, its filters in words, which data it shows, the filters, and the guide, always the last."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="frame"):
        st.title(name, anchor=False, width="content")
        with st.container(key="words"):
            st.markdown(f":gray[{plain(_unbroken(words))}]")
        if data is not None:
            _data(data)
        filters = st.popover(_("Filters"), icon=":material/tune:", width="content", key="filters") if filtered else None
        guide = None if data is None else _guide()
    return Opened(filters, guide)


def _guide() -> AbstractContextManager[object]:
    name = _("Guide")
    return st.popover(
        f":gray[:small[{name}]]", icon=":material/help:", type="tertiary", width="content", key=popover.KEY
    )


def _data(data: Data) -> None:
    """The age of the data, or the day on which it was as the link asks for it; a click offers another."""
    if data.pinned:
        label, icon = f":orange[{plain(as_it_was.said(data.book))}]", ":material/history:"
    else:
        age, day = formats.age(data.age), formats.day(data.book.as_of)
        said = _("Data {age} · as of {day}").format(age=age, day=day)
        label, icon = f":gray[:small[{plain(said)}]]", None
    with st.popover(label, icon=icon, type="tertiary", width="content", key="data"):
        as_it_was.control(data.book, data.kept, pinned=data.pinned)
    if data.pinned:
        st.button(_("Show newest"), key="show-newest", type="tertiary", on_click=as_it_was.show_newest, width="content")


def notices(book: Book, now: datetime, refresh_minutes: int, failure: str | None) -> None:
    """What everybody has to know about the data: the last refresh failed, or the data is older than it should be."""
    age = now - book.built_at
    if failure is not None:
        states.stale(
            _("The last refresh failed, so the figures stay those of {day}. {reason}").format(
                day=formats.day(book.as_of), reason=failure
            )
        )
    elif age > timedelta(minutes=refresh_minutes):
        states.stale(
            _("The data is {age} and is being refreshed; these figures stay until the new ones are ready.").format(
                age=formats.age(age)
            )
        )


def until_back() -> None:
    """Say that the state database is gone, without which nobody is known, and open the page when it is back."""
    st.fragment(_look_for_it, run_every=POLL_SECONDS)()


def _look_for_it() -> None:
    if st.session_state.pop("_looked-for", False):
        st.rerun()
    st.session_state["_looked-for"] = True
    states.out_of_reach()


@st.fragment(run_every=POLL_SECONDS)
def until_there(is_there: Callable[[], bool], failure: Callable[[], str | None]) -> None:
    """Wait for the first snapshot and open the page when it is there; say why where it could not be built."""
    if is_there():
        st.rerun()
    states.no_snapshot(failure())


def whole(draw: Callable[[], None]) -> None:
    """A state that takes the place of the whole page."""
    with st.container(key="page-state"):
        draw()


def _unbroken(words: str) -> str:
    """The words with line breaks only between their parts."""
    return " · ".join(part.replace(" ", "\u00a0").replace("–", "\u2060–\u2060") for part in words.split(" · "))
