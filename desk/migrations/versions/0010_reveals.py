"""Reveals of applicants' direct identifiers."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "review_reveal",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(64), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["source", "application_id"], ["review_case.source", "review_case.application_id"]),
    )
    op.create_index("review_reveal_case", "review_reveal", ["source", "application_id"])
