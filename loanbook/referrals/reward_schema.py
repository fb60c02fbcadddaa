"""The tables of a snapshot about rewards and abuse: money as integer fen, no identifiers beyond ids."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, SmallInteger, String, Table

from loanbook.snapshot_schema import metadata
from rules import dimensions

# One row per reward accrued by as_of, ordered by the day it was accrued; what is later has not happened yet.
# Members are named by `member_journey.member_no`, null where the book does not hold them.
reward_fact = Table(
    "reward_fact",
    metadata,
    Column("reward_no", Integer),  # 1.., by (accrued_at, id)
    Column("reward_id", String),
    Column("rule_id", String),  # null where the book does not hold the rule; the rule's columns are then null too
    Column("kind", String),  # one_off, dynamic, stepped, levelled, team
    Column("trigger", String),  # registered, first_loan, on_time_repayment, second_loan, referral_count
    Column("threshold", Integer),  # of the running count
    Column("level", SmallInteger),  # between beneficiary and referee as the reward says; 1 = direct; null where none
    Column("side", String),  # referrer, invitee, team
    Column("form", String),  # cash, points, coupon, limit
    Column("beneficiary_no", Integer),
    Column("referee_no", Integer),
    Column("team_id", String),
    # Of the referee, in the types of `member_journey`: a reward belongs to the cohort of its referee on every side.
    Column("registered_on", Date),
    Column("registered_month", String),
    *(Column(dimension.code, String) for dimension in dimensions.MEMBER),
    Column("inherited_campaign", String),
    Column("accrued_on", Date),  # Asia/Shanghai
    Column("due_on", Date),  # the last day on which the payment keeps the policy's promise
    Column("paid_on", Date),  # null: not by as_of
    Column("reversed_on", Date),  # null: not by as_of
    Column("reversal_reason", String),
    Column("fen", BigInteger),
    Column("ring_no", Integer),  # the ring in which beneficiary and referee both stand; null where none
)

# One row per borrower with a referrer: which one of those they brought, at the first disbursement.
referral_place = Table(
    "referral_place",
    metadata,
    Column("referee_no", Integer),
    Column("first_disbursed_on", Date),
    Column("referrer_no", Integer),
    Column("root_no", Integer),
    Column("direct_place", Integer),  # among the borrowers whom the referrer brought, 1..
    Column("tree_place", Integer),  # among the borrowers of the tree, its root left out, 1..
    Column("campaign", String),
    Column("inherited_campaign", String),
)

# One row per group of members who are linked by the devices they were seen on, the largest first.
ring = Table(
    "ring",
    metadata,
    Column("ring_no", Integer),
    Column("members", Integer),
    Column("devices", Integer),
    Column("addresses", Integer),
    Column("referrals", Integer),  # from one of them to another
    Column("first_registered_on", Date),
    Column("last_registered_on", Date),
)

# One row per member of such a group.
member_ring = Table(
    "member_ring",
    metadata,
    Column("member_no", Integer),
    Column("ring_no", Integer),
)

# One row per member with some signal of abuse: the evidence is 0 where a signal is not given.
abuse_signal = Table(
    "abuse_signal",
    metadata,
    Column("member_no", Integer),
    Column("member_id", String),
    Column("registered_on", Date),
    Column("ring_no", Integer),  # null where none
    Column("pattern", SmallInteger),  # the signals given, as the sum of 2 ^ their place in rules.abuse.SIGNALS
    Column("shared_device", Integer),  # referrer and referees seen on one device with the member
    Column("shared_address", Integer),  # referrer and referees seen at one address with the member
    Column("ring", Integer),  # members of the ring
    Column("loop", Integer),  # members of the closed loop of referrals; 1: referred by themselves
    Column("burst", Integer),  # registrations by one referrer in the burst that the member is part of
    Column("idle", Integer),  # days without any activity since the account earned its reward
    Column("concentrated", Integer),  # in a thousand: the member's part of all rewards of the tree
    Column("rewards", Integer),  # received by the member
    Column("reward_fen", BigInteger),  # received by the member, reversed ones included
    Column("reversed_fen", BigInteger),
    Column("points", Integer),  # ten times the decimal logarithm of the likelihood ratio, summed; rules/abuse.py
    Column("suspected", Boolean),
    Column("case_no", Integer),  # suspects linked by a ring or by referring each other, the largest 1; null: no suspect
)

# One row per signal: how common it is among those who are suspected and among all others.
signal_rate = Table(
    "signal_rate",
    metadata,
    Column("signal", String),
    Column("suspected", Integer),  # members with the signal
    Column("of_suspected", Integer),
    Column("others", Integer),
    Column("of_others", Integer),
    Column("points", Integer),
)

# One row per member with a referee: when the first one came, and whether a membership had been paid for before.
inviter = Table(
    "inviter",
    metadata,
    Column("member_no", Integer),
    Column("first_referral_on", Date),
    Column("paid_on", Date),  # of the first membership paid for before that day; null where none
    Column("paid_fen", BigInteger),  # for memberships paid for before that day
)
