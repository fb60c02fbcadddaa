"""Staff and snapshot runs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "staff",
        sa.Column("email", sa.String(320), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("authority_fen", sa.BigInteger()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("member_id", sa.String(64)),
    )
    op.create_table(
        "snapshot_run",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("outcome", sa.String(20)),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("source_watermark", sa.DateTime()),
        sa.Column("snapshot_id", sa.String(64)),
        sa.Column("message", sa.String(2000)),
    )
    op.create_index("ix_snapshot_run_source", "snapshot_run", ["source"])
