"""Who vouches for a member of staff, and when their sessions ended."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nobody is bound yet."""
    op.add_column("staff", sa.Column("issuer", sa.String(500)))
    op.add_column("staff", sa.Column("subject", sa.String(255)))
    op.add_column("staff", sa.Column("sessions_ended_at", sa.DateTime()))
    op.create_index("staff_identity", "staff", ["issuer", "subject"], unique=True)
