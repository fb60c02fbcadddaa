"""The form of whoever decides a decided case again, without seeing how: it changes nothing of the case."""

import streamlit as st

from components import access, formats
from components.language import _
from components.review import act_words, acting, decision, draft, keys
from components.review.acting import Acting
from components.review.desk import review_desk
from components.review.draft import PAGE
from components.review.form import DOING
from desk import blind, review_unreachable
from desk.blind import Second
from desk.review_unreachable import Unreachable
from rules.refusal import Refused
from rules.review import Changed
from rules.review_actions import Decide
from rules.review_case import Outcome

_BACK = "give_back"
_OUTCOMES = {
    Outcome.APPROVED: ":material/check_circle:",
    Outcome.APPROVED_LESS: ":material/trending_down:",
    Outcome.DECLINED: ":material/cancel:",
}


@st.fragment
def draw(at: Acting) -> None:
    """Draw the form, or what it is about to record."""
    access.require(PAGE)
    acting.anew()
    st.caption(
        _("It was drawn for the blind sample. You see it as it stood before it was decided; how it was decided and its "
          "history are shown once you have. Your decision is not sent to lending and changes nothing of the case.")
    )  # fmt: skip
    acting.said(at)
    meant = acting.meant(at)
    if isinstance(meant, Decide):
        _confirm(at, meant)
        return
    doing = at.draft.text(DOING)
    with st.container(horizontal=True, gap="small", key="outcomes"):
        for outcome, icon in _OUTCOMES.items():
            _choice(at, outcome.value, _(act_words.OUTCOMES[outcome]), icon, doing)
        _choice(at, _BACK, _("I can't"), ":material/undo:", doing)
    if doing in set(Outcome):
        decision.draw(at, Outcome(doing))
    elif doing == _BACK:
        draft.text_input(at.draft, _BACK, _("Why somebody else should do it, such as that you know the case"))
        st.button(_("Give it back"), key="pass-on", on_click=_pass_on, args=(at,))


def _choice(at: Acting, code: str, name: str, icon: str, doing: str) -> None:
    kind = "primary" if code == doing else "tertiary" if code == _BACK else "secondary"
    st.button(name, icon=icon, key=f"do-{code}", type=kind, on_click=_choose, args=(at, code))


def _choose(at: Acting, code: str) -> None:
    acting.hush()
    at.draft.put(DOING, code)


def _confirm(at: Acting, meant: Decide) -> None:
    with st.container(border=True, key="confirm"):
        st.markdown(f"**{_('This is about to be recorded')}**")
        st.markdown(
            _("**{number}**: {outcome}; {asked} were asked for.").format(
                number=at.opened.waiting.external_number,
                outcome=act_words.outcome(meant.outcome, meant.amount_fen),
                asked=formats.money_exact(at.opened.seen.evidence.amount_fen),
            )
        )
        evidence, rule = at.opened.seen.evidence, at.opened.rule.review
        reasons = (
            f"{number}. {act_words.reason(each, rule, evidence)}" for number, each in enumerate(meant.reasons, 1)
        )
        st.markdown("\n".join(reasons))
        if meant.rationale:
            st.markdown(act_words.quoted(meant.rationale))
        with st.container(horizontal=True, gap="small"):
            st.button(
                _("Record it"), key="confirm-yes", type="primary", icon=":material/check:", shortcut=keys.CONFIRM.key,
                on_click=_record, args=(at, meant),
            )  # fmt: skip
            st.button(_("Back"), key="confirm-no", icon=":material/arrow_back:", on_click=acting.unmean)


def _record(at: Acting, meant: Decide) -> None:
    made = Second(meant.outcome, meant.amount_fen, meant.reasons, meant.rationale, meant.evidence_hash)
    desk = review_desk()
    try:
        acting.with_rights(at)
        with review_unreachable.telling():
            differs = blind.decide(desk.engine, at.opened.key, at.person.email, made, desk.book, desk.rule, desk.now())
    except (Unreachable, Refused) as stopped:
        _stopped(at, stopped)
        return
    draft.drop()
    _done(
        at,
        _("Recorded. Lending was sent another decision; a senior takes note of it.")
        if differs
        else _("Recorded. Lending was sent the same decision."),
    )


def _pass_on(at: Acting) -> None:
    desk, note = review_desk(), at.draft.taken(_BACK)
    try:
        acting.with_rights(at)
        with review_unreachable.telling():
            blind.pass_on(desk.engine, at.opened.key, at.person.email, note, desk.now())
    except (Unreachable, Refused) as stopped:
        _stopped(at, stopped)
        return
    draft.drop()
    _done(at, _("Recorded. Somebody else will be asked."))


def _done(at: Acting, sentence: str) -> None:
    acting.unmean()
    acting.renew()
    acting.say(at, "success", sentence, ":material/check:")


def _stopped(at: Acting, stopped: Unreachable | Refused) -> None:
    if isinstance(stopped, Unreachable):
        acting.say(at, "error", _(stopped.sentence), ":material/cloud_off:")
        return
    if isinstance(stopped, Changed):
        acting.unmean()
    acting.say(at, "error", act_words.refused(stopped, at.names), ":material/block:")
