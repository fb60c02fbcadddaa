"""Who is looking, and what they may see. Roles are looked up in the state database at every check."""

import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import states
from components.language import _
from components.providers import Providers
from desk import passes, rights, sign_in
from desk.sign_in import Denied, Identity
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
    """How people come in on this run: by the providers or, on a public book without any, as demo staff."""

    providers: Providers
    enter: Callable[[Identity], Staff | Denied]  # by what a provider said
    leave: Callable[[Identity], None]
    demo: bool  # whether the book may be shown to demo staff
    lookup: Lookup  # of demo staff
    secret: bytes  # with which their passes are signed


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


def providers() -> Mapping[str, str]:
    """What each provider is called that people can sign in with, by what Streamlit calls it."""
    return _entrance().providers.names


def demo_offered() -> bool:
    """Whether the demo staff may be used by this visitor: on a public book, from this machine, without providers."""
    entrance = _entrance()
    return entrance.demo and not entrance.providers.names and is_local(st.context.ip_address, st.context.headers)


def claimed() -> str:
    """The address that whoever is signed in says is theirs; empty where nobody is."""
    identity = _identity()
    return (_demo_email() or "") if identity is None else identity.email


def looking() -> Staff | Denied | None:
    """Who looks: a member of staff, why somebody who is signed in is not let in, or nobody."""
    return _asking()()


def visitor() -> Staff | None:
    """The active member of staff who is signed in; None for anybody else."""
    found = looking()
    return found if isinstance(found, Staff) else None


def require(page: str) -> Staff:
    """Whoever looks, if they may see the page; otherwise the page ends here with a sentence.

    Stands at the head of every page, every fragment and every write, so that a right taken away is noticed there. In a
    fragment the whole page is drawn anew, so that nothing of it stays in sight.
    """
    person = visitor()
    if person is None or not may(person.role, page):
        context = get_script_run_ctx()
        if context is not None and context.fragment_ids_this_run:
            st.rerun()
        states.forbidden()
        st.stop()
    return person


def guard(page: str, act: str | None = None, *, same_role: bool = False) -> Callable[[], None]:
    """The check of whoever looks, for what runs after this run, such as a file that is built when it is asked for.

    Session and role are looked up when it is called; `PermissionError` where they may not see the page any more, or do
    what the file is for. same_role: their role must be what it is now, for what this run shows by it.
    """
    drawn_for = require(page)
    ask = _asking()

    def check() -> None:
        person = ask()
        if not isinstance(person, Staff) or not may(person.role, page):
            raise PermissionError(page)
        if act is not None and not may_do(person.role, act):
            raise PermissionError(act)
        if same_role and person.role is not drawn_for.role:
            raise PermissionError(page)

    return check


def sign_in_as(role: Role) -> None:
    """Sign in as the demo person of a role. For use in callbacks."""
    if demo_offered():
        email = DEMO[role].email
        st.session_state[_SIGNED_IN] = email
        st.session_state[_PASS] = passes.issue(_entrance().secret, ENTER, email)
        log.info("signed in", extra={"role": role.value, "way": "demo"})


def sign_out() -> None:
    """Sign out: at a provider in every browser, as demo staff in this session and its browser. For use in callbacks."""
    log.info("signed out")
    identity = _identity()
    if identity is not None:
        _entrance().leave(identity)
        st.logout()
        return
    st.session_state[_SIGNED_IN] = ""
    st.session_state[_PASS] = ""


def _entrance() -> Entrance:
    entrance: Entrance = st.session_state[_ENTRANCE]
    return entrance


def _identity() -> Identity | None:
    """What the provider said at the sign-in of this browser; None where nobody has signed in."""
    claims = st.user.to_dict() if providers() else {}
    return sign_in.identity(claims) if claims.get("is_logged_in") else None


def _demo_email() -> str | None:
    """The address of the demo person of this session, or of the pass that the browser has kept."""
    if not demo_offered():
        return None
    chosen: str | None = st.session_state.get(_SIGNED_IN)
    if chosen is not None:
        return chosen or None
    kept = st.context.cookies.get(COOKIE)
    if not isinstance(kept, str):
        return None
    return passes.holder(_entrance().secret, STAY, kept, STAY_SECONDS)


def _asking() -> Callable[[], Staff | Denied | None]:
    """Who looks, as a question that can be asked again later and outside of this run."""
    entrance, identity = _entrance(), _identity()
    if identity is not None:
        return partial(entrance.enter, identity)
    email = _demo_email()
    if email is None:
        return lambda: None
    return lambda: entrance.lookup(email) or Denied.UNKNOWN


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
