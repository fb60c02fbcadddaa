"""Review as a state machine: what may be done with a case, by whom, and what becomes of it. Pure functions.

`act` takes a case, who acts, what they do, and what is true at that moment; it gives the case as it is afterwards, or
`Refused` with a sentence. There is no other way to a decision, and no role is above its rules.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rules.refusal import Refused
from rules.review_actions import (
    Action,
    Answer,
    Ask,
    Assign,
    Claim,
    Correct,
    Decide,
    Escalate,
    GiveUp,
    Moment,
    Note,
    Park,
    Withdraw,
)
from rules.review_case import UNDECIDED, Case, Decision, Delivery, Evidence, Lease, Person, State
from rules.review_people import (
    refuse_unless_lead,
    refuse_unless_may_correct,
    refuse_unless_may_decide,
    refuse_unless_officer,
    settles,
)
from rules.review_policy import ReviewPolicy
from rules.review_reasons import LONGEST_WORDS, override, refuse_unless_complete
from rules.text import N_


class AlreadyDecided(Refused):
    """Somebody else has decided meanwhile: who, what and when."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(
            N_("{who} decided this case on {at}: {outcome}. Nothing of yours was recorded."),
            who=decision.by, at=decision.at, outcome=decision.outcome,
        )  # fmt: skip
        self.decision = decision


class NotHeld(Refused):
    """The case is not, or no longer, in the hands of whoever acts: who holds it, if anybody."""

    def __init__(self, holder: str | None) -> None:
        sentence = (
            N_("Your hold on this case has run out; claim it again. What you wrote is kept.")
            if holder is None
            else N_("{who} holds this case.")
        )
        super().__init__(sentence, who=holder)
        self.holder = holder


class Changed(Refused):
    """The case or the application is no longer what was on the screen."""

    def __init__(self, evidence: Evidence | None) -> None:
        super().__init__(
            N_("This case was changed meanwhile; look at it again.")
            if evidence is None
            else N_("The application was changed meanwhile; look at what is new, then decide.")
        )
        self.evidence = evidence


def act(case: Case, person: Person, action: Action, moment: Moment) -> Case:
    """The case after an action; `Refused` where the action is not this person's to take, or not now."""
    refuse_unless_officer(person, lead=isinstance(action, Assign | Answer | Note | Withdraw))
    if isinstance(action, Correct):
        return _correct(case, person, action, moment)
    if case.state is State.DECIDED:
        raise AlreadyDecided(case.decisions[-1])
    if case.state is State.WITHDRAWN:
        raise Refused(N_("The applicant has withdrawn the application; there is nothing to decide."))
    if case.state is State.CLOSED:
        raise Refused(N_("Lending has closed the application; there is nothing to decide."))
    changed: Case = _STEPS[type(action)](case, person, action, moment)
    kept_alive = isinstance(action, Claim) and replace(changed, lease=case.lease) == case
    return changed if kept_alive else replace(changed, version=case.version + 1)


def span(rule: ReviewPolicy) -> timedelta:
    """The working time within which a case is to be decided."""
    return timedelta(hours=rule.deadline_working_hours)


def acknowledge(case: Case) -> Case:
    """Lending has taken the decision over."""
    _refuse_unless_pending(case)
    return replace(case, delivery=Delivery.ACKNOWLEDGED, version=case.version + 1)


def refuse(case: Case, moment: Moment) -> Case:
    """Lending can't carry the decision out: the case waits for a new one, by anybody."""
    _refuse_unless_pending(case)
    due_at = moment.rule.hours.add(moment.now, span(moment.rule))
    return _reopened(case, due_at=due_at, delivery=Delivery.REFUSED)


def closed(case: Case, state: State) -> Case:
    """Lending says that the applicant has withdrawn, or that it closed the application itself, before a decision."""
    if case.state not in UNDECIDED:
        raise Refused(N_("The case is closed already."))
    return replace(_unasked(case), state=state, parked_until=None, lease=None, version=case.version + 1)


def informed(case: Case, evidence_hash: str, moment: Moment) -> Case | None:
    """The case once its application says something new since information was asked for; None before that."""
    if case.state is not State.ASKED or case.asked_hash in {None, evidence_hash}:
        return None
    return replace(_returned(case, moment), version=case.version + 1)


def _claim(case: Case, person: Person, action: Claim, moment: Moment) -> Case:
    refuse_unless_may_decide(case, person)
    if case.at(moment.now) is not State.WAITING:
        raise Refused(N_("This case does not wait for anybody now; it comes back by itself."))
    holder = case.held_by(moment.now)
    if holder not in {None, person.email}:
        raise NotHeld(holder)
    until = moment.now + timedelta(minutes=moment.rule.lease_minutes)
    token = case.tokens + (holder is None)
    lease = Lease(person.email, token, until)
    return replace(case, state=State.WAITING, parked_until=None, tokens=token, lease=lease)


def _give_up(case: Case, person: Person, action: GiveUp, moment: Moment) -> Case:
    _refuse_unless_held(case, person, action.token, moment.now)
    return replace(case, lease=None)


