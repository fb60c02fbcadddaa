"""What an officer may choose from: exactly what the rules accept, and what the decision would come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import review
from rules.refusal import Refused
from rules.review_case import Check, Ground, Outcome, Override, Reason
from rules.review_choices import offered, prospect
from rules.review_reasons import refuse_unless_complete
from tests.rules.reviewing import FAILED, JUNIOR, OFFICER, PROVEN, RULE, WHY, case, claimed, decision, moment, seen

CODES = ("blacklist", "court", "score")
checks = st.lists(
    st.builds(
        Check, st.sampled_from(["rules", "model"]), st.sampled_from(CODES), st.sampled_from(["pass", "flag", "fail"])
    ),
    max_size=5,
).map(tuple)


def accepted(outcome, reason, evidence):
    amount = {Outcome.APPROVED: evidence.amount_fen, Outcome.APPROVED_LESS: 1}.get(outcome)
    worded = Reason(reason.ground, reason.code, "in other words, this")
    reasons = (worded, Reason(Ground.SCORE, "months_a_member")) if reason.ground is Ground.OTHER else (worded,)
    try:
        refuse_unless_complete(outcome, amount, reasons, WHY, evidence, RULE)
    except Refused:
        return False
    return True


@given(outcome=st.sampled_from(Outcome), checks=checks)
def test_what_is_offered_is_what_the_rules_accept(outcome, checks):
    evidence = seen(checks=checks)
    every = (
        {Reason(Ground.CHECK, code) for code in CODES}
        | {Reason(Ground.SCORE, "months_a_member"), Reason(Ground.OTHER, "other")}
        | {Reason(Ground.POLICY, each.code) for each in RULE.reasons}
    )
    given_ = offered(outcome, evidence, RULE)
    assert len(set(given_)) == len(given_)
    assert set(given_) == {reason for reason in every if accepted(outcome, reason, evidence)}
    assert given_[-1].ground is Ground.OTHER


def test_what_failed_stands_first_where_something_is_declined():
    evidence = seen(checks=(Check("rules", "a", "pass"), Check("rules", "b", "flag"), Check("model", "c", "fail")))
    assert [each.code for each in offered(Outcome.DECLINED, evidence, RULE)][:2] == ["c", "b"]
    granted = [each.code for each in offered(Outcome.APPROVED, evidence, RULE) if each.ground is Ground.CHECK]
    assert granted == ["a", "b"]


@pytest.mark.parametrize(
    ("person", "checks", "told"),
    [
        (OFFICER, None, (True, None, False, False)),
        (JUNIOR, None, (False, None, True, False)),
        (OFFICER, FAILED, (False, Override.LOW_SIDE, False, True)),
    ],
)
def test_what_a_decision_comes_to_is_told_before_it_is_recorded(person, checks, told):
    evidence = seen() if checks is None else seen(checks=checks)
    held = claimed(case(), person)
    after = review.act(
        held, person, decision(held, evidence, reasons=(PROVEN,), rationale=WHY), moment(evidence=evidence)
    )
    found = prospect(after, person, evidence, RULE)
    assert (found.settles, found.override, found.above_authority, found.named_override) == told
