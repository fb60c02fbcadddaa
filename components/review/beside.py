"""What is to be known, and may be done, by whoever does not hold the case: how it stands, and what comes next."""

import streamlit as st

from components import formats
from components.language import _
from components.review import act_words, acting, confirm, delivery, draft, made, steps
from components.review.acting import Acting
from desk.review_history import newest
from rules.refusal import Refused
from rules.review_case import UNDECIDED, Delivery, State
from rules.review_people import LEADS, OFFICERS, refuse_unless_may_correct


@st.fragment
def draw(at: Acting) -> None:
    """Draw how the case stands, and what this person may do with it."""
    if not acting.granted():
        return
    acting.anew()
    acting.said(at)
    case = at.opened.case
    state = case.at(at.opened.now)
    if state is State.ASKED:
        _asked(at)
    elif state is State.PARKED:
        _parked(at)
    elif state in {State.WITHDRAWN, State.CLOSED}:
        _closed(at)
    if state is State.WAITING and case.escalated_by is not None:
        _escalated(at)
    made.draw(at)
    delivery.draw(at)
    meant = acting.meant(at)
    if meant is not None:
        confirm.draw(at, meant)
    elif state in UNDECIDED:
        _further(at)
    elif state is State.DECIDED and case.delivery is Delivery.PENDING:
        _correct(at)
    _written(at)


def _asked(at: Acting) -> None:
    asked = newest(at.history.events, "case.asked")
    if asked is not None:
        st.markdown(
            ":orange[:material/contact_support:] "
            + _("{who} asked the applicant on {at}: {words} The deadline waits.").format(
                who=at.name(asked.by), at=formats.moment(asked.at), words=act_words.quoted(asked.words or "?")
            )
        )
    if at.person.role in OFFICERS | LEADS:
        steps.answer(at)


def _parked(at: Acting) -> None:
    parked, until = newest(at.history.events, "case.parked"), at.opened.case.parked_until
    if parked is not None and until is not None:
        st.markdown(
            ":blue[:material/schedule:] "
            + _("{who} put it aside until {until}: {words} It comes back by itself.").format(
                who=at.name(parked.by), until=formats.moment(until), words=act_words.quoted(parked.words or "?")
            )
        )


def _escalated(at: Acting) -> None:
    left = newest(at.history.events, "case.escalated")
    if left is not None:
        st.markdown(
            ":orange[:material/moving:] "
            + _("{who} left it to a senior risk officer: {words}").format(
                who=at.name(left.by), words=act_words.quoted(left.words or "?")
            )
        )


def _closed(at: Acting) -> None:
    told = _("The applicant has withdrawn; the case is closed without a decision.")
    if at.opened.case.state is State.CLOSED:
        told = _("Lending has closed the application; the case is closed without a decision.")
    st.markdown(f":gray[:material/inventory_2:] {told}")


def _further(at: Acting) -> None:
    """What leads may do, and whoever is called, or hears of a withdrawal."""
    if at.person.role not in OFFICERS | LEADS:
        return
    with st.container(horizontal=True, gap="small", key="further"):
        if at.person.role in LEADS:
            with st.popover(_("Give to …"), icon=":material/person_add:", type="tertiary"):
                steps.assign(at)
        with st.popover(_("Note a call"), icon=":material/call:", type="tertiary"):
            steps.note(at)
        with st.popover(_("Withdrawn"), icon=":material/undo:", type="tertiary"):
            steps.withdraw(at)


def _correct(at: Acting) -> None:
    """The way to take a decision back, for whom it is; for others why not."""
    if at.person.role not in OFFICERS:
        return
    try:
        refuse_unless_may_correct(at.opened.case, at.person)
    except Refused as refused:
        st.caption(f":material/edit_off: {act_words.refused(refused, at.names)}")
        return
    with st.popover(_("Correct a slip"), icon=":material/edit_note:", type="tertiary"):
        steps.correct(at)


def _written(at: Acting) -> None:
    """What this person wrote and never recorded."""
    words = [text for name, text in at.draft.typed.items() if not name.startswith("reasons-")]
    if not words:
        return
    with st.expander(_("What you wrote and did not record"), icon=":material/edit_square:"):
        for text in words:
            st.markdown(act_words.quoted(text))
        st.button(_("Throw it away"), key="throw-away", icon=":material/delete:", on_click=_throw, args=(at,))


def _throw(at: Acting) -> None:
    at.draft.forget(*at.draft.typed)
    draft.drop()
