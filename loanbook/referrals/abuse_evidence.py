"""The evidence of each signal of abuse: one statement a signal, one row per member who gives it."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Date,
    FromClause,
    Integer,
    Select,
    TableClause,
    cast,
    column,
    extract,
    func,
    literal,
    select,
    table,
    union_all,
)

from loanbook.constructs import days_between
from loanbook.referrals import referral_levels
from loanbook.referrals.reward_schema import reward_fact
from loanbook.snapshot_schema import member_journey
from loanbook.working import columns, run, work_table
from rules.policy import Abuse

_HOUR_SECONDS = 3600
_THOUSAND = 1000


def shared_in_tree(places: FromClause) -> Select[Any]:
    """How many of a member's referrer and referees were seen at a place of the member's.

    `places`: the work table of `rings.shared`. Columns: member_no, found.
    """
    referee, referrer, member = places.alias("referee_place"), places.alias("referrer_place"), member_journey.c
    edges = (
        select(member.member_no, member.referrer_no)
        .join_from(member_journey, referee, referee.c.member_no == member.member_no)
        .join(referrer, (referrer.c.member_no == member.referrer_no) & (referrer.c.place == referee.c.place))
        .distinct()
        .cte()
    )
    ends = union_all(select(edges.c.member_no), select(edges.c.referrer_no)).subquery("shared_end")
    return select(ends.c.member_no, func.count().label("found")).group_by(ends.c.member_no)


def bursts(numbers: FromClause, policy: Abuse) -> Select[Any]:
    """How many members one referrer brought within hours of a member whom they brought, that one included.

    The referrer has the largest number of theirs. Columns: member_no, found.
    """
    member, hours = member_journey.c, policy.burst_hours * _HOUR_SECONDS
    at = cast(extract("epoch", numbers.c.registered_at), BigInteger)
    near = func.count().over(partition_by=member.referrer_no, order_by=at, range_=(-hours, hours))
    several = (
        select(member.member_no, member.referrer_no, near.label("found"))
        .join_from(member_journey, numbers, numbers.c.member_no == member.member_no)
        .where(member.referrer_no.in_(_with_referrals(policy.burst_referees)))
        .cte("near")
    )
    enough = several.c.found >= policy.burst_referees
    both = union_all(
        select(several.c.member_no, several.c.found).where(enough),
        select(several.c.referrer_no, several.c.found).where(enough),
    ).subquery("in_burst")
    return select(both.c.member_no, func.max(both.c.found).label("found")).group_by(both.c.member_no)


def idle(as_of: date, policy: Abuse) -> Select[Any]:
    """Days since an account earned its last reward, for those that have done nothing after that day.

    Columns: member_no, found. Excludes: rewards of fewer than the policy's days ago, and the benefit that the account
    received itself for coming.
    """
    member, reward = member_journey.c, reward_fact.c
    earned = (
        select(reward.referee_no, func.max(reward.accrued_on).label("earned_on"))
        .where(reward.side != literal("invitee"), reward.referee_no.is_not(None))
        .group_by(reward.referee_no)
        .subquery("earned")
    )
    days = days_between(earned.c.earned_on, literal(as_of, Date))
    return (
        select(member.member_no, days.label("found"))
        .join_from(member_journey, earned, earned.c.referee_no == member.member_no)
        .where(days >= policy.idle_days, member.last_active_on <= earned.c.earned_on)
    )


def concentrated(policy: Abuse) -> Select[Any]:
    """The member's part, in a thousand, of what everybody in the tree has earned by referring.

    Columns: member_no, found. Excludes: small trees, benefits of those who came, and members outside of their tree.
    """
    member, reward = member_journey.c, reward_fact.c
    of_member = (
        select(reward.beneficiary_no, func.sum(reward.fen).label("fen"))
        .where(reward.side != literal("invitee"), reward.beneficiary_no.is_not(None))
        .group_by(reward.beneficiary_no)
        .subquery("of_member")
    )
    whole = func.sum(of_member.c.fen).over(partition_by=member.root_no)
    shares = (
        select(member.member_no, of_member.c.fen, whole.label("of_fen"))
        .join_from(of_member, member_journey, member.member_no == of_member.c.beneficiary_no)
        .where(member.tree_size >= policy.concentrated_people)
        .subquery("share")
    )
    share = cast(shares.c.fen * _THOUSAND, BigInteger).op("//")(cast(shares.c.of_fen, BigInteger))
    enough = shares.c.fen >= policy.concentrated_ratio * shares.c.of_fen
    return select(shares.c.member_no, share.label("found")).where(shares.c.of_fen > 0, enough)


def loops(snapshot: duckdb.DuckDBPyConnection, numbers: FromClause) -> TableClause:
    """The work table of closed loops of referrals, which the tree had to cut.

    Grain: one row per member on a loop. Columns: member_no, found (members on the loop; 1: referred by themselves).
    """
    members: list[int] = []
    found: list[int] = []
    cut = run(snapshot, _cut(numbers))
    if cut:
        place, above = member_journey.c.member_no, func.coalesce(member_journey.c.referrer_no, 0).label("above")
        referrers = columns(snapshot, select(place, above).order_by(place))["above"]
        for member, referrer in cut:
            loop, each = [member], referrer
            while each != member:
                loop.append(each)
                each = int(referrers[each - 1])
            members += loop
            found += [len(loop)] * len(loop)
    rows = {"member_no": pa.array(members, pa.int32()), "found": pa.array(found, pa.int64())}
    snapshot.register("loop_found", pa.table(rows))
    source = table("loop_found", column("member_no", Integer), column("found", BigInteger))
    kept = work_table(snapshot, "referral_loop", select(*source.c))
    snapshot.unregister("loop_found")
    return kept


def _cut(numbers: FromClause) -> Select[Any]:
    """The members whose referrer is in the book but not in the tree: there the tree cut a loop; and that referrer."""
    upper, member, edges = numbers.alias("upper"), member_journey.c, referral_levels.edges().subquery("edge")
    return (
        select(member.member_no, upper.c.member_no)
        .join_from(member_journey, numbers, numbers.c.member_no == member.member_no)
        .join(edges, edges.c.member_id == numbers.c.id)
        .join(upper, upper.c.id == edges.c.referrer_id)
        .where(member.referrer_no.is_(None))
        .order_by(member.member_no)
    )


def _with_referrals(fewest: int) -> Select[Any]:
    member = member_journey.c
    return select(member.member_no).where(member.referrals >= fewest)
