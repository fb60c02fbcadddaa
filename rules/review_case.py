"""What review is about: a case, who acts on it, what is seen of the application, and what was decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """How a case stands."""

    WAITING = "waiting"  # for somebody to decide it; held by whoever has a lease that has not run out
    PARKED = "parked"  # until a time, from which on it waits again by itself
    ASKED = "asked"  # information is awaited from the applicant
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"  # by the applicant
    CLOSED = "closed"  # by lending, without a decision of ours


UNDECIDED = frozenset({State.WAITING, State.PARKED, State.ASKED})


class Delivery(StrEnum):
    """How a decision stands with lending."""

    PENDING = "pending"  # to be fetched or pushed, and acknowledged
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"  # by lending, which reopened the case
    CORRECTED = "corrected"  # taken back before lending acknowledged it


class Outcome(StrEnum):
    """What is decided."""

    APPROVED = "approved"
    APPROVED_LESS = "approved_less"
    DECLINED = "declined"

    @property
    def grants(self) -> bool:
        """Whether something is lent."""
        return self is not Outcome.DECLINED


class Override(StrEnum):
    """A decision against what rules and model said."""

    LOW_SIDE = "low_side"  # granted though a check failed
    HIGH_SIDE = "high_side"  # declined though none failed


class Ground(StrEnum):
    """What a reason is bound to."""

    CHECK = "check"
    SCORE = "score"
    POLICY = "policy"
    OTHER = "other"  # told in words; never alone


@dataclass(frozen=True)
class Reason:
    """Why something is decided: by code, of what it is bound to; `words` for what no code says."""

    ground: Ground
    code: str
    words: str = ""


@dataclass(frozen=True)
class Check:
    """What a check of the rules or the model said."""

    layer: str
    code: str
    outcome: str  # pass, flag, fail


@dataclass(frozen=True)
class Evidence:
    """What is seen of an application at one moment, as far as a decision depends on it; `hash` covers all of it."""

    application_id: str
    hash: str
    open: bool  # lending still waits for a decision
    amount_fen: int
    product: str
    tier: str | None
    member_id: str
    referred_by_id: str | None
    checks: tuple[Check, ...]
    score_reasons: frozenset[str]

    @property
    def failed(self) -> bool:
        """Whether rules or model said no."""
        return any(check.outcome == "fail" for check in self.checks)


@dataclass(frozen=True)
class Person:
    """Who acts, as the staff list says at that moment, with their place in the referral tree if they are a member."""

    email: str
    role: str
    authority_fen: int | None
    member_id: str | None = None
    referred_by_id: str | None = None

    def in_conflict(self, member_id: str, referred_by_id: str | None) -> bool:
        """Whether an applicant is this person, was referred by them, or referred them."""
        if self.member_id is None:
            return False
        return self.member_id in {member_id, referred_by_id} or self.referred_by_id == member_id


@dataclass(frozen=True)
class Lease:
    """Who holds a case, until when; a later lease has a larger token."""

    holder: str
    token: int
    until: datetime


@dataclass(frozen=True)
class Decision:
    """What somebody decided, on what they saw."""

    by: str
    role: str
    authority_fen: int
    outcome: Outcome
    amount_fen: int | None  # granted; none where declined
    reasons: tuple[Reason, ...]
    rationale: str
    override: Override | None
    evidence_hash: str
    at: datetime


@dataclass(frozen=True)
class Case:
    """One application under review. `decisions` are those of the round that runs, the last one final once decided."""

    application_id: str
    amount_fen: int
    member_id: str
    referred_by_id: str | None
    opened_at: datetime
    due_at: datetime
    state: State = State.WAITING
    version: int = 1
    tokens: int = 0  # given out so far
    lease: Lease | None = None
    assigned_to: str | None = None
    escalated_by: str | None = None
    parked_until: datetime | None = None
    asked_at: datetime | None = None
    asked_hash: str | None = None  # of the evidence then: other evidence is the information that was asked for
    left: timedelta | None = None  # working time to the deadline, while information is awaited and it stands still
    decisions: tuple[Decision, ...] = ()
    corrected: frozenset[str] = frozenset()  # who decided what is being corrected: somebody else must
    delivery: Delivery | None = None

    @property
    def stage(self) -> int:
        """1 for the first decision of the round; later ones are by other people."""
        return len(self.decisions) + (self.state is not State.DECIDED)

    @property
    def deciders(self) -> frozenset[str]:
        """Who may not take the next decision: they have decided on the newest evidence, or what is being corrected."""
        newest = self.decisions[-1].evidence_hash if self.decisions else None
        return (
            frozenset(decision.by for decision in self.decisions if decision.evidence_hash == newest) | self.corrected
        )

    def at(self, now: datetime) -> "State":
        """How the case stands at a moment: what is parked comes back by itself."""
        if self.state is State.PARKED and self.parked_until is not None and self.parked_until <= now:
            return State.WAITING
        return self.state

    def held_by(self, now: datetime) -> str | None:
        """Who holds the case at a moment."""
        return self.lease.holder if self.lease is not None and self.lease.until > now else None
