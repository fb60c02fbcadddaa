"""The blind sample, versions of the policy, and the deadline that a decision was held against."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; of decisions taken before, the deadline is not known."""
    op.add_column("review_decision", sa.Column("due_at", sa.DateTime()))
    op.add_column("mark", sa.Column("policy_from", sa.Date()))
    op.create_index("review_decision_at", "review_decision", ["source", "decided_at"])
    op.create_index("audit_event_kind", "audit_event", ["kind", "at"])
    op.create_table(
        "review_blind_day",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("officer", sa.String(320), primary_key=True),
        sa.Column("outcome", sa.String(20), primary_key=True),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("ratio", sa.Float(), nullable=False),
        sa.Column("credit", sa.Float(), nullable=False),
    )
    op.create_table(
        "review_blind",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("application_id", sa.String(64), primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("drawn_at", sa.DateTime(), nullable=False),
        sa.Column("asked_of", sa.String(320)),
        sa.Column("asked_at", sa.DateTime()),
        sa.Column("relieved", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("amount_fen", sa.BigInteger()),
        sa.Column("reasons", sa.Text()),
        sa.Column("rationale", sa.Text()),
        sa.Column("override", sa.String(20)),
        sa.Column("evidence_hash", sa.String(64)),
        sa.Column("policy_from", sa.Date()),
        sa.Column("decided_at", sa.DateTime()),
        sa.Column("noted_by", sa.String(320)),
        sa.Column("noted_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["source", "application_id"], ["review_case.source", "review_case.application_id"]
        ),
    )  # fmt: skip
    op.create_index("review_blind_asked", "review_blind", ["source", "asked_of", "decided_at"])
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("approved_by", sa.String(200), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
    )
    op.create_index("policy_version_from", "policy_version", ["effective_from", "id"])
