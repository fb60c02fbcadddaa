"""The tables of a snapshot about what acquiring members costs: money as integer fen, no identifiers beyond ids."""

from typing import Any

from sqlalchemy import BigInteger, Column, Date, Integer, SmallInteger, String, Table

from loanbook.snapshot_schema import DEFINITIONS, metadata
from rules import worth
from rules.acquisition import HORIZONS

# Whom a cohort came by. A member belongs to the campaign with whose code they registered, the last one they had (as the
# book records it, member.campaign_id). "Inherited": who came without a code counts for the campaign of the nearest
# referrer above who has one, and for its channel; whoever has none that way either stays as they are.
COHORT = ("channel", "campaign", "inherited_channel", "inherited_campaign")


def _cohort() -> list[Column[Any]]:
    return [Column(name, String) for name in COHORT]  # enums; unknown where the book records none


# One row per booking by as_of of what the acquisition of a cohort costs: each row of campaign_spend, each reward when
# it was accrued, and each reward that was taken back once more, with its amount below zero.
acquisition_cost = Table(
    "acquisition_cost",
    metadata,
    Column("day", Date),  # of the cohort: when it was spent, or the referee registered; null where nobody is known
    *_cohort(),
    Column("part", String),  # one of rules.acquisition.PARTS
    Column("source_id", String),  # of the row in campaign_spend or reward
    Column("member_no", Integer),  # the referee; null for spend
    Column("beneficiary_no", Integer),  # who was rewarded; null for spend
    Column("after_days", Integer),  # since the day of the cohort; 0 for spend
    Column("fen", BigInteger),
)

# The same summed: one row per day, way of coming and part.
acquisition_sum = Table(
    "acquisition_sum",
    metadata,
    Column("day", Date),
    *_cohort(),
    Column("part", String),
    Column("bookings", Integer),
    Column("fen", BigInteger),
    # Of them at the age at which first loans are counted: within the policy's days after the day of the cohort.
    Column("window_bookings", Integer),
    Column("window_fen", BigInteger),
)

# One row per day of registration and way of coming: how many did what by as_of, and the sums that tell how sure a cost
# per head is. Amounts squared are in CNY.
acquired = Table(
    "acquired",
    metadata,
    Column("registered_on", Date),
    *_cohort(),
    Column("members", Integer),
    Column("verified", Integer),
    Column("approved", Integer),
    Column("borrowers", Integer),
    Column("early_borrowers", Integer),  # with a first loan within the policy's early days after registration
    Column("window_borrowers", Integer),  # within the policy's days for a first loan
    Column("reward_fen", BigInteger),  # accrued for them, less what was taken back
    Column("reward_cny_squared", BigInteger),  # the same of each member, squared and summed
    Column("verified_reward_fen", BigInteger),  # of those who are verified
    Column("approved_reward_fen", BigInteger),
    Column("borrower_reward_fen", BigInteger),
    # The same at one age: what was accrued and taken back within the days for a first loan.
    Column("window_reward_fen", BigInteger),
    Column("window_reward_cny_squared", BigInteger),
    Column("window_borrower_reward_fen", BigInteger),  # of those who borrowed within those days
    Column("valued", Integer),  # members who have been observed for the policy's months of value
    Column("valued_borrowers", Integer),
    Column("value_fen", BigInteger),  # contribution of those members in those months, rewards left out
    Column("value_cny_squared", BigInteger),
    Column("first_due", Integer),  # of whose first loan it is known whether the first payment was missed
    Column("first_missed", Integer),  # it was
    *(Column(f"observed_{horizon}", Integer) for horizon in HORIZONS),  # first loans observed for so many months
    *(
        Column(f"bad_{definition}_{horizon}", Integer)  # of them defaulted within so many
        for definition in DEFINITIONS
        for horizon in HORIZONS
    ),
)

# One row per day of registration, way of coming, and age of the first loan: for what they will come to.
acquired_loan = Table(
    "acquired_loan",
    metadata,
    Column("registered_on", Date),
    *_cohort(),
    Column("loan_months", SmallInteger),  # most months m with disbursed_on + m months <= as_of
    Column("borrowers", Integer),
    Column("first_due", Integer),
    Column("first_missed", Integer),
    *(
        Column(f"bad_{definition}_{horizon}", Integer)  # defaulted within so many months by as_of
        for definition in DEFINITIONS
        for horizon in HORIZONS
    ),
)

# One row per month of registration, way of coming and month since then in which anything came in or was spent:
# `member_value` summed.
cohort_value = Table(
    "cohort_value",
    metadata,
    Column("registered_month", String),  # these four in the types of `member_journey`
    Column("channel", String),
    Column("campaign", String),
    Column("inherited_campaign", String),
    Column("month", SmallInteger),
    *(Column(name, BigInteger) for name in worth.COLUMNS),
)

# One row per campaign.
acquisition_campaign = Table(
    "acquisition_campaign",
    metadata,
    Column("campaign", String),
    Column("name", String),
    Column("channel", String),
    Column("starts_on", Date),
    Column("ends_on", Date),  # null while no end is set
    Column("budget_fen", BigInteger),
)

# One row per creator, code, campaign and month in which members registered with it (null: those who did not).
creator_use = Table(
    "creator_use",
    metadata,
    Column("creator", String),
    Column("code", String),
    Column("campaign", String),
    Column("month", String),  # of registration, 2025-03
    Column("sent", Integer),
    Column("opened", Integer),
    Column("members", Integer),
    Column("borrowers", Integer),
)
