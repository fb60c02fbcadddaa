"""A decision being made: its amount, its ordered reasons, its rationale, and what it will come to."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial

import streamlit as st

from components import formats
from components.language import _
from components.review import act_words, acting, draft, keys, notice
from components.review.acting import Acting
from rules import review
from rules.refusal import Refused
from rules.review_actions import Decide, Moment
from rules.review_case import Case, Ground, Outcome, Override, Reason
from rules.review_choices import offered
from rules.review_reasons import LONGEST_WORDS, MOST_REASONS, SHORTEST_WORDS, override

AMOUNT, OTHER, RATIONALE = "amount", "other", "rationale"


def draw(at: Acting, outcome: Outcome) -> None:
    """Draw the fields of one outcome, the notice, and the button that lays it out for confirmation."""
    evidence, rule = at.opened.seen.evidence, at.opened.rule.review
    amount_fen = _amount(at, outcome)
    reasons = _reasons(at, outcome)
    against = override(outcome, evidence)
    draft.text_area(
        at.draft,
        RATIONALE,
        _("Rationale") if against is not None else _("Rationale, if there is more to say"),
        height=80,
        max_chars=LONGEST_WORDS,
        help=_("Kept on record with the decision. The applicant does not read it."),
    )
    for sentence in _comes_to(at, against):
        st.caption(sentence)
    with st.expander(_("What the applicant is told"), icon=":material/mail:"):  # always: what comes late moves buttons
        if reasons:
            notice.draw(at.opened.waiting.external_number, outcome, evidence.amount_fen, amount_fen, reasons, rule)
        else:
            st.caption(_("The letter in both languages, once a reason is chosen."))
    st.button(
        _("Check, then confirm"),
        key="check",
        type="primary",
        icon=":material/fact_check:",
        shortcut=keys.CHECK.key,
        on_click=partial(_check, at, outcome),
    )


def foreseen(at: Acting, action: Decide, now: datetime) -> Case:
    """The case as it would be after a decision; `Refused` with what is missing where there would be none."""
    opened = at.opened
    return review.act(opened.case, at.person, action, Moment(now, opened.rule.review, opened.seen.evidence))


def _check(at: Acting, outcome: Outcome) -> None:
    """Lay the decision out for confirmation, or say what is missing. For callbacks."""
    opened, fields = at.opened, at.draft
    acting.hush()
    amount_fen: int | None = None
    if outcome is Outcome.APPROVED:
        amount_fen = opened.seen.evidence.amount_fen
    elif outcome is Outcome.APPROVED_LESS:
        amount_fen = fen_of(fields.taken(AMOUNT))
    fields.taken(_field(outcome), _written)
    action = Decide(
        token=opened.case.tokens,
        version=opened.case.version,
        evidence_hash=opened.seen.evidence.hash,
        outcome=outcome,
        amount_fen=amount_fen,
        reasons=_worded(_kept(at, outcome), fields.taken(OTHER)),
        rationale=fields.taken(RATIONALE).strip(),
    )
    try:
        foreseen(at, action, opened.now)
    except Refused as refused:
        acting.say(at, "error", act_words.refused(refused, at.names), ":material/edit_note:")
        return
    acting.mean(at, action)


def fen_of(text: str) -> int | None:
    """An amount in CNY as somebody typed it, in fen; None where it is none."""
    plain = text.strip().replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥")
    try:
        fen = Decimal(plain) * 100
    except InvalidOperation:
        return None
    return int(fen) if fen.is_finite() and fen == fen.to_integral_value() else None


def _amount(at: Acting, outcome: Outcome) -> int | None:
    asked_fen = at.opened.seen.evidence.amount_fen
    if outcome is not Outcome.APPROVED_LESS:
        return asked_fen if outcome is Outcome.APPROVED else None
    typed = draft.text_input(
        at.draft,
        AMOUNT,
        _("Amount, CNY"),
        placeholder=_("below {asked}").format(asked=formats.money_exact(asked_fen)),
        max_chars=20,
    )
    return fen_of(typed)


def _reasons(at: Acting, outcome: Outcome) -> tuple[Reason, ...]:
    evidence, rule = at.opened.seen.evidence, at.opened.rule.review
    options = offered(outcome, evidence, rule)
    name = _field(outcome)
    chosen = st.multiselect(
        _("Reasons, the weightiest first"),
        options,
        default=_kept(at, outcome),
        format_func=lambda given: act_words.reason(given, rule, evidence),
        key=at.draft.widget(name),
        max_selections=MOST_REASONS,
        placeholder=_("One to four: a check, the score or the policy"),
        on_change=at.draft.left,
        args=(name, _written),
        wrap=True,
    )
    words = ""
    if any(given.ground is Ground.OTHER for given in chosen):
        words = draft.text_area(
            at.draft, OTHER, _("Other: what is it? It is kept inside, the applicant does not read it."), height=70,
            max_chars=LONGEST_WORDS,
        )  # fmt: skip
    return _worded(chosen, words)


def _comes_to(at: Acting, against: Override | None) -> list[str]:
    """What is to be known of a decision before it is checked: that it goes against the rules, that two decide."""
    told = []
    asked_fen, authority_fen = at.opened.seen.evidence.amount_fen, at.person.authority_fen or 0
    if against is not None:
        told.append(
            ":orange[:material/warning:] "
            + _("This is {override}. Say why, in {count} characters or more.").format(
                override=_(act_words.OVERRIDES[against]), count=SHORTEST_WORDS
            )
        )
    second = authority_fen < asked_fen and not at.opened.case.decisions
    if second:
        told.append(
            ":material/group: "
            + _("{asked} is above your authority of {authority}: a second, different person decides after you.").format(
                asked=formats.money_exact(asked_fen), authority=formats.money_exact(authority_fen)
            )
        )
    elif against in at.opened.rule.review.second_decision_overrides and not at.opened.case.decisions:
        told.append(
            ":material/group: "
            + _("The policy has such a decision taken by two people: a second one decides after you.")
        )
    return told


def _field(outcome: Outcome) -> str:
    return f"reasons-{outcome.value}"  # each outcome has reasons of its own


def _kept(at: Acting, outcome: Outcome) -> tuple[Reason, ...]:
    """The reasons that were kept, as far as they may still be given."""
    text = at.draft.text(_field(outcome))
    given = [Reason(Ground(ground), code) for ground, code in json.loads(text)] if text else []
    options = set(offered(outcome, at.opened.seen.evidence, at.opened.rule.review))
    return tuple(reason for reason in given if reason in options)


def _written(chosen: Sequence[Reason]) -> str:
    return json.dumps([[given.ground.value, given.code] for given in chosen]) if chosen else ""


def _worded(reasons: Sequence[Reason], other: str) -> tuple[Reason, ...]:
    return tuple(
        Reason(given.ground, given.code, other.strip()) if given.ground is Ground.OTHER else given for given in reasons
    )
