"""The audit chain: events, their head, and what the database refuses of them."""

import sqlalchemy as sa
from alembic import op

from desk import audit_guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables, with the head before the first event, and guard them."""
    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("key_check", sa.String(64)),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": audit_guards.GENESIS}])
    audit_guards.install(op.get_bind())
