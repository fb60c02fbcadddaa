"""The form of one member of staff, for administrators: what changes is shown before it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import streamlit as st

from components import access, formats
from components.access import Role, Staff
from components.language import _
from components.markdown import plain
from rules.text import N_

PAGE, ACT = "system", "change_staff"
_KEY = "person"
_PENDING = "_person_pending"  # what is to be confirmed
_SEEN = "_person_seen"  # the entry as it was when the form was opened, on which a change is made
_CHOICES = {
    "take_access": (N_("Take access away"), N_("{name} is signed out everywhere and can't sign in any more.")),
    "give_access": (N_("Give access back"), N_("{name} may sign in again.")),
    "end_sessions": (N_("End all sessions"), N_("{name} is signed out everywhere and may sign in again.")),
    "allow_account": (
        N_("Allow another account"),
        N_("{name} is signed out everywhere; the next account that comes with this address is taken for theirs."),
    ),
}


@dataclass(frozen=True)
class Entry:
    """A member of staff as they stand on the list."""

    person: Staff
    active: bool


class Change(Protocol):
    """What the form needs: see `desk.staff_desk.StaffDesk`. Each gives the sentence that says why not."""

    def entry(self, email: str) -> tuple[Staff, bool] | None:
        """A member of staff and whether they are active; None where nobody has the address."""

    def add(self, person: Staff) -> str | None:
        """Put somebody on the list."""

    def change(self, seen: Staff, person: Staff) -> str | None:
        """Change an entry that was seen as it is."""

    def act(self, act: str, email: str) -> str | None:
        """Take access, give it back, end sessions, or allow another account."""


Done = Callable[[str], None]


def anew() -> None:
    """Forget what was seen and typed before. For use in callbacks, before the form is opened."""
    st.session_state.pop(_SEEN, None)
    _back()


def open_dialog(email: str, change: Change, done: Done, dismissed: Callable[[], None]) -> None:
    """Open the form of somebody, or an empty one."""
    if _SEEN not in st.session_state:
        found = change.entry(email) if email else None
        st.session_state[_SEEN] = None if found is None else Entry(*found)
    entry: Entry | None = st.session_state[_SEEN]
    title = _("Add somebody") if entry is None else entry.person.name
    st.dialog(title, icon=":material/badge:", on_dismiss=dismissed)(_form)(entry, change, done)


def _form(entry: Entry | None, change: Change, done: Done) -> None:
    """The inside of the dialog. It reruns by itself, so the right is looked up here."""
    who = access.require(PAGE)
    if not access.may_do(who.role, ACT):
        st.rerun()
    if entry is not None and entry.person.email == who.email:
        st.info(_("Nobody changes their own entry; ask another administrator."), icon=":material/info:")
        return
    place = st.empty()
    if _PENDING not in st.session_state:
        with place.container():
            _type(entry, change, done)
    pending: Staff | None = st.session_state.get(_PENDING)
    if pending is not None:
        with place.container():
            _confirm(entry, pending, change, done)


def _type(entry: Entry | None, change: Change, done: Done) -> None:
    """The fields, and what is done to somebody's access."""
    typed = _fields(None if entry is None else entry.person)
    if st.button(_("Next"), key=f"{_KEY}-next", type="primary", width="stretch", icon=":material/arrow_forward:"):
        if isinstance(typed, str):
            st.error(typed, icon=":material/error:")
        elif entry is not None and typed == entry.person:
            st.info(_("Nothing is different yet."), icon=":material/info:")
        else:
            st.session_state[_PENDING] = typed
    if entry is not None:
        st.divider()
        _acts(entry, change, done)


