"""What one version of the policy says otherwise than another."""

from datetime import date

import pytest

from rules import policy
from rules.policy import PolicyError
from rules.policy_changes import Change, changes, content

FIRST = policy.load()[0]


def with_review(**values):
    return FIRST.model_copy(update={"review": FIRST.review.model_copy(update=values)})


def test_a_version_differs_from_itself_in_nothing_whoever_wrote_it():
    same = FIRST.model_copy(update={"effective_from": date(2027, 1, 1), "changed_by": "A", "approved_by": "B"})
    assert changes(content(FIRST), content(same)) == ()


def test_fields_lists_and_named_tables_are_told_by_their_paths():
    reasons = tuple(each for each in FIRST.review.reasons if each.code != "guarantor_found")
    other = with_review(amount_cny=80_000, holidays=(date(2027, 1, 4), date(2027, 1, 5)), reasons=reasons)
    told = changes(content(FIRST), content(other))
    assert told[0] == Change("review.amount_cny", 50_000, 80_000)
    assert told[1] == Change("review.holidays", "", "2027-01-04, 2027-01-05")
    assert {change.field for change in told[2:]} == {
        f"review.reasons[guarantor_found].{name}" for name in ("code", "name_en", "name_zh", "outcomes")
    }
    assert all(change.new is None for change in told[2:])
    assert changes(content(other), content(FIRST))[0] == Change("review.amount_cny", 80_000, 50_000)


def test_tables_of_a_list_that_are_alike_in_name_are_told_apart():
    said = content(FIRST)
    assert said["review.amounts[revolving ordinary].amount_cny"] == 30_000


def test_nobody_approves_their_own_version(tmp_path):
    text = policy.DEFAULT_PATH.read_text(encoding="utf-8")
    own = text.replace('changed_by = "Loanboard"', 'changed_by = "Li"').replace(
        'approved_by = ""', 'approved_by = "li"'
    )
    path = tmp_path / "policy.toml"
    path.write_text(own, encoding="utf-8")
    with pytest.raises(PolicyError, match="approved_by must be somebody else than changed_by"):
        policy.load(path)
