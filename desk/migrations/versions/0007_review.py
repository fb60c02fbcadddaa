"""Review: cases, decisions, notes, drafts, what lending is told, and which actions were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _of_case() -> list[sa.Column[str]]:
    return [
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("application_id", sa.String(64), primary_key=True),
    ]


def _belongs() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["source", "application_id"], ["review_case.source", "review_case.application_id"])


def upgrade() -> None:
    """Create the tables, and let the events of a case be found."""
    op.create_index("audit_event_subject", "audit_event", ["subject"])
    op.create_table(
        "review_case",
        *_of_case(),
        sa.Column("external_number", sa.String(64), nullable=False),
        sa.Column("opened_for", sa.String(20), nullable=False),
        sa.Column("product", sa.String(60), nullable=False),
        sa.Column("tier", sa.String(60)),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("referred_by_id", sa.String(64)),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.String(320)),
        sa.Column("lease_until", sa.DateTime()),
        sa.Column("assigned_to", sa.String(320)),
        sa.Column("escalated_by", sa.String(320)),
        sa.Column("parked_until", sa.DateTime()),
        sa.Column("asked_at", sa.DateTime()),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Text(), nullable=False),
        sa.Column("delivery", sa.String(20)),
    )
    op.create_index("review_case_queue", "review_case", ["source", "state", "due_at"])
    op.create_table(
        "review_decision",
        *_of_case(),
        sa.Column("round", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("stage", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("authority_fen", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("amount_fen", sa.BigInteger()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("override", sa.String(20)),
        sa.Column("evidence_hash", sa.String(64), nullable=False),
        sa.Column("policy_from", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        _belongs(),
    )
    op.create_index(
        "review_decision_final", "review_decision", ["source", "application_id", "round"], unique=True,
        sqlite_where=sa.text("final"), postgresql_where=sa.text("final"),
    )  # fmt: skip
    op.create_table(
        "decision_outbox",
        *_of_case(),
        sa.Column("round", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=False),
        sa.Column("told", sa.String(500)),
        sa.Column("answered_at", sa.DateTime()),
        _belongs(),
    )
    op.create_index("decision_outbox_due", "decision_outbox", ["state", "next_try_at"])
    op.create_table(
        "review_note",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _belongs(),
    )
    op.create_index("review_note_case", "review_note", ["source", "application_id"])
    op.create_table(
        "review_draft",
        *_of_case(),
        sa.Column("staff_email", sa.String(320), primary_key=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        _belongs(),
    )
    op.create_table(
        "review_action",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
