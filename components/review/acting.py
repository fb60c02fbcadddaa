"""Whoever acts on the open case: what they may do with it, and what became of what they did last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from components import access
from components.language import _
from components.review import act_words, desk, draft
from components.review.draft import PAGE, Draft
from components.review.opened import Opened
from desk import blind, review, review_history, review_unreachable
from desk.review_history import History
from desk.review_unreachable import Unreachable
from rules.refusal import Refused
from rules.review import AlreadyDecided, Changed, NotHeld
from rules.review_actions import Action, Claim, Decide
from rules.review_case import Case, Person, State
from rules.review_people import refuse_unless_may_decide
from rules.text import N_

_SAID, _ANEW, _MEANT = "_review-said", "_review-anew", "_review-meant"


@dataclass(frozen=True)
class Acting:
    """The open case, whoever looks at it as the rules see them, what they typed, and what is on record."""

    opened: Opened
    person: Person
    draft: Draft
    history: History
    blind: bool  # they are to decide the case again without seeing how it was decided

    @property
    def names(self) -> Mapping[str, str]:
        """Staff by address."""
        return self.history.names

    @property
    def held(self) -> bool:
        """Whether the case is in their hands."""
        return self.opened.case.held_by(self.opened.now) == self.person.email

    @property
    def barred(self) -> Refused | None:
        """Why they may not take the decision that comes next; None where they may."""
        try:
            refuse_unless_may_decide(self.opened.case, self.person)
        except Refused as refused:
            return refused
        return None

    def name(self, email: str) -> str:
        """Somebody by name."""
        return act_words.who(email, self.names)


def of(opened: Opened) -> Acting:
    """Whoever looks at the open case."""
    at = desk.review_desk()
    history = review_history.read(at.engine, opened.key)
    hidden = blind.is_hidden(at.engine, opened.key, opened.person.email)
    if hidden:
        history = replace(history, events=(), deliveries=())
    return Acting(opened, review.placed(opened.person, at.book), draft.of(opened), history, hidden)


def act(acting: Acting, action: Action, *used: str) -> None:
    """Take an action; say what became of it and draw the page anew. `used`: fields that it uses up. For callbacks.

    What is meant is named by the case as it was shown and by all of the action, so that a rerun, a double click or a
    second try after a lost connection is the same action. Nothing of Streamlit stands in its transaction.
    """
    opened = acting.opened
    meant = f"{opened.waiting.external_number} {opened.case.version} {action!r}"
    try:
        with_rights(acting)
        done = desk.perform(meant, opened.key, opened.person.email, action)
    except Unreachable as lost:
        say(acting, "error", _(lost.sentence), ":material/cloud_off:")
        return
    except Refused as refused:
        _refused(acting, refused)
        return
    if isinstance(action, Decide):
        draft.drop()
    else:
        acting.draft.forget(*used)
    unmean()
    renew()
    if isinstance(action, Claim):
        hush()  # the line says whose it is
    else:
        say(acting, "success", _became(action, done.case), ":material/check:")


def granted() -> bool:
    """Whether it could be looked up that whoever looks may see the page, which it ends otherwise; else say so."""
    try:
        with review_unreachable.telling():
            access.require(PAGE)
    except Unreachable as lost:
        st.error(_(lost.sentence), icon=":material/cloud_off:")
        return False
    return True


def with_rights(acting: Acting) -> None:
    """`Refused` for whoever may not see the page any more, or is not who drew it."""
    person = access.visitor()
    if person is None or person.email != acting.opened.person.email or not access.may(person.role, PAGE):
        raise Refused(N_("This page is not part of your role any more; nothing was recorded."))


def mean(acting: Acting, action: Action) -> None:
    """Lay an action out for confirmation."""
    st.session_state[_MEANT] = (acting.opened.key, action)


def unmean() -> None:
    """Take it back."""
    st.session_state.pop(_MEANT, None)


def meant(acting: Acting) -> Action | None:
    """What of the open case is laid out for confirmation."""
    key, action = st.session_state.get(_MEANT, (None, None))
    return action if key == acting.opened.key else None


def renew() -> None:
    """Have the whole page drawn anew: something was done. For callbacks."""
    st.session_state[_ANEW] = True


def anew() -> None:
    """Draw the whole page anew where something was done since. Stands at the head of every fragment."""
    if st.session_state.pop(_ANEW, False):
        st.rerun()


def say(acting: Acting, kind: str, sentence: str, icon: str) -> None:
    """What became of what was done last; it stays until something else is done or another case is opened."""
    st.session_state[_SAID] = (acting.opened.key, kind, sentence, icon)


def hush() -> None:
    """Say nothing more of what was done last."""
    st.session_state.pop(_SAID, None)


def said(acting: Acting) -> None:
    """Draw it."""
    told = st.session_state.get(_SAID)
    if told is not None and told[0] == acting.opened.key:
        {"success": st.success, "error": st.error, "warning": st.warning}[told[1]](told[2], icon=told[3])


def _refused(acting: Acting, refused: Refused) -> None:
    if isinstance(refused, AlreadyDecided | Changed | NotHeld):
        unmean()
    renew()
    say(acting, "error", act_words.refused(refused, acting.names), ":material/block:")


def _became(action: Action, case: Case) -> str:
    if isinstance(action, Decide):
        if case.state is State.DECIDED:
            return _("Recorded. The case is decided, and lending is told.")
        return _("Recorded. It does not settle the case: a second, different person decides now.")
    return _("Recorded.")
