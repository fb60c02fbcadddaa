"""Whose decision a case needs: roles, authority, conflicts of interest, and when one person is not enough."""

from rules.refusal import Refused
from rules.review_case import Case, Decision, Person
from rules.review_policy import ReviewPolicy
from rules.text import N_

SENIOR = "senior_risk_officer"
OFFICERS = frozenset({"risk_officer", SENIOR})  # who decide, up to their authority
LEADS = frozenset({SENIOR, "manager"})  # who give cases to others; a manager decides none


def refuse_unless_officer(person: Person, *, lead: bool) -> None:
    """Only officers act on cases; where a lead may too, that is said."""
    if person.role not in (OFFICERS | LEADS if lead else OFFICERS):
        raise Refused(N_("Review is not part of your role."))


def refuse_unless_lead(person: Person) -> None:
    """Who gives cases to others."""
    if person.role not in LEADS:
        raise Refused(N_("Only senior risk officers and managers give cases to others."))


def refuse_unless_may_decide(case: Case, person: Person) -> None:
    """Whether somebody may take the decision that comes next, from all that is known of the case by itself.

    The first may be taken by any officer; where they lack the authority, or the policy wants two people, it does not
    settle the case. Whoever decides after that has decided nothing of the case before and has the authority.
    """
    if person.role not in OFFICERS or person.authority_fen is None:
        raise Refused(N_("You have no authority to decide applications; an administrator sets it."))
    if person.in_conflict(case.member_id, case.referred_by_id):
        raise Refused(N_("You are, referred, or were referred by the applicant; somebody else has to decide."))
    if person.email in case.deciders:
        raise Refused(N_("You have decided on this case; now somebody else has to."))
    if case.decisions and person.authority_fen < case.amount_fen:
        raise Refused(N_("The second decision needs authority over the whole amount."))
    if case.escalated_by is not None and (person.role != SENIOR or person.email == case.escalated_by):
        raise Refused(N_("This case was escalated; another senior risk officer decides it."))
    if case.assigned_to not in {None, person.email}:
        raise Refused(N_("This case was given to {who}."), who=case.assigned_to)


def refuse_unless_may_correct(case: Case, person: Person) -> None:
    """Whether somebody may take a decision back: an officer who could have taken it and did not."""
    if any(decision.by == person.email for decision in case.decisions):
        raise Refused(N_("A decision is corrected by somebody who did not take it."))
    if person.role not in OFFICERS or person.authority_fen is None:
        raise Refused(N_("You have no authority to decide applications; an administrator sets it."))
    if person.in_conflict(case.member_id, case.referred_by_id):
        raise Refused(N_("You are, referred, or were referred by the applicant; somebody else has to decide."))


def settles(case: Case, decision: Decision, amount_fen: int, rule: ReviewPolicy) -> bool:
    """Whether a decision is the last that its case needs.

    Whoever takes it has authority over the amount that was asked for. An override that the policy names was decided
    the same way by a different person before, on the same evidence; so where a second person turns a decision into such
    an override, or the application was changed between the two, a third decision is needed.
    """
    if decision.authority_fen < amount_fen:
        return False
    if decision.override is None or decision.override not in rule.second_decision_overrides:
        return True
    return any(
        before.by != decision.by
        and before.outcome.grants == decision.outcome.grants
        and before.evidence_hash == decision.evidence_hash
        for before in case.decisions
    )
