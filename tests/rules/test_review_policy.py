"""Which applications are reviewed, by the policy; what can't be meant is refused with a sentence."""

import pytest

from rules import policy
from rules.review_policy import ReviewAmount
from tests.rules.test_policy import shipped, written


def test_the_most_particular_amount_holds_and_the_lower_of_two():
    rule = policy.load()[0].review
    lines = (
        ReviewAmount(product="cash", amount_cny=40_000),
        ReviewAmount(tier="gold", amount_cny=80_000),
        ReviewAmount(product="cash", tier="platinum", amount_cny=100_000),
    )
    rule = rule.model_copy(update={"amounts": lines})
    asked = [("cash", "platinum"), ("cash", "gold"), ("cash", "bronze"), ("revolving", "gold"), ("revolving", None),
             ("cash", None)]  # fmt: skip
    assert [rule.from_amount_fen(*each) // 100 for each in asked] == [100_000, 40_000, 40_000, 80_000, 50_000, 40_000]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("day_starts_at = 09:00:00", "day_starts_at = 19:00:00", "day_starts_at must be a time of day before"),
        ("lease_minutes = 15", "lease_minutes = 0", "version 1, review.lease_minutes"),
        ('["low_side"]', '["sideways"]', "version 1, review.second_decision_overrides.0"),
        ("blind_sample_ratio = 0.05", "blind_sample_ratio = 1.5", "version 1, review.blind_sample_ratio"),
    ],
)
def test_what_can_not_be_meant_is_named(tmp_path, before, after, sentence):
    with pytest.raises(policy.PolicyError) as error:
        policy.load(written(tmp_path, shipped((before, after))))
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amounts": [{"amount_cny": 5}]}, "name a product, a tier or both"),
        ({"amounts": [{"tier": "gold", "amount_cny": 5}, {"tier": "gold", "amount_cny": 6}]}, "have one amount each"),
        ({"holidays": ["2026-01-02"], "make_up_days": ["2026-01-02"]}, "2026-01-02 can't be a holiday and a make-up"),
    ],
)
def test_lines_that_contradict_each_other_are_refused(changes, told):
    rule = policy.load()[0].review
    with pytest.raises(ValueError, match=told):
        type(rule).model_validate(rule.model_dump() | changes)
