"""What exactly is about to be recorded, and the one button that records it."""

import streamlit as st

from components import formats
from components.language import _
from components.review import act_words, acting, decision, keys, notice, steps
from components.review.acting import Acting
from rules.refusal import Refused
from rules.review_actions import Action, Decide
from rules.review_case import Outcome
from rules.review_choices import Prospect, prospect

HASH_SHOWN = 12  # characters of the hash of the evidence


def draw(at: Acting, meant: Action) -> None:
    """Draw what was laid out: a decision with all of it, or that the case is closed."""
    with st.container(border=True, key="confirm"):
        title = _("This is about to be recorded")
        st.markdown(f"**{title}**")
        if isinstance(meant, Decide):
            _decision(at, meant)
        else:
            words = act_words.quoted(getattr(meant, "note", ""))
            st.markdown(_("The applicant has withdrawn, and the case is closed: {words}").format(words=words))
        with st.container(horizontal=True, gap="small"):
            st.button(
                _("Record it"), key="confirm-yes", type="primary", icon=":material/check:", shortcut=keys.CONFIRM.key,
                on_click=acting.act, args=(at, meant, *_used(meant)),
            )  # fmt: skip
            st.button(_("Back"), key="confirm-no", icon=":material/arrow_back:", shortcut=keys.BACK.key, on_click=_back)


def _decision(at: Acting, meant: Decide) -> None:
    opened, evidence, rule = at.opened, at.opened.seen.evidence, at.opened.rule.review
    number = opened.waiting.external_number
    if meant.outcome is Outcome.DECLINED:
        told = _("**{number}** is **declined**; {asked} were asked for.")
    elif meant.outcome is Outcome.APPROVED:
        told = _("**{number}** is **approved** for **{amount}**, all that was asked for.")
    else:
        told = _("**{number}** is **approved** for **{amount}**; {asked} were asked for.")
    st.markdown(told.format(
        number=number, amount=formats.money_exact(meant.amount_fen or 0), asked=formats.money_exact(evidence.amount_fen)
    ))  # fmt: skip
    lines = "\n".join(
        f"{place}. {act_words.reason(given, rule, evidence)}"
        + (f": {act_words.quoted(given.words)}" if given.words else "")
        for place, given in enumerate(meant.reasons, start=1)
    )
    st.markdown(lines)
    try:
        found = prospect(decision.foreseen(at, meant, opened.now), at.person, evidence, rule)
    except Refused as refused:  # the case or the application was changed since it was laid out
        st.error(act_words.refused(refused, at.names), icon=":material/block:")
        return
    st.markdown("\n".join(f"- {sentence}" for sentence in _lines(at, meant, found)))
    with st.expander(_("What the applicant is told"), icon=":material/mail:", expanded=found.settles):
        notice.draw(number, meant.outcome, evidence.amount_fen, meant.amount_fen, meant.reasons, rule)


def _lines(at: Acting, meant: Decide, found: Prospect) -> list[str]:
    """Everything else that goes on record, and what happens then."""
    opened, told = at.opened, []
    if found.override is not None:
        told.append(_("It is {override}.").format(override=_(act_words.OVERRIDES[found.override])))
    if meant.rationale:
        told.append(_("Rationale: {words}").format(words=act_words.quoted(meant.rationale)))
    who, role = at.name(at.person.email), act_words.role(at.person.role)
    told.append(
        (
            _("By {who} as {role}, who may decide up to {authority}; policy of {day}; evidence {hash}.")
            if who != role
            else _("By {who}, who may decide up to {authority}; policy of {day}; evidence {hash}.")
        ).format(
            who=who,
            role=role,
            authority=formats.money_exact(at.person.authority_fen or 0),
            day=formats.day(opened.rule.since),
            hash=f"`{meant.evidence_hash[:HASH_SHOWN]}`",
        )
    )
    told.append(f"**{_then(at, found)}**")
    return told


def _then(at: Acting, found: Prospect) -> str:
    if found.settles:
        return _("It settles the case: lending is told at once.")
    if found.above_authority:
        return _("It does not settle the case: it is above your authority, so a second, different person decides.")
    if at.opened.case.decisions:
        return _("It does not settle the case: the decisions differ on an override, so another person decides.")
    return _("It does not settle the case: the policy has such an override decided by a second, different person.")


def _back() -> None:
    acting.hush()
    acting.unmean()


def _used(meant: Action) -> tuple[str, ...]:
    return () if isinstance(meant, Decide) else (steps.WITHDRAWAL, "doing")
