"""What else is done with a case than deciding it: each a few words and one button."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from components.language import _
from components.review import acting, draft
from components.review.acting import Acting
from components.review.desk import review_desk
from desk import review, staff
from rules.calendar import BUSINESS_ZONE
from rules.refusal import Refused
from rules.review_actions import Action, Answer, Ask, Assign, Correct, Escalate, Note, Park, Withdraw
from rules.review_case import Person
from rules.review_people import OFFICERS, refuse_unless_may_decide
from rules.review_reasons import LONGEST_WORDS

_HOURS_AHEAD = 2  # of the time that parking opens with
_STEP = timedelta(minutes=15)
_HEIGHT = 80  # px of a field of words
_UNTIL, _TO, WITHDRAWAL = "park-until", "assign-to", "withdraw-note"


def ask(at: Acting) -> None:
    """Ask the applicant for information; the deadline waits meanwhile."""
    st.caption(_("The deadline waits until the answer is recorded, and the case stays yours."))
    _step(
        at, "ask-note", _("What do you ask the applicant?"), _("Ask"), ":material/contact_support:",
        lambda words: Ask(at.opened.case.tokens, words),
    )  # fmt: skip


def note(at: Acting) -> None:
    """Keep what was said in a call."""
    _step(at, "call-note", _("Who was spoken to, and what was said?"), _("Keep it"), ":material/call:", Note)


def park(at: Acting) -> None:
    """Put the case aside until a time."""
    st.caption(_("It comes back to you by itself at that time. The deadline goes on."))
    st.datetime_input(
        _("Until when? (Shanghai time)"), _until(at), key=at.draft.widget(_UNTIL), format="YYYY-MM-DD", step=_STEP,
        on_change=at.draft.left, args=(_UNTIL, _written),
    )  # fmt: skip

    def parked(words: str) -> Action:
        until: datetime = st.session_state[at.draft.widget(_UNTIL)]
        return Park(at.opened.case.tokens, until.replace(tzinfo=BUSINESS_ZONE), words)

    _step(at, "park-note", _("What for?"), _("Park"), ":material/schedule:", parked, _UNTIL)


def escalate(at: Acting) -> None:
    """Leave the case to a senior risk officer."""
    st.caption(_("Another senior risk officer decides it then."))
    _step(
        at, "escalate-note", _("Why do you leave it to a senior risk officer?"), _("Escalate"), ":material/moving:",
        lambda words: Escalate(at.opened.case.tokens, words),
    )  # fmt: skip


def withdraw(at: Acting) -> None:
    """The applicant no longer wants the loan: laid out for confirmation, for it closes the case."""
    st.caption(_("The case is closed without a decision."))
    _words(at, WITHDRAWAL, _("How did the applicant say so?"))
    st.button(
        _("Check, then confirm"), key="withdraw", icon=":material/undo:", type="primary", on_click=_mean, args=(at,)
    )


def answer(at: Acting) -> None:
    """Information has come."""
    _step(
        at, "answer-note", _("What has come?"), _("Information has come"), ":material/mark_email_read:", Answer
    )  # fmt: skip


def correct(at: Acting) -> None:
    """Take the decision back, to decide anew."""
    st.caption(_("The case comes into your hands to be decided anew, and lending is told that this decision is void."))
    _step(at, "correct-note", _("What was the slip?"), _("Take the decision back"), ":material/edit_note:", Correct)


def assign(at: Acting) -> None:
    """As a lead, give the case to somebody who may decide it, or to whoever comes next."""
    people = {person.email: person for person in _assignable(at)}
    offered, kept = ["", *people], at.draft.text(_TO)
    to = st.selectbox(
        _("To whom?"), offered, offered.index(kept) if kept in people else 0, key=at.draft.widget(_TO),
        on_change=at.draft.left, args=(_TO, str),
        format_func=lambda email: at.name(email) if email else _("Whoever comes next"),
    )  # fmt: skip
    st.caption(_("Whoever holds it now loses it; what they wrote is kept."))
    _step(
        at, "assign-note", _("Why?"), _("Give"), ":material/person_add:",
        lambda words: Assign(people.get(to), words), _TO,
    )  # fmt: skip


def _step(
    at: Acting, name: str, label: str, button: str, icon: str, action: Callable[[str], Action], *used: str
) -> None:
    """A field of words and the button that takes the action; the field is used up by it."""
    _words(at, name, label)

    def take() -> None:
        acting.act(at, action(at.draft.taken(name)), name, "doing", *used)

    st.button(button, key=f"take-{name}", icon=icon, type="primary", on_click=take)


def _words(at: Acting, name: str, label: str) -> None:
    draft.text_area(at.draft, name, label, height=_HEIGHT, max_chars=LONGEST_WORDS)


def _mean(at: Acting) -> None:
    """Lay the withdrawal out for confirmation. For callbacks."""
    acting.hush()
    words = at.draft.taken(WITHDRAWAL)
    if words.strip():
        acting.mean(at, Withdraw(words))
    else:
        acting.say(at, "error", _("Write in a few words what this is about."), ":material/edit_note:")


def _assignable(at: Acting) -> list[Person]:
    """Officers who may take the next decision, but for whom it is given to already."""
    desk, case, found = review_desk(), replace(at.opened.case, assigned_to=None), []
    for person, active in staff.listed(desk.engine):
        if not active or person.role not in OFFICERS or person.email == at.opened.case.assigned_to:
            continue
        placed = review.placed(person, desk.book)
        try:
            refuse_unless_may_decide(case, placed)
        except Refused:
            continue
        found.append(placed)
    return found


def _until(at: Acting) -> datetime:
    """The time that was kept, else the full hour in a while; as the lender's clock shows it."""
    if text := at.draft.text(_UNTIL):
        return datetime.fromisoformat(text)
    ahead = at.opened.now.astimezone(BUSINESS_ZONE) + timedelta(hours=_HOURS_AHEAD)
    return ahead.replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _written(until: Any) -> str:
    return until.isoformat() if until is not None else ""
