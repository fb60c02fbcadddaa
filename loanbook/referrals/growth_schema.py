"""The tables of a snapshot about referral trees and what members turned out to be: integer fen, no identifiers."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, SmallInteger, String, Table

from loanbook.snapshot_schema import DEFINITIONS, metadata
from rules import dimensions


def _described() -> list[Column[Any]]:
    """What members are filtered by, in the types of `member_journey`: so that nothing is joined to be filtered."""
    return [Column(dimension.code, String) for dimension in dimensions.MEMBER]


# One row per member, in the order of `member_journey`: what became of the first loan, and what the member is worth.
member_outcome = Table(
    "member_outcome",
    metadata,
    Column("member_no", Integer),
    Column("registered_on", Date),
    *_described(),
    Column("inherited_campaign", String),
    Column("referrer_no", Integer),
    Column("applied", Boolean),
    Column("approved", Boolean),  # an application of theirs
    # Of the first loan; null without one.
    Column("loan_no", Integer),
    Column("observed_months", SmallInteger),  # most months m with disbursed_on + m months <= as_of
    Column("final_observed", Boolean),
    *(Column(f"default_month_{definition}", SmallInteger) for definition in DEFINITIONS),  # as in `loan_fact`
    Column("again_month", SmallInteger),  # fewest months after the first loan in which the second was disbursed
    # Contribution of the policy's months since registration; null where the member has not been observed for so long.
    Column("value_fen", BigInteger),
    Column("value_cny_squared", BigInteger),  # of `value_fen` in whole CNY, for the spread of sums over members
    Column("value_so_far_fen", BigInteger),  # all contribution observed by as_of
    Column("reward_fen", BigInteger),  # accrued to the member, less what was reversed
    Column("suspected", Boolean),  # of abuse, as `abuse_signal` has it
)

# One row per member who invited or brought anybody within the policy's days after registering, on a day that is known.
member_referring = Table(
    "member_referring",
    metadata,
    Column("member_no", Integer),
    Column("registered_month", String),
    *_described(),
    Column("referees", Integer),  # registered within those days
    Column("invitations", Integer),  # sent within those days
)

# One row per referee: how long after the referrer they registered. Estimates on either side are left out.
referral_delay = Table(
    "referral_delay",
    metadata,
    *_described(),  # of the referrer
    Column("day", Integer),  # below 0 where dirty data has it so
    Column("registered_on", Date),  # the referee
)

# One row per member, in preorder: everybody below a member stands in the rows that follow it, so a branch is a range of
# positions, from `position` to `position + members - 1`. What is counted "in the branch" includes the member.
tree_node = Table(
    "tree_node",
    metadata,
    Column("position", Integer),  # 0.., tree by tree, the largest first; within one referrer the largest branch first
    Column("member_no", Integer),
    Column("parent_position", Integer),  # null for a root
    Column("level", Integer),
    Column("members", Integer),  # in the branch
    Column("referrals", Integer),  # members referred directly
    Column("depth", Integer),  # levels below the member
    Column("distances", BigInteger),  # of all pairs in the branch, summed; null where it would not fit
    Column("borrowers", Integer),  # in the branch
    Column("mature", Integer),  # of them observed for the policy's horizon
    Column("defaulted", Integer),  # of those, by the definition with which the pages open, within the horizon
    Column("value_fen", BigInteger),  # contribution so far in the branch
    Column("reward_fen", BigInteger),  # accrued to members of the branch, less what was reversed
    Column("suspected", BigInteger),  # members of the branch
    Column("inherited_campaign", String),  # as in `member_journey`
)

# One row per member, in the order of ids, so that one is found without reading all.
member_place = Table(
    "member_place",
    metadata,
    Column("member_id", String),
    Column("member_no", Integer),
    Column("position", Integer),  # in `tree_node`
)

# One row per tree of two and more.
referral_tree = Table(
    "referral_tree",
    metadata,
    Column("root_no", Integer),
    *_described(),  # of the root
    Column("members", Integer),
    Column("depth", Integer),  # the deepest level
    Column("levels", BigInteger),  # of all members, summed
    Column("leaves", Integer),  # members without referees
    Column("distances", BigInteger),  # of all pairs, summed; null where it would not fit
)

# One row per invitation sent by as_of, in the order sent. The times are seconds after it was sent, each null where the
# step before was not reached: the steps nest.
invitation_journey = Table(
    "invitation_journey",
    metadata,
    Column("sent_on", Date),
    Column("observed_days", Integer),  # as_of - sent_on
    Column("medium", String),
    Column("campaign", String),  # the invitation's, else the one that its sender came by or inherited; an enum
    Column("by_member", Boolean),  # sent by a member; false: by an opinion leader
    Column("referrer_no", Integer),
    Column("referee_no", Integer),
    Column("opened_s", Integer),
    Column("registered_s", Integer),
    Column("verified_s", Integer),
    Column("disbursed_s", Integer),
)
