"""How far a refresh is, where its time went, which process runs it and who asked for it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; they stay null for refreshes of before."""
    op.add_column("snapshot_run", sa.Column("stage", sa.String(100)))
    op.add_column("snapshot_run", sa.Column("done", sa.Float()))
    op.add_column("snapshot_run", sa.Column("stages", sa.JSON()))
    op.add_column("snapshot_run", sa.Column("process_id", sa.Integer()))
    op.add_column("snapshot_run", sa.Column("host", sa.String(255)))
    op.add_column("snapshot_run", sa.Column("asked_by", sa.String(320)))
