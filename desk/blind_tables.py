"""The tables of the blind sample and of policy versions: what was drawn, what a second person decided, what changed."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from desk.state_types import Instant, metadata

# One row per day and stratum (whoever decided first, and what): how the draw of that day went.
review_blind_day = Table(
    "review_blind_day",
    metadata,
    Column("source", String(200), primary_key=True),  # the book, by the folder of its snapshots
    Column("day", Date, primary_key=True),  # Asia/Shanghai
    Column("officer", String(320), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("decided", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("ratio", Float, nullable=False),  # the policy's, on that day
    Column("credit", Float, nullable=False),  # 0-1: what is left towards the next that is drawn
)

# One row per decided case that was drawn: of whom a second decision is asked, and what they decided.
review_blind = Table(
    "review_blind",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("application_id", String(64), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("drawn_at", Instant, nullable=False),
    Column("asked_of", String(320)),  # null while nobody is found who may
    Column("asked_at", Instant),
    Column("relieved", Text, nullable=False),  # who was asked before and did not decide: a JSON list
    # What they decided; null until then.
    Column("outcome", String(20)),
    Column("amount_fen", BigInteger),
    Column("reasons", Text),  # JSON, in their order
    Column("rationale", Text),
    Column("override", String(20)),
    Column("evidence_hash", String(64)),
    Column("policy_from", Date),
    Column("decided_at", Instant),
    # Who took note of it where the two differ.
    Column("noted_by", String(320)),
    Column("noted_at", Instant),
    ForeignKeyConstraint(["source", "application_id"], ["review_case.source", "review_case.application_id"]),
    Index("review_blind_asked", "source", "asked_of", "decided_at"),
)

# One row per version of the policy that was in use, each time it was first seen or seen changed.
policy_version = Table(
    "policy_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("effective_from", Date, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the content; empty where the version was taken back
    Column("content", Text, nullable=False),  # JSON, every field by its path
    Column("changes", Text, nullable=False),  # JSON: field, old, new, against what it follows
    Column("changed_by", String(200), nullable=False),  # as the policy file says; empty where it does not
    Column("approved_by", String(200), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("policy_version_from", "effective_from", "id"),
)
