"""The mask over an applicant's data, and its lifting: one identifier, for a purpose, for minutes, on record first.

What is held of a reveal in the session is its number on record. The value goes from the loan database into one element
of this session, is read anew at each run and is gone from the page when its time is over.
"""

import streamlit as st

from components import access, view
from components.language import _, ngettext
from components.markdown import plain
from components.review import act_words, desk, documents, keys
from components.review.desk import review_desk
from components.review.draft import PAGE
from components.review.opened import Opened
from desk import reveals
from desk.reveals import Reveal
from rules.refusal import Refused
from rules.reveals import FIELDS, LONGEST_WORDS, PURPOSES
from rules.review_case import UNDECIDED

MASK = "**"
_GRANTED, _OPEN, _SAID = "_reveals", "_reveal-open", "_reveal-said"
_SOONEST = 1.0  # seconds


def masked_name(opened: Opened) -> str:
    """The applicant's name as everybody sees it: its first character, and a mask; safe to stand in Markdown."""
    initial = reveals.initial(review_desk().book, opened.case.member_id)
    return "" if initial is None else plain(f"{initial}{MASK}")


def draw(opened: Opened) -> None:
    """Draw what is revealed in this session, and the way to reveal more for whom it is offered."""
    granted = _granted(opened)
    until = min((each.until for each in granted), default=None)
    wait = None if until is None else max(_SOONEST, (until - review_desk().now()).total_seconds())
    st.fragment(_draw, run_every=wait)(opened)


def _draw(opened: Opened) -> None:
    person = access.require(PAGE)
    at = review_desk()
    with st.container(key="reveals", gap="small"):
        for each in _granted(opened):
            _value(each)
        offered = reveals.offered(person.role, at.book) if opened.case.state in UNDECIDED else ()
        is_open = bool(offered) and st.session_state.get(_OPEN) == opened.key
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("Personal data is masked."), width="stretch")
            documents.draw(opened)
            if offered:
                _button(opened, is_open)
        if is_open:
            _form(opened, offered)


def _button(opened: Opened, is_open: bool) -> None:
    st.button(
        _("Close") if is_open else _("Reveal"), key="reveal", type="tertiary", shortcut=keys.REVEAL.key,
        icon=":material/close:" if is_open else ":material/visibility:", on_click=_toggle, args=(opened,),
    )  # fmt: skip


def _value(granted: Reveal) -> None:
    """One identifier while its time lasts; nothing, with the reason, once a right was taken away."""
    at = review_desk()
    try:
        found = reveals.value(at.engine, granted, at.book, at.now())
    except Refused as refused:
        _forget(granted)
        st.caption(_(refused.sentence).format(**refused.values))
        return
    until = _("until {time}, on record").format(time=act_words.clock(granted.until, at.now()))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"revealed-{granted.field}"):
        st.markdown(f":gray[{_(FIELDS[granted.field])}]", width="content")
        st.text(found or _("the loan database has none"), width="content")
        st.caption(until, width="content")


def _form(opened: Opened, offered: tuple[str, ...]) -> None:
    minutes = view.current().policy.case.reveal_minutes
    with st.form("reveal-form", border=False, enter_to_submit=False):
        field = st.selectbox(_("What"), offered, format_func=lambda each: _(FIELDS[each]), key="reveal-field")
        purpose = st.selectbox(
            _("What for"), list(PURPOSES), format_func=lambda each: _(PURPOSES[each]), key="reveal-purpose"
        )
        words = st.text_input(_("In words"), max_chars=LONGEST_WORDS, key="reveal-words")
        sent = st.form_submit_button(
            ngettext("Reveal for {count} minute", "Reveal for {count} minutes", minutes).format(count=minutes),
            icon=":material/visibility:",
        )
        st.caption(_("It goes on record with your name before it is shown."))
    if sent:
        _grant(opened, field, purpose, words, minutes)
    if said := st.session_state.pop(_SAID, None):
        st.markdown(f":red[:material/error: {said}]")


def _grant(opened: Opened, field: str, purpose: str, words: str, minutes: int) -> None:
    access.require(PAGE)
    try:
        granted = desk.reveal(opened, field, purpose, words, minutes)
    except Refused as refused:
        st.session_state[_SAID] = _(refused.sentence).format(**refused.values)
        return
    others = [each for each in st.session_state.get(_GRANTED, ()) if (each.case, each.field) != (opened.key, field)]
    st.session_state[_GRANTED] = (*others, granted)
    st.session_state.pop(_OPEN, None)
    st.rerun()


def _granted(opened: Opened) -> list[Reveal]:
    """What this session was granted of the case and has not run out; what has is forgotten."""
    now = review_desk().now()
    running = tuple(each for each in st.session_state.get(_GRANTED, ()) if each.until > now)
    st.session_state[_GRANTED] = running
    return [each for each in running if each.case == opened.key and each.by == opened.person.email]


def _forget(granted: Reveal) -> None:
    st.session_state[_GRANTED] = tuple(each for each in st.session_state.get(_GRANTED, ()) if each != granted)


def _toggle(opened: Opened) -> None:
    is_open = st.session_state.get(_OPEN) == opened.key
    st.session_state[_OPEN] = None if is_open else opened.key
