"""What somebody sees who is not let in: the way in, or why not and what to do about it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from components import access, states
from components.access import Denied
from components.frame import whole
from components.language import _
from components.markdown import plain
from components.providers import DEFAULT

FAILED = "loanboard_sign_in_failed"  # the cookie by which the server tells that a provider let nobody in


def draw() -> None:
    """The page that takes the place of every page for whoever is not let in."""
    found = access.looking()
    if isinstance(found, Denied):
        _REFUSALS[found](plain(access.claimed()))
    elif access.providers():
        _providers()
    elif access.demo_offered():
        _demo()
    else:
        whole(states.sign_in_missing)


def _providers() -> None:
    with _card():
        st.title(_("Sign in"), anchor=False)
        if st.context.cookies.get(FAILED):
            st.markdown(
                ":orange[:material/warning:] "
                + _("That did not work: the sign-in was broken off, or its service could not be reached. Try again; if "
                    "it comes back, ask whoever runs Loanboard for you.")
            )  # fmt: skip
        st.markdown(_("Loanboard knows you by the account of your company. You come back to the page you asked for."))
        _ways_in()


def _demo() -> None:
    with _card():
        st.title(_("Sign in"), anchor=False)
        st.markdown(
            _("This is a public book on your own machine, so there is no password: choose whose work you want to see.")
        )
        for role in access.Role:
            st.button(
                access.role_name(role),
                key=f"sign-in-{role.value}",
                on_click=access.sign_in_as,
                args=(role,),
                width="stretch",
            )


def _unknown(email: str) -> None:
    _refuse(
        ":material/person_off:",
        _("You are not on the staff list"),
        _("{email} has no active entry. Ask your administrator to add you or to make your entry active again.").format(
            email=email
        ),
        _leave,
    )


def _unverified(email: str) -> None:
    _refuse(
        ":material/mark_email_unread:",
        _("Your address is not confirmed"),
        _("The service that you signed in with does not confirm that {email} is yours. Confirm the address there, or "
          "ask whoever looks after it in your company, then sign in again.").format(email=email or "—"),
        _leave,
    )  # fmt: skip


def _other_person(email: str) -> None:
    _refuse(
        ":material/switch_account:",
        _("This address belongs to another account"),
        _("Loanboard knows {email} by another account than the one you signed in with. Use the account of before; if "
          "it is gone, ask your administrator to let you sign in with the new one.").format(email=email),
        _leave,
    )  # fmt: skip


def _ended(_email: str) -> None:
    _refuse(
        ":material/timer_off:",
        _("Your session has ended"),
        _("A session lasts 12 hours at most, and ends in every window when you sign out in one, or when an "
          "administrator ends it. Sign in again; you come back to this page."),
        _ways_in,
    )  # fmt: skip


_REFUSALS = {
    Denied.UNKNOWN: _unknown,
    Denied.UNVERIFIED: _unverified,
    Denied.OTHER_PERSON: _other_person,
    Denied.ENDED: _ended,
}


def _refuse(icon: str, title: str, sentence: str, ways: Callable[[], None]) -> None:
    with _card():
        states.told(icon, title, sentence)
        ways()


def _ways_in() -> None:
    for place, (name, called) in enumerate(access.providers().items()):
        st.button(
            _("Sign in with {provider}").format(provider=plain(called)) if called else _("Sign in"),
            key=f"sign-in-with-{name}",
            icon=":material/login:",
            type="primary" if place == 0 else "secondary",
            on_click=partial(st.login, None if name == DEFAULT else name),
            width="stretch",
        )


def _leave() -> None:
    st.button(
        _("Sign in with another account"),
        key="sign-out",
        icon=":material/logout:",
        on_click=access.sign_out,
        width="stretch",
    )


def _card() -> "st.delta_generator.DeltaGenerator":
    return st.container(key="sign-in", border=True)
