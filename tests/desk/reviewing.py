"""Drawn cases in a state database, and a loan database that says what a test tells it."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import insert, select

from desk import review, review_opening, state
from desk.review import Asked, Rule
from desk.staff import Role
from loanbook.evidence import Application
from rules import policy
from rules.review_actions import Claim, Decide
from rules.review_case import Check, Evidence, Ground, Outcome, Reason

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai
BOOK = "demo-1"
RULE = Rule(policy.load()[0].review, date(2000, 1, 1))
OFFICER, OTHER, JUNIOR, SENIOR, MANAGER = "officer@x", "other@x", "junior@x", "senior@x", "manager@x"
STAFF = {
    OFFICER: (Role.RISK_OFFICER, 20_000_000), OTHER: (Role.RISK_OFFICER, 20_000_000),
    JUNIOR: (Role.RISK_OFFICER, 1_000_000), SENIOR: (Role.SENIOR_RISK_OFFICER, 10**9), MANAGER: (Role.MANAGER, None),
}  # fmt: skip
PROVEN, DEBT = Reason(Ground.POLICY, "income_proven"), Reason(Ground.POLICY, "too_much_debt")
_keys = itertools.count()


class Lending:
    """A loan database whose applications are all alike until a test changes one."""

    def __init__(self):
        self.changed = {}

    def evidence(self, application_id):
        checks = (Check("rules", "blacklist", "pass"), Check("model", "score", "flag"))
        usual = Evidence(application_id, "h1", True, 8_000_000, "cash", "gold", "70", "69", checks, frozenset())
        return replace(usual, **self.changed.get(application_id, {}))

    def referrer(self, member_id):
        return None


def application(number, **changes):
    values = {"id": str(number), "external_number": f"A-{number}", "applied_at": NOW, "amount_fen": 8_000_000,
              "product": "cash", "tier": "gold", "member_id": "70", "referred_by_id": "69",
              "flagged": True}  # fmt: skip
    return Application(**values | changes)


def staffed(engine):
    with engine.begin() as connection:
        rows = [{"email": email, "name": email, "role": role.value, "authority_fen": authority, "active": True}
                for email, (role, authority) in STAFF.items()]  # fmt: skip
        connection.execute(insert(state.staff), rows)
    return engine


def opened(engine, count=1):
    """A staff list and so many cases."""
    staffed(engine)
    review_opening.open_cases(engine, BOOK, [application(number) for number in range(1, count + 1)], RULE, NOW)
    return engine


def key():
    return f"key-{next(_keys)}"


class Desk:
    """Acts on the case of one application."""

    def __init__(self, engine, number=1, lending=None):
        self.engine, self.case, self.lending = engine, (BOOK, str(number)), lending or Lending()

    def act(self, by, action, now=NOW, using=None):
        return review.perform(self.engine, Asked(using or key(), self.case, by, action), self.lending, RULE, now).case

    def claim(self, by, now=NOW):
        return self.act(by, Claim(), now)

    def decision(self, case, **changes):
        evidence = self.lending.evidence(self.case[1])
        values = {"token": case.tokens, "version": case.version, "evidence_hash": evidence.hash,
                  "outcome": Outcome.APPROVED, "amount_fen": evidence.amount_fen, "reasons": (PROVEN,)}  # fmt: skip
        if changes.get("outcome") is Outcome.DECLINED:
            values |= {"amount_fen": None, "reasons": (DEBT,), "rationale": "Too many loans elsewhere"}
        return Decide(**values | changes)

    def decide(self, by, now=NOW, **changes):
        return self.act(by, self.decision(self.claim(by, now), **changes), now)

    def now(self):
        return review.read(self.engine, self.case)


def rows(engine, table):
    with state.reading(engine) as connection:
        return connection.execute(select(table).order_by(*table.primary_key)).all()


def kinds(engine):
    with state.reading(engine) as connection:
        return list(connection.execute(select(state.audit_event.c.kind).order_by("sequence")).scalars())
