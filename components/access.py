"""Who is looking, and what they may see. Roles are looked up in the state database at every check."""

import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from components import states
from components.language import _
from desk import passes, rights
from desk.staff import DEMO, ROLE_NAMES, Lookup, Role, Staff

COOKIE = "loanboard_pass"
ENTER, STAY = "enter", "stay"  # what a pass is for: taken from the page to the server, and kept by the browser
ENTER_SECONDS, STAY_SECONDS = 60, 12 * 3600

ROLES, ACTS = rights.PAGES, rights.ACTS

log = logging.getLogger("loanboard.access")

_ENTRANCE, _SIGNED_IN, _PASS = "_entrance", "_signed_in", "_pass"
# What a proxy adds; whoever comes through one is not taken for a local visitor.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


@dataclass(frozen=True)
class Entrance:
    """How people come in on this run: where staff are looked up, whether the book may be shown to demo staff."""

    lookup: Lookup
    demo: bool
    secret: bytes


def open_entrance(entrance: Entrance) -> None:
    """Set how people come in. Fragments rerun without `app.py` and use the last one."""
    st.session_state[_ENTRANCE] = entrance


def may(role: Role, page: str) -> bool:
    """Whether a role sees a page."""
    return rights.sees(role, page)


def may_do(role: Role, act: str) -> bool:
    """Whether a role may do something."""
    return rights.may(role, act)


def role_name(role: Role) -> str:
    """What a role is called."""
    return _(ROLE_NAMES[role])


def signed_in_as(person: Staff) -> str:
    """A person and their role; demo staff are named by their role alone."""
    role = role_name(person.role)
    return role if person.name == ROLE_NAMES[person.role] else f"{person.name} · {role}"


def demo_offered() -> bool:
    """Whether the demo staff may be used by this visitor: on a public book, from this machine."""
    entrance: Entrance = st.session_state[_ENTRANCE]
    return entrance.demo and is_local(st.context.ip_address, st.context.headers)


def signed_in() -> str | None:
    """The address of whoever is signed in, by whichever way of signing in this installation has."""
    if not demo_offered():
        return None
    chosen: str | None = st.session_state.get(_SIGNED_IN)
    if chosen is not None:
        return chosen or None
    kept = st.context.cookies.get(COOKIE)
    if not isinstance(kept, str):
        return None
    return passes.holder(st.session_state[_ENTRANCE].secret, STAY, kept, STAY_SECONDS)


def visitor() -> Staff | None:
    """The active member of staff who is signed in; None for anybody else."""
    email = signed_in()
    return None if email is None else st.session_state[_ENTRANCE].lookup(email)


def require(page: str) -> Staff:
    """Whoever looks, if they may see the page; otherwise the page ends here with a sentence.

    Stands at the head of every page, every fragment and every write, so that a right taken away is noticed there.
    """
    person = visitor()
    if person is None or not may(person.role, page):
        states.forbidden()
        st.stop()
    return person


def guard(page: str) -> Callable[[], None]:
    """The check of whoever looks, for what runs after this run, such as a file that is built when it is asked for.

    Their role is looked up when it is called; `PermissionError` where they may not see the page any more.
    """
    email, lookup = require(page).email, st.session_state[_ENTRANCE].lookup

    def check() -> None:
        person = lookup(email)
        if person is None or not may(person.role, page):
            raise PermissionError(page)

    return check


def sign_in(role: Role) -> None:
    """Sign in as the demo person of a role. For use in callbacks."""
    if demo_offered():
        email = DEMO[role].email
        st.session_state[_SIGNED_IN] = email
        st.session_state[_PASS] = passes.issue(st.session_state[_ENTRANCE].secret, ENTER, email)
        log.info("signed in", extra={"role": role.value, "way": "demo"})


def sign_out() -> None:
    """Sign out in this session and in the browser. For use in callbacks."""
    log.info("signed out")
    st.session_state[_SIGNED_IN] = ""
    st.session_state[_PASS] = ""


def pass_text() -> str | None:
    """What the browser is to do with its pass: take this one, give it up (""), or leave it (None)."""
    text: str | None = st.session_state.get(_PASS)
    return text


def is_local(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request was made on this machine, told so that a doubt counts as no.

    The connection, the host that was asked for and the page that asked must all be loopback, and no proxy may have
    passed it on: behind one every visitor seems to come from this machine. `address` is None for 127.0.0.1.
    """
    present = {name.lower(): value for name, value in headers.items()}
    if address is not None and not _loopback(address):
        return False
    if any(name in present for name in _FORWARDED):
        return False
    origin = present.get("origin")
    return _loopback_host(f"//{present.get('host', '')}") and (origin is None or _loopback_host(origin))


def _loopback_host(url: str) -> bool:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return host == "localhost" or (host is not None and _loopback(host))


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
