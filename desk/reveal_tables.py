"""The table of reveals: who saw a direct identifier of an applicant, what for, and until when."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, String, Table

from desk.state_types import Instant, metadata

# One row per reveal that was granted. The value itself stands nowhere but in the loan database.
review_reveal = Table(
    "review_reveal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the book, by the folder of its snapshots
    Column("application_id", String(64), nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("field", String(40), nullable=False),  # of rules.reveals.FIELDS
    Column("purpose", String(40), nullable=False),  # of rules.reveals.PURPOSES
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    ForeignKeyConstraint(["source", "application_id"], ["review_case.source", "review_case.application_id"]),
    Index("review_reveal_case", "source", "application_id"),
)
