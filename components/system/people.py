"""Who may sign in, as what, and how far their decisions carry; administrators change it here."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from components import cards, tables
from components.language import _, ngettext
from components.system import HEIGHT, person_form
from components.system.person_form import Change
from components.tables import Column, Kind

_KEY = "people"
_SAID = "_people_said"
_OPEN = "_person_opened"  # the address whose form is open; empty for somebody new
_TURN = "_people_turn"  # a new table after each change, so that no row stays chosen


@dataclass(frozen=True)
class Shown:
    """What of the list the person who looks may see and do; `change` only for who may."""

    details: bool
    change: Change | None


def card(staff: pd.DataFrame, may: Shown) -> None:
    """Who may sign in.

    staff: name, role (its English name), active; and, for who sees details, email, authority_fen, member_id.
    """
    shown = cards.begin(_KEY, title=_("Who works with Loanboard?"), tabular=False)
    with shown.actions:
        if may.change is not None:
            _actions(staff, may.change)
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        with shown.controls:
            st.success(said, icon=":material/check:")
    listed = staff.assign(role=[_(role) for role in staff["role"]], name=[_(name) for name in staff["name"]])
    options = {} if may.change is None else {"on_select": "rerun", "selection_mode": "single-row"}
    shown.answer(
        _sentence(staff),
        height=HEIGHT,
        figure=lambda: tables.show(listed, _columns(details=may.details), key=_rows(), height=HEIGHT, **options),
        caption=_caption(may),
    )


def _actions(staff: pd.DataFrame, change: Change) -> None:
    selected = _selected(staff)
    st.button(
        _("Edit"),
        icon=":material/edit:",
        type="tertiary",
        key=f"{_KEY}-change",
        disabled=selected is None,
        on_click=_open,
        args=(selected,),
    )
    st.button(_("Add"), icon=":material/person_add:", type="tertiary", key=f"{_KEY}-add", on_click=_open, args=("",))
    opened = st.session_state.get(_OPEN)
    if opened is not None:  # a run of the whole page leaves it open
        person_form.open_dialog(opened, change, _done, _close)


def _open(email: str) -> None:
    person_form.anew()
    st.session_state[_OPEN] = email


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _done(said: str) -> None:
    """Close the form, and say on the page what was done."""
    _close()
    st.session_state[_SAID] = said
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


def _rows() -> str:
    return f"{_KEY}-rows-{st.session_state.get(_TURN, 0)}"


def _selected(staff: pd.DataFrame) -> str | None:
    """The address of the row that is chosen."""
    state = st.session_state.get(_rows())
    rows = state["selection"]["rows"] if state else []
    return staff["email"].iloc[rows[0]] if rows and rows[0] < len(staff) else None


def _sentence(staff: pd.DataFrame) -> str:
    active = int(staff["active"].sum())
    said = ngettext("**{count}** person may sign in", "**{count}** people may sign in", active).format(count=active)
    away = len(staff) - active
    if away:
        said += ngettext(", {count} no longer", ", {count} no longer", away).format(count=away)
    return said + _(". A role decides which pages a person sees; it is looked up anew at every click.")


def _caption(may: Shown) -> str:
    if may.change is not None:
        return _("choose a row to change it · every change is in the audit chain")
    return _("administrators change this list; every change is in the audit chain")


def _columns(*, details: bool) -> dict[str, Column]:
    columns = {"name": Column(_("Name"), pinned=True), "role": Column(_("Role"))}
    active = {"active": Column(_("Active"), Kind.YES)}
    if not details:
        return columns | active
    authority = Column(_("May decide up to"), Kind.FEN, help=_("The largest amount that this person decides alone."))
    member = Column(_("Member's number"), help=_("Their own number as a member: they decide nothing of theirs."))
    return columns | {"authority_fen": authority} | active | {"email": Column(_("E-mail")), "member_id": member}
