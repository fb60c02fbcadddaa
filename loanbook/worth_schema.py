"""The tables of a snapshot about what members are worth: money as integer fen, no identifiers."""

from typing import Any

from sqlalchemy import BigInteger, Column, Date, Integer, SmallInteger, String, Table

from loanbook.snapshot_schema import metadata
from rules import worth


def _parts() -> list[Column[Any]]:
    """The parts of contribution: see `loanbook/member_value.py` for what each holds."""
    return [Column(name, BigInteger) for name in worth.COLUMNS]


# One row per member and month since registration in which anything came in or was spent, whole months alone.
member_value = Table(
    "member_value",
    metadata,
    Column("member_no", Integer),
    Column("month", SmallInteger),  # calendar months since the month of registration, which is 0
    Column("month_end", Date),
    Column("tier", String),  # held at the month's end; unknown where the member stood on none
    *_parts(),
)

# One row per member and tier that was held at the end of a whole month.
tier_value = Table(
    "tier_value",
    metadata,
    Column("member_no", Integer),
    Column("tier", String),  # as in member_value
    Column("months", Integer),  # month ends at which it was held
    *_parts(),
)

# One row per ageing bucket: what is expected to be lost of the principal of loans in it.
loss_expected = Table(
    "loss_expected",
    metadata,
    Column("bucket", String),
    Column("millionths", Integer),  # of the principal; 0 where the book does not tell
)
