"""The sentences in which a case's history is told, one for each kind of event."""

from collections.abc import Callable
from datetime import datetime

from components import formats
from components.language import _
from components.markdown import plain
from components.review import act_words, made
from components.review.acting import Acting
from desk.review_history import Told
from desk.review_opening import Cause
from rules.reveals import FIELDS, PURPOSES
from rules.review_case import Outcome
from rules.text import N_

_PLAIN = {
    "case.claimed": N_("{who} took the case."),
    "case.given_up": N_("{who} let go of it."),
    "case.asked": N_("{who} asked the applicant: {words}"),
    "case.answered": N_("{who} recorded what came: {words}"),
    "case.noted": N_("{who} noted of a call: {words}"),
    "case.escalated": N_("{who} left it to a senior risk officer: {words}"),
    "case.correction_begun": N_("{who} took the decision back to correct a slip: {words}"),
    "case.informed": N_("The information that was asked for has come to lending; the case waits again."),
    "blind.drawn": N_("The case was drawn for the blind sample."),
    "blind.noted": N_("{who} took note of how the two decisions differ: {words}"),
    "decision.acknowledged": N_("Lending acknowledged the decision."),
    "decision.refused": N_("Lending refused the decision: {words} The case waits again."),
}
_CAUSES = {
    Cause.AMOUNT: N_("The case was opened for its amount, {amount}; due {due}."),
    Cause.REFERRED: N_("The case was opened because a check flagged the application, {amount}; due {due}."),
}
_STAGES = {1: N_("first decision"), 2: N_("second decision"), 3: N_("third decision")}


def sentence(at: Acting, event: Told) -> str:
    """What happened, in a sentence."""
    who, words = at.name(event.by), _words(event)
    if event.kind in _PLAIN:
        return _(_PLAIN[event.kind]).format(who=who, words=words)
    tell = _TELLING.get(event.kind)
    if tell is None:
        return _("{who}: {kind}").format(who=who, kind=plain(event.kind))
    return tell(at, event)


def _opened(_at: Acting, event: Told) -> str:
    told = _CAUSES.get(event.payload["cause"], _CAUSES[Cause.AMOUNT])
    due = formats.moment(datetime.fromisoformat(event.payload["due_at"]))
    return _(told).format(amount=formats.money_exact(event.payload["amount_fen"]), due=due)


def _parked(at: Acting, event: Told) -> str:
    until = formats.moment(datetime.fromisoformat(event.payload["until"]))
    told = _("{who} put it aside until {until}: {words}")
    return told.format(who=at.name(event.by), until=until, words=_words(event))


def _assigned(at: Acting, event: Told) -> str:
    to = event.payload["to"]
    if to is None:
        told = _("{who} gave it back to whoever comes next: {words}")
        return told.format(who=at.name(event.by), words=_words(event))
    told = _("{who} gave it to {to}: {words}")
    return told.format(who=at.name(event.by), to=at.name(to), words=_words(event))


def _revealed(at: Acting, event: Told) -> str:
    field, purpose = event.payload["field"], event.payload["purpose"]
    told = _("{who} was shown a field that is masked, {field}. {purpose}: {words}")
    return told.format(who=at.name(event.by), field=_(FIELDS[field]), purpose=_(PURPOSES[purpose]), words=_words(event))


def _not_revealed(at: Acting, event: Told) -> str:
    told = _("{who} asked for a field that is masked, {field}, and was refused it.")
    field = FIELDS[event.payload["field"]]
    return told.format(who=at.name(event.by), field=_(field))


def _asked_again(at: Acting, event: Told) -> str:
    to = event.payload["to"]
    if to is None:
        return _("For the blind sample, nobody is asked to decide it again for now.")
    return _("For the blind sample, {who} was asked to decide it again without seeing the decision.").format(
        who=at.name(to)
    )


def _decided_again(at: Acting, event: Told) -> str:
    told = _("For the blind sample, {who} decided again without seeing the decision: {outcome}.")
    outcome = act_words.outcome(Outcome(event.payload["outcome"]), event.payload["amount_fen"])
    return told.format(who=at.name(event.by), outcome=outcome)


def _withdrawn(at: Acting, event: Told) -> str:
    if "status" in event.payload:
        return _("The applicant withdrew at lending. The case is closed.")
    told = _("{who} recorded that the applicant withdrew: {words} The case is closed.")
    return told.format(who=at.name(event.by), words=_words(event))


def _closed(_at: Acting, _event: Told) -> str:
    return _("Lending closed the application by itself. The case is closed.")


def _decided(at: Acting, event: Told) -> str:
    """A decision, its reasons in their order, its rationale, the policy it was taken by, and what it came to."""
    decision, payload = event.decision, event.payload
    if decision is None:
        return _("A decision of {who} is on the chain, but its record is gone.").format(who=at.name(event.by))
    stage = _STAGES.get(payload["stage"])
    parts = [
        _("{who} ({role}, up to {authority}) {outcome}, as {stage}, by the policy of {day}.").format(
            who=at.name(event.by),
            role=act_words.role(decision.role),
            authority=formats.money_exact(decision.authority_fen),
            outcome=act_words.outcome(decision.outcome, decision.amount_fen),
            stage=_("decision {number}").format(number=payload["stage"]) if stage is None else _(stage),
            day=formats.day(datetime.fromisoformat(payload["policy_from"]).date()),
        )
    ]
    reasons = "; ".join(f"{place}. {each}" for place, each in enumerate(made.reasons(at, decision), start=1))
    parts.append(_("Reasons: {reasons}.").format(reasons=reasons))
    if decision.override is not None:
        parts.append(_("It is {override}.").format(override=_(act_words.OVERRIDES[decision.override])))
    if decision.rationale:
        parts.append(_("Rationale: {words}").format(words=act_words.quoted(decision.rationale)))
    parts.append(
        _("It settled the case, and lending was told.")
        if payload["final"]
        else _("It did not settle the case: a different person had to decide.")
    )
    return " ".join(parts)


def _words(event: Told) -> str:
    if event.lost_words:
        return _("(the words are not those that were said; the audit chain holds their hash)")
    return "" if event.words is None else act_words.quoted(event.words)


_TELLING: dict[str, Callable[[Acting, Told], str]] = {
    "case.opened": _opened,
    "case.parked": _parked,
    "case.assigned": _assigned,
    "case.withdrawn": _withdrawn,
    "case.closed": _closed,
    "case.decided": _decided,
    "case.revealed": _revealed,
    "case.reveal_refused": _not_revealed,
    "blind.asked": _asked_again,
    "blind.decided": _decided_again,
}
