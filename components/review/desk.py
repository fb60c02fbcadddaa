"""How components of the review queue reach the state database, the loan database and the clock, and act on a case."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from components import access
from components.review.opened import Opened
from desk import reveals, rights
from desk import review_desk as served
from desk.reveals import Asked, Reveal
from desk.review import Done
from desk.review_desk import ReviewDesk
from desk.review_next import GoodLines
from desk.review_store import Key
from desk.review_unreachable import telling
from desk.staff import Staff
from rules.refusal import Refused
from rules.review_actions import Action
from rules.text import N_

_KEY = "_review-asked"

T = TypeVar("T")


def review_desk() -> ReviewDesk:
    """What the page works with."""
    return served.served()


def actor(act: str) -> Staff:
    """Whoever looks, if they may do something still; `Refused` otherwise, `Unreachable` where that can't be known."""
    with telling():
        person = access.visitor()
    if person is None or not rights.may(person.role, act):
        raise Refused(N_("This is not part of your role any more; nothing was recorded."))
    return person


def perform(meant: str, case: Key, by: str, action: Action) -> Done:
    """Take an action that somebody means; `Refused` where it is not taken.

    `meant` names the intention, such as "claim LA000000001". Until an answer has come its idempotency key stays the
    same in this session, so that a rerun, a double click or a resend does nothing twice.
    """
    return _once(meant, lambda asked_key: review_desk().perform(asked_key, case, by, action))


def take_next(by: str, good: GoodLines) -> Key:
    """Claim the next case for somebody, once; `Refused` where nothing waits for them."""
    return _once("next", lambda asked_key: review_desk().take_next(asked_key, by, good))


def reveal(opened: Opened, field: str, purpose: str, words: str, minutes: int) -> Reveal:
    """Have a masked field shown, once; `Refused` where it is not granted."""
    at, by = review_desk(), opened.person.email
    return _once(
        f"reveal {opened.key} {field} {purpose} {words}",
        lambda asked_key: reveals.grant(
            at.engine, Asked(asked_key, opened.key, by, field, purpose, words), at.book, minutes, at.now()
        ),
    )  # fmt: skip


def _once(meant: str, act: Callable[[str], T]) -> T:
    kept = st.session_state.setdefault(_KEY, {})
    asked_key = kept.setdefault(meant, review_desk().new_key())
    try:
        done = act(asked_key)
    except Refused:
        del kept[meant]
        raise
    del kept[meant]
    return done
