"""What the queue of review is sorted by and tells: age, risk, signals, a clock that stands, decisions of the round."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of cases that were opened before, risk and signals are not known."""
    for column in (
        sa.Column("applied_at", sa.DateTime(), nullable=False, server_default="1970-01-01 00:00:00.000000"),
        sa.Column("default_probability", sa.Float()),
        sa.Column("signals", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("asked_hash", sa.String(64)),
        sa.Column("left_seconds", sa.Integer()),
        sa.Column("decisions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("decided_at", sa.DateTime()),
    ):
        op.add_column("review_case", column)
    case, made = (sa.table(name, *map(sa.column, _COLUMNS)) for name in ("review_case", "review_decision"))
    of_round = sa.and_(*(made.c[name] == case.c[name] for name in ("source", "application_id", "round")))
    count = sa.select(sa.func.count()).select_from(made).where(of_round).scalar_subquery()
    newest = sa.select(sa.func.max(made.c.decided_at)).where(of_round, made.c.final).scalar_subquery()
    op.execute(case.update().values(applied_at=case.c.opened_at, decisions=count, decided_at=newest))
    op.create_index("review_case_number", "review_case", ["source", "external_number"])


_COLUMNS = ("source", "application_id", "round", "opened_at", "applied_at", "decisions", "decided_at", "final")
