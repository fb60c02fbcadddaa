"""Decisions changed behind the chain's back: each is found and named, on both kinds of state database."""

import pytest
from sqlalchemy import text

from desk import review_record
from rules.review_actions import Correct
from tests.desk.reviewing import JUNIOR, NOW, OFFICER, OTHER, SENIOR, Desk, opened


@pytest.fixture
def decided(both):
    """Three cases: one decided by one person, one by two, one corrected."""
    opened(both, 3)
    Desk(both, 1).decide(OFFICER, rationale="words that count")
    Desk(both, 2).decide(JUNIOR)
    Desk(both, 2).decide(SENIOR)
    desk = Desk(both, 3)
    desk.decide(OFFICER)
    desk.act(OTHER, desk.decision(desk.act(OTHER, Correct("a slip"), NOW)))
    assert review_record.first_difference(both) is None
    return both


def told(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    return str(review_record.first_difference(engine))


@pytest.mark.parametrize(
    "change",
    [
        "outcome = 'declined'", "amount_fen = 1", "rationale = 'other words'", "staff_email = 'other@x'",
        "evidence_hash = 'h2'", "decided_at = '2026-11-18 02:00:01.000000'", "authority_fen = 5",
        "reasons = '[{\"ground\": \"policy\", \"code\": \"guarantor_found\", \"words\": \"\"}]'", "role = 'manager'",
        "policy_from = '2001-01-01'", "override = 'low_side'", "due_at = '2026-11-18 09:00:00.000000'",
    ],
)  # fmt: skip
def test_a_changed_decision_is_named(decided, change):
    statement = f"UPDATE review_decision SET {change} WHERE application_id = '1'"
    assert told(decided, statement.replace(":", "\\:")).startswith(
        "The decision on application 1 (round 1, stage 1) is not what event "
    )


def test_a_missing_and_an_added_decision_are_named(decided):
    added = (
        "INSERT INTO review_decision SELECT source, '1', round, 2, staff_email, role, authority_fen, outcome, "
        "amount_fen, reasons, rationale, override, evidence_hash, policy_from, decided_at, final, due_at "
        "FROM review_decision WHERE application_id = '2' AND stage = 1"
    )
    assert told(decided, added) == "The decision on application 1 (round 1, stage 2) is told by no event."
    gone = told(decided, "DELETE FROM review_decision WHERE application_id = '1' AND stage = 1")
    assert gone.startswith("The decision that event ")
    assert gone.endswith(" 1) is missing.")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM decision_outbox",
        "UPDATE decision_outbox SET body = replace(body, 'approved', 'declined')",
        "UPDATE decision_outbox SET body = replace(body, '8000000', '9000000')",
    ],
)
def test_what_lending_is_told_otherwise_is_named(decided, change):
    statement = f"{change} WHERE application_id = '3' AND round = 2"
    assert told(decided, statement) == "What lending is told on application 3 (round 2) is not what was decided."
