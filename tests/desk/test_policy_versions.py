"""Versions of the policy on record, on both kinds of state database."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from desk import policy_versions, state
from rules import policy
from rules.policy_changes import Change
from tests.desk.reviewing import NOW, kinds, rows

FIRST = policy.load()[0]
LATER = FIRST.model_copy(
    update={
        "effective_from": date(2027, 1, 1), "changed_by": "Li", "approved_by": "Wang",
        "review": FIRST.review.model_copy(update={"amount_cny": 80_000}),
    }
)  # fmt: skip
CHANGE = Change("review.amount_cny", 50_000, 80_000)


def recorded(engine, *versions, minutes=0):
    return policy_versions.record(engine, versions, NOW + timedelta(minutes=minutes))


def test_a_version_is_recorded_once_with_what_it_changes_and_who_approved_it(both):
    assert recorded(both, FIRST) == 1
    assert recorded(both, FIRST) == 0
    assert recorded(both, FIRST, LATER, minutes=5) == 1
    assert recorded(both, FIRST, LATER, minutes=6) == 0
    newest, first = policy_versions.listed(both)
    assert (newest.effective_from, newest.changes, newest.changed_by, newest.approved_by) == (
        date(2027, 1, 1), (CHANGE,), "Li", "Wang"
    )  # fmt: skip
    assert (newest.rewritten, newest.taken_back, newest.seen_at) == (False, False, NOW + timedelta(minutes=5))
    assert (first.changes, first.rewritten) == ((), False)
    assert kinds(both) == ["policy.version", "policy.version"]
    payload = json.loads(rows(both, state.audit_event)[-1].payload)
    assert payload["changes"] == [{"field": "review.amount_cny", "old": 50_000, "new": 80_000}]
    assert (payload["changed_by"], payload["approved_by"], payload["effective_from"]) == ("Li", "Wang", "2027-01-01")


def test_a_version_that_is_changed_after_it_was_seen_shows_so_and_back_again_too(both):
    other = FIRST.model_copy(update={"review": LATER.review})
    assert [recorded(both, each) for each in (FIRST, other, FIRST)] == [1, 1, 1]
    back, changed, _first = policy_versions.listed(both)
    assert (changed.changes, changed.rewritten) == ((CHANGE,), True)
    assert (back.changes, back.rewritten) == ((Change("review.amount_cny", 80_000, 50_000),), True)
    assert kinds(both) == ["policy.version", "policy.rewritten", "policy.rewritten"]


def test_an_approval_that_comes_later_is_recorded(both):
    recorded(both, FIRST)
    assert recorded(both, FIRST.model_copy(update={"approved_by": "Wang"})) == 1
    assert policy_versions.listed(both)[0].approved_by == "Wang"
    assert policy_versions.listed(both)[0].changes == ()


def test_a_version_that_is_gone_is_recorded_as_taken_back_once(both):
    recorded(both, FIRST, LATER)
    assert recorded(both, FIRST) == 1
    assert recorded(both, FIRST) == 0
    assert policy_versions.listed(both)[0].taken_back
    assert kinds(both)[-1] == "policy.taken_back"
    assert recorded(both, FIRST, LATER) == 1  # and comes again, against the version before it
    assert policy_versions.listed(both)[0].changes == (CHANGE,)


def test_of_processes_that_start_at_once_one_records(both):
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _number: recorded(both, FIRST, LATER), range(8)))
    assert sorted(counted) == [0] * 7 + [2]
    assert kinds(both) == ["policy.version", "policy.version"]
