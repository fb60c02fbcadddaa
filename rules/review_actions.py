"""What can be done with a case, and what is true when it is done."""

from dataclasses import dataclass
from datetime import datetime

from rules.review_case import Evidence, Outcome, Person, Reason
from rules.review_policy import ReviewPolicy


@dataclass(frozen=True)
class Claim:
    """Take a case into one's hands, or keep it there: anew with the same token while one holds it."""


@dataclass(frozen=True)
class GiveUp:
    """Let go of it."""

    token: int


@dataclass(frozen=True)
class Decide:
    """Decide what is on the screen."""

    token: int
    version: int
    evidence_hash: str
    outcome: Outcome
    amount_fen: int | None
    reasons: tuple[Reason, ...]
    rationale: str = ""


@dataclass(frozen=True)
class Ask:
    """Ask the applicant for information; the deadline waits meanwhile."""

    token: int
    question: str


@dataclass(frozen=True)
class Answer:
    """Information has come."""

    note: str


@dataclass(frozen=True)
class Note:
    """Keep what was said in a call, for whoever decides; nothing else changes."""

    note: str


@dataclass(frozen=True)
class Park:
    """Put it aside until a time, such as that of a call."""

    token: int
    until: datetime
    note: str


@dataclass(frozen=True)
class Escalate:
    """Leave it to a senior risk officer."""

    token: int
    note: str


@dataclass(frozen=True)
class Assign:
    """As a lead, give it to somebody, or to whoever comes next."""

    to: Person | None
    note: str


@dataclass(frozen=True)
class Withdraw:
    """The applicant no longer wants the loan."""

    note: str


@dataclass(frozen=True)
class Correct:
    """Take a decision back that lending has not acknowledged, to decide anew; not by who decided it."""

    note: str


Action = Claim | GiveUp | Decide | Ask | Answer | Note | Park | Escalate | Assign | Withdraw | Correct


@dataclass(frozen=True)
class Moment:
    """What is true when somebody acts; the evidence was read at that moment, where the action decides."""

    now: datetime
    rule: ReviewPolicy
    evidence: Evidence | None = None
