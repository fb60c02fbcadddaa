"""Drawn cases, people and evidence for tests of review."""

from datetime import UTC, datetime, timedelta

from rules import policy, review
from rules.review_actions import Claim, Decide, Moment
from rules.review_case import Case, Check, Evidence, Ground, Outcome, Person, Reason

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai
RULE = policy.load()[0].review
ASKED_FEN = 8_000_000

JUNIOR = Person("junior@x", "risk_officer", 5_000_000)
OFFICER = Person("officer@x", "risk_officer", 10_000_000)
OTHER = Person("other@x", "risk_officer", 10_000_000)
SENIOR = Person("senior@x", "senior_risk_officer", 50_000_000)
HEAD = Person("head@x", "senior_risk_officer", 50_000_000)
MANAGER = Person("manager@x", "manager", None)
AUDITOR = Person("auditor@x", "auditor", None)
ADMINISTRATOR = Person("admin@x", "administrator", None)
MARKETING = Person("marketing@x", "marketing", None)
EVERYBODY = (JUNIOR, OFFICER, OTHER, SENIOR, HEAD, MANAGER, AUDITOR, ADMINISTRATOR, MARKETING)

PASSED = (Check("rules", "blacklist", "pass"), Check("model", "score", "flag"))
FAILED = (Check("rules", "blacklist", "pass"), Check("model", "score", "fail"))
PROVEN = Reason(Ground.POLICY, "income_proven")
DEBT = Reason(Ground.POLICY, "too_much_debt")
WHY = "The guarantor's income covers it."


def case(**changes):
    values = {"application_id": "7", "amount_fen": ASKED_FEN, "member_id": "70", "referred_by_id": "69",
              "opened_at": NOW, "due_at": NOW + timedelta(hours=8)}  # fmt: skip
    return Case(**values | changes)


def seen(**changes):
    values = {"application_id": "7", "hash": "h1", "open": True, "amount_fen": ASKED_FEN, "product": "cash",
              "tier": "gold", "member_id": "70", "referred_by_id": "69", "checks": PASSED,
              "score_reasons": frozenset({"months_a_member"})}  # fmt: skip
    return Evidence(**values | changes)


def moment(now=NOW, evidence=None, rule=RULE):
    return Moment(now, rule, evidence)


def claimed(on, by, now=NOW):
    return review.act(on, by, Claim(), moment(now))


def decision(on, evidence=None, **changes):
    evidence = evidence or seen()
    values = {"token": on.tokens, "version": on.version, "evidence_hash": evidence.hash, "outcome": Outcome.APPROVED,
              "amount_fen": evidence.amount_fen, "reasons": (PROVEN,), "rationale": ""}  # fmt: skip
    if changes.get("outcome") is Outcome.DECLINED:
        values |= {"amount_fen": None, "reasons": (DEBT,), "rationale": WHY}
    return Decide(**values | changes)


def decided(on, by, evidence=None, now=NOW, **changes):
    """Claim and decide."""
    held = claimed(on, by, now)
    evidence = evidence or seen()
    return review.act(held, by, decision(held, evidence, **changes), moment(now, evidence))


def with_rule(**changes):
    return RULE.model_copy(update=changes)
