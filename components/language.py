"""The language of the screen: gettext catalogues in components/locale, one language per session, English otherwise."""

import gettext
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path

import streamlit as st
from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import labels
from rules import dimensions
from rules.book import Book

LANGUAGES = {"en": "English", "zh": "简体中文"}  # each in its own words
TAGS = {"en": "en", "zh": "zh-CN"}  # as HTML names them
DEFAULT = "en"
COOKIE = "loanboard_language"
PARAMETER = "lang"

_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
_CATALOGUES = {"zh": Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "loanboard.po"}
_KEY, _CHOSEN = "_language", "_language_chosen"
_spoken: ContextVar[str | None] = ContextVar("_spoken", default=None)


def current() -> str:
    """The language of this session; English where there is no session."""
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return DEFAULT
    return str(st.session_state.get(_KEY, DEFAULT))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """A language for what is written outside of a session, such as a file that is built when it is downloaded."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def _(message: str) -> str:
    """A text in the current language."""
    return _catalogue(current()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """A text that depends on a number, in the current language."""
    return _catalogue(current()).ngettext(singular, plural, count)


def settle() -> str:
    """Decide this session's language at the start of a run: the link's, what was chosen, the browser's.

    A language that a link asked for or that was chosen stays in the link when pages are switched.
    """
    asked = st.query_params.get(PARAMETER)
    if asked in LANGUAGES:
        st.session_state[_KEY] = st.session_state[_CHOSEN] = asked
    elif _CHOSEN in st.session_state:
        st.query_params[PARAMETER] = st.session_state[_CHOSEN]
    elif _KEY not in st.session_state:
        st.session_state[_KEY] = preferred(st.context.cookies.get(COOKIE), st.context.headers)
    settled = str(st.session_state[_KEY])
    _spoken.set(settled)  # for the thread of this run: every text asks, and the session answers slowly
    return settled


def choose(language: str) -> None:
    """Switch this session to a language and keep it in the link. For use in callbacks."""
    st.session_state[_KEY] = st.session_state[_CHOSEN] = language
    _spoken.set(language)
    st.query_params[PARAMETER] = language


def preferred(cookie: object, headers: Mapping[str, str]) -> str:
    """The language that a browser asks for: its earlier choice, else the first of its languages that is offered."""
    if cookie in LANGUAGES:
        return str(cookie)
    for asked in re.findall(r"[A-Za-z]+", headers.get("Accept-Language", "").replace("q=", ""))[:20]:
        if asked.lower() in LANGUAGES:
            return asked.lower()
    return DEFAULT


def dimension_name(code: str) -> str:
    """What a dimension is called."""
    return _(dimensions.BY_CODE[code].name)


def value_label(code: str, value: str, book: Book | None = None) -> str:
    """What one value of a dimension is called: the lender's own name, else the catalogue's, else the value itself."""
    named = book.name_of(code, value, current()) if book else None
    text = labels.CODES.get(code, {}).get(value) or labels.ANYWHERE.get(value)
    if named or text:
        return named or _(text or value)
    if code == dimensions.TERM.code and value.isdecimal():
        return ngettext("{months} month", "{months} months", int(value)).format(months=value)
    if code == dimensions.REFERRAL_LEVEL.code and value.isdecimal():
        return _("Level {level}").format(level=value)
    if code == dimensions.DISBURSED_MONTH.code and re.fullmatch(r"\d{4}-\d{2}", value):
        pattern = "y年M月" if current() == "zh" else "MMM y"
        return format_date(date.fromisoformat(f"{value}-01"), pattern, locale=locale_of(current()))
    if code == dimensions.AMOUNT_BAND.code:
        value = re.sub(r"\d{4,}", lambda digits: f"{int(digits[0]):,}", value)
    return re.sub(r"(?<=\d)-(?=\d)", "–", value)


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale of a language."""
    return Locale.parse(_LOCALES[language])


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    path = _CATALOGUES.get(language)
    if path is None:
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
