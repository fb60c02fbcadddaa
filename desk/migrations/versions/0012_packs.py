"""The risk committee's packs: commentary, and months that are frozen."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; nothing in them is ever replaced."""
    op.create_table(
        "pack_comment",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("month_end", sa.Date(), nullable=False),
        sa.Column("section", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("snapshot_id", sa.String(64), nullable=False),
    )
    op.create_index("ix_pack_comment_section", "pack_comment", ["source", "month_end", "section", "id"])
    op.create_table(
        "pack_frozen",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("month_end", sa.Date(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("snapshot_id", sa.String(64), nullable=False),
    )
    op.create_index("ux_pack_frozen_month", "pack_frozen", ["source", "month_end"], unique=True)
