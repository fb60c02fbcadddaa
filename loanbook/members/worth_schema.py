"""The tables of a snapshot about what members are worth: money as integer fen, no identifiers."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, SmallInteger, String, Table

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

# One row per member and occasion at which perks are granted: the first loan repaid, the first tier joined. What was
# granted for it, what the member was like by then, and what came after.
perk_trial = Table(
    "perk_trial",
    metadata,
    Column("member_no", Integer),
    Column("occasion", String),  # one of rules.perks.Occasion
    Column("occurred_on", Date),
    Column("kind", String),  # the perk granted for it; none, or several, which is judged as neither
    Column("redeemed", Boolean),  # by as_of; false where nothing was granted
    # What like members share (an attempt at it is made on these).
    Column("tier", String),  # held on that day; unknown: none
    Column("channel", String),
    Column("score_band", String),  # of the loan that was repaid; unknown at the first tier
    Column("quarter", String),  # of the day, 2025Q3
    Column("loans_before", SmallInteger),  # taken by then; 3: or more
    # What they are compared by afterwards, to see whether they are alike; null where the book does not tell.
    Column("income_fen", BigInteger),
    Column("principal_fen", BigInteger),  # of the loan that was repaid
    Column("worst_days_past_due", Integer),  # of the loan that was repaid
    Column("age_years", SmallInteger),
    Column("member_days", Integer),  # since registration
    Column("value_before_fen", BigInteger),  # contribution in the months before
    # What came after.
    Column("observed_days", Integer),
    Column("again_days", Integer),  # until the next loan; null: none by as_of
    Column("observed_months", SmallInteger),  # whole months after that of the day
    Column("value_fen", BigInteger),  # contribution in the policy's months after; null where not observed for so long
)

# One row per loan with instalments of a known member: whether its all-in rate is over the caps, without and with the
# membership fee that was required for it. See loanbook/loan_price.py.
loan_price = Table(
    "loan_price",
    metadata,
    Column("loan_no", Integer),
    Column("member_no", Integer),
    Column("upfront_fee_fen", BigInteger),
    Column("membership_fee_fen", BigInteger),  # required for the loan; 0: none
    Column("over_cap", Boolean),
    Column("over_cap_with_fee", Boolean),
    Column("over_prime", Boolean),  # over the multiple of the prime rate of the day; null where the book holds none
    Column("over_prime_with_fee", Boolean),
)
