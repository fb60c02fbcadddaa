"""No sequence of actions by any roles reaches a decision without the people, authority, reasons and evidence it needs.

The oracle is written apart from the rules: it sees only who did what, and what the case has become.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rules import review
from rules.refusal import Refused
from rules.review_actions import Answer, Ask, Assign, Claim, Correct, Decide, Escalate, GiveUp, Note, Park, Withdraw
from rules.review_case import Delivery, Ground, Outcome, Override, Person, Reason, State
from tests.rules.reviewing import EVERYBODY, FAILED, HEAD, NOW, OFFICER, PASSED, SENIOR, case, moment, seen, with_rule

PEOPLE = (
    *EVERYBODY,
    Person("kin@x", "senior_risk_officer", 10**9, "69"),  # referred the applicant
    Person("child@x", "risk_officer", 10**9, "5", "70"),  # was referred by the applicant
    Person("bare@x", "risk_officer", None),
)
REASONS = (
    Reason(Ground.POLICY, "income_proven"), Reason(Ground.POLICY, "too_much_debt"), Reason(Ground.POLICY, "none_such"),
    Reason(Ground.CHECK, "score"), Reason(Ground.CHECK, "blacklist"), Reason(Ground.SCORE, "months_a_member"),
    Reason(Ground.SCORE, "none_such"), Reason(Ground.OTHER, "", "something else entirely"), Reason(Ground.OTHER, "x"),
)  # fmt: skip
people = st.sampled_from(PEOPLE)
able = st.sampled_from([SENIOR, HEAD, replace(HEAD, email="third@x"), OFFICER])
usual = st.integers(0, 5).map(bool)  # mostly true


class Review(RuleBasedStateMachine):
    """One case, and everybody who works with it or should not."""

    @initialize(amount=st.sampled_from([4_000_000, 8_000_000, 30_000_000, 90_000_000]), failed=st.booleans(),
                named=st.sampled_from([(), (Override.LOW_SIDE,), tuple(Override)]))  # fmt: skip
    def begin(self, amount, failed, named):
        self.rule = with_rule(second_decision_overrides=named)
        self.case = case(amount_fen=amount)
        self.evidence = seen(amount_fen=amount, checks=FAILED if failed else PASSED)
        self.now, self.hashes = NOW, 1
        self.taken = []  # decisions that were accepted since the case was opened last, with the evidence of that moment
        self.before = frozenset()  # who decided what is being corrected
        self.settled = None

    def act(self, person, action):
        try:
            after = review.act(self.case, person, action, moment(self.now, self.evidence, self.rule))
        except Refused:
            return None
        assert after.version >= self.case.version
        if self.case.held_by(self.now) not in {None, person.email} and after.lease != self.case.lease:
            assert isinstance(action, Assign | Withdraw), "only a lead or a withdrawal ends somebody else's lease"
        self.case = after
        return after

    @rule(minutes=st.sampled_from([1, 14, 15, 200, 1500]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(amount=st.sampled_from([4_000_000, 8_000_000, 30_000_000]), failed=usual, open_=usual)
    def the_application_changes(self, amount, failed, open_):
        self.hashes += 1
        checks = FAILED if failed else PASSED
        self.evidence = seen(amount_fen=amount, checks=checks, open=open_, hash=f"h{self.hashes}")

    @rule(person=people)
    def claim(self, person):
        self.act(person, Claim())

    @rule(person=people, right=usual)
    def give_up(self, person, right):
        before = self.case
        if self.act(person, GiveUp(self.case.tokens - (not right))) is not None:
            assert before.held_by(self.now) == person.email
            assert self.case.version == before.version + 1, "that it was let go of is on record"

    @rule(person=people, token=usual, version=usual, hash_=usual, claims=usual, outcome=st.sampled_from(Outcome),
          amount=st.sampled_from(["asked", "less", None, 0, -5]), words=st.sampled_from(["", "It is well founded."]),
          reasons=st.lists(st.sampled_from(REASONS), max_size=5))  # fmt: skip
    def decide(self, person, token, version, hash_, claims, outcome, amount, words, reasons):
        if claims:
            self.act(person, Claim())
        asked = self.evidence.amount_fen
        amount_fen = {"asked": asked, "less": asked - 1}.get(amount, amount)
        self.take(person, Decide(
            self.case.tokens - (not token), self.case.version - (not version),
            self.evidence.hash if hash_ else "h0", outcome, amount_fen, tuple(reasons), words,
        ))  # fmt: skip

    @rule(person=st.one_of(able, people), outcome=st.sampled_from(Outcome), changed=st.integers(0, 3))
    def decide_well(self, person, outcome, changed):
        """So that many sequences reach second and third decisions, some on evidence that was changed meanwhile."""
        if not changed:
            self.hashes += 1
            self.evidence = replace(self.evidence, hash=f"h{self.hashes}")
        self.act(person, Claim())
        asked = self.evidence.amount_fen
        amount_fen = {Outcome.APPROVED: asked, Outcome.APPROVED_LESS: asked // 2}.get(outcome)
        reasons = (REASONS[0] if outcome.grants else REASONS[1],)
        if outcome is Outcome.APPROVED_LESS:
            reasons = (REASONS[1],)
        self.take(person, Decide(self.case.tokens, self.case.version, self.evidence.hash, outcome, amount_fen, reasons,
                                 "It is well founded."))  # fmt: skip

    def take(self, person, action):
        held, escalated_by = self.case.lease, self.case.escalated_by
        after = self.act(person, action)
        if after is None:
            return
        assert escalated_by is None or (person.role == "senior_risk_officer" and person.email != escalated_by)
        assert held.holder == person.email
        assert held.token == action.token
        assert held.until > self.now
        assert action.evidence_hash == self.evidence.hash
        assert self.evidence.open
        self.taken.append((person, action, self.evidence))
        if after.state is State.DECIDED:
            self.check()

    @precondition(lambda self: self.hashes > 4)
    @rule(person=people)
    def ask(self, person):
        self.act(person, Ask(self.case.tokens, "Payslips?"))

    @rule(person=people)
    def answer(self, person):
        self.act(person, Answer("They came"))

    @rule(person=people)
    def note(self, person):
        before = self.case
        if self.act(person, Note("They called")) is not None:
            assert self.case == replace(before, version=before.version + 1)

    @precondition(lambda self: self.hashes > 8)
    @rule(person=people, minutes=st.sampled_from([-5, 60]))
    def park(self, person, minutes):
        self.act(person, Park(self.case.tokens, self.now + timedelta(minutes=minutes), "call back"))

    @precondition(lambda self: self.hashes > 6)
    @rule(person=people)
    def escalate(self, person):
        self.act(person, Escalate(self.case.tokens, "odd"))

    @rule(person=people, to=st.one_of(st.none(), people))
    def assign(self, person, to):
        if self.act(person, Assign(to, "ill")) is not None:
            assert person.role in {"manager", "senior_risk_officer"}

    @precondition(lambda self: len(self.taken) > 3)
    @rule(person=people)
    def withdraw(self, person):
        self.act(person, Withdraw("by phone"))

    @rule(person=st.one_of(people, able))
    def correct(self, person):
        deciders = frozenset(by.email for by, _, _ in self.taken)
        if self.act(person, Correct("a slip")) is not None:
            assert person.email not in deciders
            assert self.settled is not None
            self.before, self.taken, self.settled = deciders, [], None

    @precondition(lambda self: self.hashes > 12)  # else hardly any sequence corrects a correction
    @rule()
    def lending_acknowledges(self):
        try:
            self.case = review.acknowledge(self.case)
        except Refused:
            return
        assert self.settled is not None

    @rule()
    def lending_refuses(self):
        try:
            self.case = review.refuse(self.case, moment(self.now, None, self.rule))
        except Refused:
            return
        self.before, self.taken, self.settled = frozenset(), [], None

    def check(self):
        """The decision that has just settled the case, held against what it needs."""
        self.settled = self.taken[-1]
        person, action, evidence = self.settled
        earlier = self.taken[:-1]
        assert person.role in {"risk_officer", "senior_risk_officer"}
        assert person.authority_fen >= evidence.amount_fen
        assert person.member_id not in {"70", "69"}
        assert person.referred_by_id != "70"
        assert person.email not in self.before
        assert not earlier or earlier[-1][0].email != person.email
        assert 1 <= len(action.reasons) <= 4
        assert any(reason.ground is not Ground.OTHER for reason in action.reasons)
        for reason in action.reasons:
            assert reason.code != "none_such"
            assert reason not in {REASONS[1] if action.outcome is Outcome.APPROVED else REASONS[8], REASONS[8]}
        asked = evidence.amount_fen
        if action.outcome is Outcome.DECLINED:
            assert action.amount_fen is None
        elif action.outcome is Outcome.APPROVED:
            assert action.amount_fen == asked
        else:
            assert 0 < action.amount_fen < asked
        failed = any(check.outcome == "fail" for check in evidence.checks)
        override = {(True, True): Override.LOW_SIDE, (False, False): Override.HIGH_SIDE}.get(
            (action.outcome is not Outcome.DECLINED, failed)
        )
        if override is not None:
            assert len(action.rationale) >= 10
        if override in self.rule.second_decision_overrides:
            assert any(
                by.email != person.email
                and before.evidence_hash == action.evidence_hash
                and (before.outcome is Outcome.DECLINED) == (action.outcome is Outcome.DECLINED)
                for by, before, _ in earlier
            )
        assert self.case.delivery is Delivery.PENDING

    @invariant()
    def a_case_is_decided_only_by_what_was_checked(self):
        if not hasattr(self, "case"):
            return
        assert (self.case.state is State.DECIDED) == (self.settled is not None)
        if self.settled is not None:
            person, action, _ = self.settled
            final = self.case.decisions[-1]
            assert (final.by, final.outcome, final.reasons, final.evidence_hash) == (
                person.email, action.outcome, action.reasons, action.evidence_hash)  # fmt: skip
        assert len(self.case.decisions) == len(self.taken)
        assert self.case.lease is None or self.case.lease.token == self.case.tokens
        assert self.case.state is State.WAITING or self.case.lease is None
        assert replace(self.case) == self.case


TestReview = Review.TestCase
TestReview.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
