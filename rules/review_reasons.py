"""What a decision must say: its amount, one to four ordered reasons bound to what was seen, a rationale."""

from rules.refusal import Refused
from rules.review_case import Evidence, Ground, Outcome, Override, Reason
from rules.review_policy import ReviewPolicy
from rules.text import N_

MOST_REASONS = 4
SHORTEST_WORDS, LONGEST_WORDS = 10, 2_000


def override(outcome: Outcome, evidence: Evidence) -> Override | None:
    """Whether an outcome goes against what rules and model said, and which way."""
    if outcome.grants and evidence.failed:
        return Override.LOW_SIDE
    if not outcome.grants and not evidence.failed:
        return Override.HIGH_SIDE
    return None


def refuse_unless_complete(
    outcome: Outcome,
    amount_fen: int | None,
    reasons: tuple[Reason, ...],
    rationale: str,
    evidence: Evidence,
    rule: ReviewPolicy,
) -> None:
    """`Refused` with what is missing, unless the decision says all it must."""
    _amount(outcome, amount_fen, evidence)
    if not 1 <= len(reasons) <= MOST_REASONS:
        raise Refused(N_("Give one to {count} reasons, the weightiest first."), count=MOST_REASONS)
    if len({(reason.ground, reason.code) for reason in reasons}) < len(reasons):
        raise Refused(N_("Give each reason once."))
    if all(reason.ground is Ground.OTHER for reason in reasons):
        raise Refused(N_("“Other” is no reason alone; name a check, a score reason or a policy too."))
    for reason in reasons:
        _bound(reason, outcome, evidence, rule)
    if override(outcome, evidence) is not None and len(rationale.strip()) < SHORTEST_WORDS:
        raise Refused(
            N_("This goes against what rules and model said; say why, in {count} characters or more."),
            count=SHORTEST_WORDS,
        )
    if len(rationale) > LONGEST_WORDS:
        raise Refused(N_("Say it in {count} characters or fewer."), count=LONGEST_WORDS)


def _amount(outcome: Outcome, amount_fen: int | None, evidence: Evidence) -> None:
    asked = evidence.amount_fen
    if outcome is Outcome.DECLINED and amount_fen is not None:
        raise Refused(N_("What is declined has no amount."))
    if outcome is Outcome.APPROVED and amount_fen != asked:
        raise Refused(N_("Approved is the amount that was asked for; for another one, approve less."))
    if outcome is Outcome.APPROVED_LESS and (amount_fen is None or not 0 < amount_fen < asked):
        raise Refused(N_("Write an amount above zero and below the one that was asked for."))


def _bound(reason: Reason, outcome: Outcome, evidence: Evidence, rule: ReviewPolicy) -> None:
    if len(reason.words) > LONGEST_WORDS:
        raise Refused(N_("Say it in {count} characters or fewer."), count=LONGEST_WORDS)
    if reason.ground is Ground.CHECK:
        said = {check.outcome for check in evidence.checks if check.code == reason.code}
        if not said:
            raise Refused(N_("The application has no check “{code}”."), code=reason.code)
        if outcome is Outcome.DECLINED and said == {"pass"}:
            raise Refused(N_("The check “{code}” was passed; it is no reason to decline."), code=reason.code)
        if outcome.grants and said == {"fail"}:
            raise Refused(N_("The check “{code}” failed; it is no reason to approve."), code=reason.code)
    elif reason.ground is Ground.SCORE:
        if reason.code not in evidence.score_reasons:
            raise Refused(N_("The score of the application has no reason “{code}”."), code=reason.code)
    elif reason.ground is Ground.POLICY:
        policy = next((each for each in rule.reasons if each.code == reason.code), None)
        if policy is None:
            raise Refused(N_("The policy has no reason “{code}”."), code=reason.code)
        if outcome not in policy.outcomes:
            raise Refused(N_("The policy's reason “{code}” is none for this outcome."), code=reason.code)
    elif len(reason.words.strip()) < SHORTEST_WORDS:
        raise Refused(N_("Say what else there is, in {count} characters or more."), count=SHORTEST_WORDS)
