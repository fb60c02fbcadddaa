"""The tables of the risk committee's packs: what people wrote about a month end, and months that are frozen."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from desk.state_types import Instant, metadata

# What somebody wrote about a section of a month's pack, each time they did: the newest one of a section holds.
pack_comment = Table(
    "pack_comment",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the folder of the book's snapshots
    Column("month_end", Date, nullable=False),
    Column("section", String(20), nullable=False),  # of rules.pack.Section
    Column("text", Text, nullable=False),  # empty where it was taken back
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("snapshot_id", String(64), nullable=False),  # that was looked at
    Index("ix_pack_comment_section", "source", "month_end", "section", "id"),
)

# One row per month that is frozen: what its pack says from then on, whatever becomes of the book.
pack_frozen = Table(
    "pack_frozen",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the folder of the book's snapshots
    Column("month_end", Date, nullable=False),
    Column("figures", Text, nullable=False),  # of rules.pack.to_text
    Column("comments", Text, nullable=False),  # JSON, in the order of the sections
    Column("digest", String(64), nullable=False),  # of both; the audit event holds it too
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("snapshot_id", String(64), nullable=False),
    Index("ux_pack_frozen_month", "source", "month_end", unique=True),
)
