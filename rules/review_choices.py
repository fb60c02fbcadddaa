"""What an officer may choose from, and what a decision would come to, before anything is recorded."""

from dataclasses import dataclass

from rules.review_case import Case, Evidence, Ground, Outcome, Override, Person, Reason, State
from rules.review_policy import ReviewPolicy

_WEIGHT = {"fail": 0, "flag": 1, "pass": 2}  # of what a check said, as a reason to decline


def offered(outcome: Outcome, evidence: Evidence, rule: ReviewPolicy) -> tuple[Reason, ...]:
    """The reasons that may be given for an outcome, those that speak for it first; "other" stands last."""
    policy = [Reason(Ground.POLICY, each.code) for each in rule.reasons if outcome in each.outcomes]
    checks = [Reason(Ground.CHECK, code) for code in _checks(outcome, evidence)]
    score = [Reason(Ground.SCORE, code) for code in sorted(evidence.score_reasons)]
    first, then = (policy, checks) if outcome.grants else (checks, policy)
    return (*first, *then, *score, Reason(Ground.OTHER, "other"))


def said(evidence: Evidence, code: str) -> str:
    """The worst that the checks of a code said."""
    return min((check.outcome for check in evidence.checks if check.code == code), key=_weight)


@dataclass(frozen=True)
class Prospect:
    """What a decision comes to: whether it settles the case, and why it does not."""

    settles: bool
    override: Override | None
    above_authority: bool
    named_override: bool  # which the policy lets two people decide


def prospect(after: Case, person: Person, evidence: Evidence, rule: ReviewPolicy) -> Prospect:
    """What the rules have made of somebody's decision: the case as it would be after it."""
    against = after.decisions[-1].override
    return Prospect(
        settles=after.state is State.DECIDED,
        override=against,
        above_authority=(person.authority_fen or 0) < evidence.amount_fen,
        named_override=against is not None and against in rule.second_decision_overrides,
    )


def _checks(outcome: Outcome, evidence: Evidence) -> list[str]:
    """The codes of checks that may be named for an outcome, those that speak for it first."""
    by_code: dict[str, set[str]] = {}
    for check in evidence.checks:
        by_code.setdefault(check.code, set()).add(check.outcome)
    barred = {"fail"} if outcome.grants else {"pass"}
    may = [code for code, outcomes in by_code.items() if outcomes != barred]
    sign = -1 if outcome.grants else 1
    return sorted(may, key=lambda code: sign * _weight(said(evidence, code)))


def _weight(outcome: str) -> int:
    return _WEIGHT.get(outcome, 1)