def _decide(case: Case, person: Person, action: Decide, moment: Moment) -> Case:
    refuse_unless_may_decide(case, person)
    _refuse_unless_held(case, person, action.token, moment.now)
    if action.version != case.version:
        raise Changed(None)
    seen = moment.evidence
    if seen is None or seen.application_id != case.application_id:
        raise ValueError("a decision needs the evidence of its application, read now")
    if not seen.open:
        raise Refused(N_("Lending no longer waits for a decision on this application."))
    if seen.hash != action.evidence_hash:
        raise Changed(seen)
    if person.in_conflict(seen.member_id, seen.referred_by_id):
        raise Refused(N_("You are, referred, or were referred by the applicant; somebody else has to decide."))
    refuse_unless_complete(action.outcome, action.amount_fen, action.reasons, action.rationale, seen, moment.rule)
    decision = Decision(
        person.email, person.role, person.authority_fen or 0, action.outcome, action.amount_fen, action.reasons,
        action.rationale, override(action.outcome, seen), seen.hash, moment.now,
    )  # fmt: skip
    after = replace(case, lease=None, assigned_to=None, decisions=(*case.decisions, decision))
    if not settles(case, decision, seen.amount_fen, moment.rule):
        return replace(after, amount_fen=seen.amount_fen)
    return replace(
        after, amount_fen=seen.amount_fen, state=State.DECIDED, delivery=Delivery.PENDING, corrected=frozenset(),
        escalated_by=None,
    )  # fmt: skip


def _ask(case: Case, person: Person, action: Ask, moment: Moment) -> Case:
    _refuse_unless_held(case, person, action.token, moment.now)
    _refuse_unless_said(action.question)
    return replace(
        case, state=State.ASKED, asked_at=moment.now, left=moment.rule.hours.between(moment.now, case.due_at),
        asked_hash=None if moment.evidence is None else moment.evidence.hash, lease=None, assigned_to=person.email,
    )  # fmt: skip


def _answer(case: Case, _person: Person, action: Answer, moment: Moment) -> Case:
    if case.state is not State.ASKED:
        raise Refused(N_("No information is awaited for this case."))
    _refuse_unless_said(action.note)
    return _returned(case, moment)


def _returned(case: Case, moment: Moment) -> Case:
    """What was asked for is there: the clock runs on from where it stood."""
    left = case.left or timedelta(0)
    due_at = case.due_at if left <= timedelta(0) else moment.rule.hours.add(moment.now, left)
    return replace(_unasked(case), state=State.WAITING, due_at=due_at)


def _unasked(case: Case) -> Case:
    return replace(case, asked_at=None, asked_hash=None, left=None)


def _note(case: Case, _person: Person, action: Note, _moment: Moment) -> Case:
    _refuse_unless_said(action.note)
    return case


def _park(case: Case, person: Person, action: Park, moment: Moment) -> Case:
    _refuse_unless_held(case, person, action.token, moment.now)
    _refuse_unless_said(action.note)
    if action.until <= moment.now:
        raise Refused(N_("Choose a time that is still to come."))
    return replace(case, state=State.PARKED, parked_until=action.until, lease=None, assigned_to=person.email)


def _escalate(case: Case, person: Person, action: Escalate, moment: Moment) -> Case:
    _refuse_unless_held(case, person, action.token, moment.now)
    _refuse_unless_said(action.note)
    return replace(case, lease=None, assigned_to=None, escalated_by=person.email)


def _assign(case: Case, person: Person, action: Assign, moment: Moment) -> Case:
    refuse_unless_lead(person)
    _refuse_unless_said(action.note)
    if action.to is not None:
        _refuse_unless_assignable(case, action.to)
    state = State.WAITING if case.state is State.PARKED else case.state
    to = None if action.to is None else action.to.email
    return replace(case, state=state, parked_until=None, lease=None, assigned_to=to)


def _withdraw(case: Case, _person: Person, action: Withdraw, _moment: Moment) -> Case:
    _refuse_unless_said(action.note)
    return closed(case, State.WITHDRAWN)


def _correct(case: Case, person: Person, action: Correct, moment: Moment) -> Case:
    if case.state is not State.DECIDED:
        raise Refused(N_("There is no decision to correct."))
    if case.delivery is not Delivery.PENDING:
        raise Refused(N_("Lending has acknowledged the decision; it can't be corrected here any more."))
    refuse_unless_may_correct(case, person)
    _refuse_unless_said(action.note)
    until = moment.now + timedelta(minutes=moment.rule.lease_minutes)
    deciders = frozenset(decision.by for decision in case.decisions)
    opened = _reopened(case, corrected=deciders, delivery=Delivery.CORRECTED)
    return replace(opened, tokens=case.tokens + 1, lease=Lease(person.email, case.tokens + 1, until))


def _reopened(case: Case, **changes: Any) -> Case:
    return replace(
        case, state=State.WAITING, decisions=(), lease=None, assigned_to=None, escalated_by=None,
        version=case.version + 1, **changes,
    )  # fmt: skip


def _refuse_unless_assignable(case: Case, person: Person) -> None:
    try:
        refuse_unless_may_decide(replace(case, assigned_to=None), person)
    except Refused:
        raise Refused(N_("{who} may not decide this case; choose somebody else."), who=person.email) from None


def _refuse_unless_held(case: Case, person: Person, token: int, now: datetime) -> None:
    holder = case.held_by(now)
    if holder != person.email or case.lease is None or case.lease.token != token:
        raise NotHeld(None if holder == person.email else holder)


def _refuse_unless_pending(case: Case) -> None:
    if case.state is not State.DECIDED or case.delivery is not Delivery.PENDING:
        raise Refused(N_("This decision is not, or no longer, to be acknowledged."))


def _refuse_unless_said(words: str) -> None:
    if not words.strip():
        raise Refused(N_("Write in a few words what this is about."))
    if len(words) > LONGEST_WORDS:
        raise Refused(N_("Say it in {count} characters or fewer."), count=LONGEST_WORDS)


_STEPS: dict[type, Any] = {
    Claim: _claim, GiveUp: _give_up, Decide: _decide, Ask: _ask, Answer: _answer, Note: _note, Park: _park,
    Escalate: _escalate, Assign: _assign, Withdraw: _withdraw,
}  # fmt: skip
