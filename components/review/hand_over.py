"""A lead gives cases of a colleague, such as one who fell ill, to somebody else or back to whoever comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import streamlit as st

from components import access, formats, tables
from components.language import _, ngettext
from components.review import act_words, desk, queue_words
from components.review.next_case import PAGE
from components.tables import Column, Kind
from desk import review_holders, rights, staff
from desk.review_queue import Show, Waiting
from desk.review_unreachable import Unreachable, telling
from desk.staff import Staff
from rules.refusal import Refused
from rules.review_actions import Assign
from rules.review_case import Person
from rules.review_reasons import LONGEST_WORDS

_ACT, _DECIDES = "give_cases", "work_on_cases"
_HEIGHT = 250  # px
_WHOSE, _TO, _NOTE, _ROWS, _SAID, _CASES = (
    "hand-whose", "hand-to", "hand-note", "hand-rows", "_hand-said", "_hand-cases"
)  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What became of a hand-over."""

    done: int
    refused: tuple[str, ...]  # a sentence for each case that was not given


@dataclass(frozen=True)
class Listed:
    """Somebody's cases as they were when they were chosen."""

    whose: str
    cases: tuple[Waiting, ...]
    read_at: datetime


def draw(person: Staff) -> None:
    """Draw the card for whoever may give cases to others."""
    if rights.may(person.role, _ACT):
        with st.container(border=True, key="card-hand", gap="small"):
            title = _("Give cases to others")
            st.markdown(f"## {title}", anchors=False)
            st.fragment(_form)()


def _form() -> None:
    person = access.require(PAGE)
    at = desk.review_desk()
    now = at.now()
    try:
        with telling():
            people = [each for each, active in staff.listed(at.engine) if active]
            having = review_holders.holders(at.engine, at.source, now)
            names = {each.email: each.name for each in people}
            _said()
            if not having:
                nobody = _("Nobody has a case that could be given to somebody else.")
                st.markdown(f":gray[{nobody}]")
                return
            emails = [each.email for each in having]
            whose = st.selectbox(
                _("Whose cases?"), emails, key=_WHOSE, format_func=lambda email: queue_words.person(email, names)
            )
            cases = _listed(whose)
    except Unreachable as lost:
        st.markdown(f":red[{_(lost.sentence)}]")
        return
    picked = _picked(cases, names, person)
    deciders = [each for each in people if rights.may(each.role, _DECIDES) and each.email != whose]
    to = st.selectbox(
        _("To whom?"), ["", *(each.email for each in deciders)], key=_TO,
        format_func=lambda email: queue_words.person(email, names) if email else _("Whoever comes next"),
    )  # fmt: skip
    note = st.text_input(_("Why?"), key=_NOTE, max_chars=LONGEST_WORDS, placeholder=_("For example: ill until Friday"))
    st.button(
        ngettext("Give {count} case", "Give {count} cases", len(picked)).format(count=formats.count(len(picked))),
        key="hand-give", icon=":material/person_add:", type="primary", disabled=not picked or not note.strip(),
        on_click=_give, args=(picked, to), width="content",
    )  # fmt: skip
    st.caption(_("Who holds a case now loses it; what they wrote is kept."))


def _listed(whose: str) -> tuple[Waiting, ...]:
    """Somebody's cases, read once for each hand-over: rows must not move under what is chosen of them."""
    at = desk.review_desk()
    listed: Listed | None = st.session_state.get(_CASES)
    if listed is None or listed.whose != whose:
        now = at.now()
        listed = Listed(whose, review_holders.cases_of(at.engine, at.source, whose, now), now)
        st.session_state[_CASES] = listed
    return listed.cases


def _picked(cases: Sequence[Waiting], names: Mapping[str, str], person: Staff) -> list[Waiting]:
    """The table of somebody's cases, all of them chosen until others are."""
    at = desk.review_desk()
    now, hours = at.now(), at.rule.review.hours
    rows = pd.DataFrame(
        {
            "number": [each.external_number for each in cases],
            "due": [queue_words.due(each, Show.WAITING, hours, now) for each in cases],
            "amount": pd.Series([each.amount_fen for each in cases], dtype="int64"),
            "state": [queue_words.standing(each, names, person.email, now) for each in cases],
        }
    )
    columns = {
        "number": Column(_("Case")), "due": Column(_("Due")), "amount": Column(_("Amount"), Kind.FEN),
        "state": Column(_("State")),
    }  # fmt: skip
    key = f"{_ROWS}-{st.session_state[_CASES].read_at.isoformat()}"
    chosen = tables.show(
        rows, columns, key=key, height=_HEIGHT, selection_mode="multi-row", on_select="rerun",
        selection_default={"selection": {"rows": list(range(len(cases)))}},
    )  # fmt: skip
    return [cases[row] for row in chosen["selection"]["rows"] if row < len(cases)]


def _give(cases: Sequence[Waiting], to: str) -> None:
    note, done, refused = st.session_state[_NOTE], 0, []
    receiver = Person(to, "", None) if to else None  # looked up again where it is written
    for each in cases:
        try:
            meant, by = f"give {each.external_number} to {to}: {note}", desk.actor(_ACT).email
            desk.perform(meant, each.case, by, Assign(receiver, note))
        except Refused as error:
            refused.append(f"{each.external_number}: {act_words.refused(error, {})}")
        except Unreachable as lost:
            refused.append(_(lost.sentence))
            break
        else:
            done += 1
    st.session_state[_SAID] = Given(done, tuple(refused))
    st.session_state.pop(_CASES, None)
    if done:
        st.session_state[_NOTE] = ""


def _said() -> None:
    given: Given | None = st.session_state.pop(_SAID, None)
    if given is None:
        return
    if given.done:
        st.success(
            ngettext("{count} case was given.", "{count} cases were given.", given.done).format(
                count=formats.count(given.done)
            ),
            icon=":material/check:",
        )
    for sentence in given.refused:
        st.error(sentence, icon=":material/block:")
