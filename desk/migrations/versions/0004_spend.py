"""What marketing enters of spend and clicks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = ("source", "day", "campaign", "creator", "post", "code", "kind")


def upgrade() -> None:
    """Create the two tables; of the entries of one thing only one is in force."""
    op.create_table(
        "spend_upload",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
    )
    op.create_index("ux_spend_upload_digest", "spend_upload", ["source", "digest"], unique=True)
    op.create_table(
        "spend_entry",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign", sa.String(64), nullable=False),
        sa.Column("creator", sa.String(100), nullable=False),
        sa.Column("post", sa.String(200), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("clicks", sa.BigInteger()),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("staff_email", sa.String(320), nullable=False),
        sa.Column("upload_id", sa.Integer(), sa.ForeignKey("spend_upload.id")),
        sa.Column("replaced_at", sa.DateTime()),
    )
    op.create_index(
        "ux_spend_entry_in_force",
        "spend_entry",
        list(_KEY),
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