def _fields(before: Staff | None) -> Staff | str:
    """What is typed; a sentence where it is no entry."""
    start = before or Staff("", "", Role.RISK_OFFICER)
    email = start.email
    if before is None:
        email = st.text_input(_("E-mail"), key=f"{_KEY}-email", placeholder="name@company.example", max_chars=320)
    else:
        st.caption(plain(email))
    name = st.text_input(_("Name"), value=start.name, key=f"{_KEY}-name-{start.email}", max_chars=200)
    role = st.selectbox(
        _("Role"), list(Role), index=list(Role).index(start.role), format_func=access.role_name,
        key=f"{_KEY}-role-{start.email}", filter_mode=None,
    )  # fmt: skip
    authority = None
    if access.may_do(role, "work_on_cases"):
        held = "" if start.authority_fen is None else f"{start.authority_fen / 100:.2f}".removesuffix(".00")
        authority = st.text_input(
            _("May decide up to, CNY"), value=held, key=f"{_KEY}-authority-{start.email}", placeholder="80000",
            help=_("The largest amount that this person decides alone. Empty: nothing yet."),
        )  # fmt: skip
    member = st.text_input(
        _("Member's number"), value=start.member_id or "", key=f"{_KEY}-member-{start.email}", max_chars=64,
        help=_("Their own number as a member of the lender, if they are one: they decide nothing of theirs, nor of "
               "whom they referred or were referred by."),
    )  # fmt: skip
    fen = _fen(authority)
    if isinstance(fen, str):
        return fen
    typed = Staff(email.strip().lower(), " ".join(name.split()), role, fen, member.strip() or None)
    return typed if before is None else replace(typed, email=before.email)


def _fen(text: str | None) -> int | str | None:
    """An amount of CNY as fen; a sentence where it is none."""
    if text is None or not text.strip():
        return None
    whole, _point, part = text.replace(",", "").replace(" ", "").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 13 and len(part) <= 2 and (part or "0").isdigit()):
        return _("Write the authority as an amount of CNY, such as 80000.")
    return int(whole) * 100 + int(part.ljust(2, "0") or "0")


def _confirm(entry: Entry | None, person: Staff, change: Change, done: Done) -> None:
    """What is going to change, once more, before it is done."""
    before = None if entry is None else entry.person
    st.markdown("\n".join(f"- {line}" for line in _differences(before, person)))
    left, right = st.columns(2, gap="small")
    left.button(_("Back"), key=f"{_KEY}-back", width="stretch", on_click=_back)
    if right.button(_("Confirm"), key=f"{_KEY}-confirm", type="primary", width="stretch", icon=":material/check:"):
        refused = change.add(person) if before is None else change.change(before, person)
        _finish(refused, _("{name} is on the list as shown.").format(name=plain(person.name)), done)


def _back() -> None:
    st.session_state.pop(_PENDING, None)


def _acts(entry: Entry, change: Change, done: Done) -> None:
    """What is done to somebody's access, each with what it leads to."""
    acts = ("take_access", "end_sessions", "allow_account") if entry.active else ("give_access",)
    chosen = st.selectbox(
        _("Access"), ["", *acts], key=f"{_KEY}-act-{entry.person.email}", filter_mode=None,
        format_func=lambda act: _(_CHOICES[act][0]) if act else _("Leave as it is"),
    )  # fmt: skip
    if chosen:
        said = _(_CHOICES[chosen][1]).format(name=plain(entry.person.name))
        st.markdown(said)
        if st.button(
            _(_CHOICES[chosen][0]), key=f"{_KEY}-do-{chosen}", type="primary", width="stretch", icon=":material/check:"
        ):
            _finish(change.act(chosen, entry.person.email), said, done)


def _finish(refused: str | None, said: str, done: Done) -> None:
    if refused is None:
        done(said)
    else:
        st.error(refused, icon=":material/error:")


def _differences(before: Staff | None, after: Staff) -> Sequence[str]:
    """Name: before → after, for each that differs; somebody new is shown whole."""
    new, old = _shown(after), {} if before is None else _shown(before)
    changed = {label: value for label, value in new.items() if old.get(label) != value}
    return [
        f"{label}: {plain(old[label])} → **{plain(value)}**" if label in old else f"{label}: **{plain(value)}**"
        for label, value in changed.items()
    ]


def _shown(person: Staff) -> Mapping[str, str]:
    nothing = _("none")
    return {
        _("E-mail"): person.email,
        _("Name"): person.name,
        _("Role"): access.role_name(person.role),
        _("May decide up to"): nothing if person.authority_fen is None else formats.money_exact(person.authority_fen),
        _("Member's number"): person.member_id or nothing,
    }
