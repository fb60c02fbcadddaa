"""The tables of review: cases, what was decided, said and drafted about them, and what lending is told."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from desk.state_types import Instant, metadata


def _of_case() -> list[Column[str]]:
    """The book, by the folder of its snapshots, and lending's key of the application in it."""
    return [Column("source", String(200), primary_key=True), Column("application_id", String(64), primary_key=True)]


def _belongs() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["source", "application_id"], ["review_case.source", "review_case.application_id"])


# One row per application under review: rules.review_case.Case, and what the queue is sorted and searched by.
review_case = Table(
    "review_case",
    metadata,
    *_of_case(),
    Column("external_number", String(64), nullable=False),
    Column("opened_for", String(20), nullable=False),  # of desk.review_opening.Cause
    Column("product", String(60), nullable=False),
    Column("tier", String(60)),
    Column("amount_fen", BigInteger, nullable=False),
    Column("member_id", String(64), nullable=False),
    Column("referred_by_id", String(64)),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("lease_holder", String(320)),
    Column("lease_until", Instant),
    Column("assigned_to", String(320)),
    Column("escalated_by", String(320)),
    Column("parked_until", Instant),
    Column("asked_at", Instant),
    Column("round", Integer, nullable=False),  # 1, and one more with each reopening
    Column("corrected", Text, nullable=False),  # who decided what is being corrected: a JSON list
    Column("delivery", String(20)),
    Column("applied_at", Instant, nullable=False),
    Column("default_probability", Float),  # 0-1, of the newest score when the case was opened; null where not scored
    Column("signals", Text, nullable=False),  # what rules and model flagged or failed then: a JSON list of codes
    Column("asked_hash", String(64)),  # of the evidence when information was asked for: it comes with other evidence
    Column("left_seconds", Integer),  # working time to the deadline, while information is awaited
    Column("decisions", Integer, nullable=False),  # taken in the round that runs
    Column("decided_at", Instant),  # null while it is not
    Index("review_case_queue", "source", "state", "due_at"),
    Index("review_case_number", "source", "external_number"),
)

# One row per decision that somebody took; at most one of a round settles the case.
review_decision = Table(
    "review_decision",
    metadata,
    *_of_case(),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("stage", Integer, primary_key=True, autoincrement=False),
    Column("staff_email", String(320), nullable=False),
    Column("role", String(40), nullable=False),
    Column("authority_fen", BigInteger, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("amount_fen", BigInteger),
    Column("reasons", Text, nullable=False),  # JSON, in their order
    Column("rationale", Text, nullable=False),
    Column("override", String(20)),
    Column("evidence_hash", String(64), nullable=False),
    Column("policy_from", Date, nullable=False),  # the version of the policy in force
    Column("decided_at", Instant, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("due_at", Instant),  # the deadline at that moment; null before that was recorded
    _belongs(),
    Index("review_decision_at", "source", "decided_at"),
    Index("review_decision_final", "source", "application_id", "round", unique=True,
          sqlite_where=text("final"), postgresql_where=text("final")),
)  # fmt: skip

# One row per decision that settles a case: what lending is to carry out.
decision_outbox = Table(
    "decision_outbox",
    metadata,
    *_of_case(),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("key", String(64), nullable=False, unique=True),  # the same at each delivery
    Column("body", Text, nullable=False),  # JSON
    Column("created_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),  # of rules.review_case.Delivery
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("told", String(500)),  # what went wrong at the last try, or what lending said
    Column("answered_at", Instant),
    _belongs(),
    Index("decision_outbox_due", "state", "next_try_at"),
)

# One row per thing that was said of a case: questions, answers, calls, why it was handed on.
review_note = Table(
    "review_note",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),
    Column("application_id", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("words", Text, nullable=False),
    _belongs(),
    Index("review_note_case", "source", "application_id"),
)

# What somebody has typed and not yet decided; theirs alone.
review_draft = Table(
    "review_draft",
    metadata,
    *_of_case(),
    Column("staff_email", String(320), primary_key=True),
    Column("fields", Text, nullable=False),  # JSON
    Column("saved_at", Instant, nullable=False),
    _belongs(),
)

# One row per action that was taken, by the key that whoever asked for it gave it: asked for again, it is not repeated.
review_action = Table(
    "review_action",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("staff_email", String(320), nullable=False),
    Column("digest", String(64), nullable=False),  # of what was asked for
    Column("at", Instant, nullable=False),
)
