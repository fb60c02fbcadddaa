"""What the book holds of rewards beyond direct referees, of large trees, and of paying before inviting."""

from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, func, select

from loanbook.compliance.member_rules import is_large, is_too_deep
from loanbook.referrals.growth_schema import referral_tree
from loanbook.referrals.reward_schema import inviter, reward_fact
from loanbook.snapshot_schema import member_journey
from rules.policy import RewardLimits
from rules.reward_limits import Question

Rows = Select[*tuple[Any, ...]]

_tree, _reward, _inviter, _member = referral_tree.c, reward_fact.c, inviter.c, member_journey.c


def counts(limits: RewardLimits) -> Rows:
    """What is held against the limits of the policy, over the whole book: a law asks about every member.

    Grain: one row. Columns: rewards, deep_rewards, deep_fen; trees (of two people and more), large_trees; inviters,
    paid_inviters.
    """
    deep = is_too_deep(limits)
    rewards = select(
        func.count().label("rewards"),
        func.count().filter(deep).label("deep_rewards"),
        cast(func.coalesce(func.sum(_reward.fen).filter(deep), 0), BigInteger).label("deep_fen"),
    ).subquery("ledger")
    trees = select(func.count().label("trees"), func.count().filter(is_large(limits)).label("large_trees"))
    invited = select(func.count().label("inviters"), func.count(_inviter.paid_on).label("paid_inviters"))
    parts = rewards, trees.subquery("forest"), invited.subquery("invited")
    return select(*(column for part in parts for column in part.c))


def behind(question: Question, limits: RewardLimits) -> Rows:
    """The rows behind a flag: rules that reward too deep, large trees, or members who had paid."""
    if question is Question.LEVELS:
        return deep_rules(limits)
    return large_trees(limits) if question is Question.TREES else paid_inviters()


def deep_rules(limits: RewardLimits) -> Rows:
    """The rules that reward beyond the limit.

    Grain: one row per rule and level. Columns: rule_id, kind, trigger, level, rewards (count), fen, paid_fen.
    """
    keys = _reward.rule_id, _reward.kind, _reward.trigger, _reward.level
    kept = _reward.paid_on.is_not(None) & _reward.reversed_on.is_(None)
    return (
        select(
            _reward.rule_id,
            cast(_reward.kind, String).label("kind"),
            cast(_reward.trigger, String).label("trigger"),
            _reward.level,
            func.count().label("rewards"),
            cast(func.sum(_reward.fen), BigInteger).label("fen"),
            cast(func.coalesce(func.sum(_reward.fen).filter(kept), 0), BigInteger).label("paid_fen"),
        )
        .where(is_too_deep(limits))
        .group_by(*keys)
        .order_by(*keys)
    )


def large_trees(limits: RewardLimits) -> Rows:
    """The trees over the limits, the largest first.

    Grain: one row per tree. Columns: root_id, members, levels (the root's own among them), leaves, registered_on (of
    the root), channel (of the root).
    """
    return (
        select(
            _member.member_id.label("root_id"),
            _tree.members,
            (_tree.depth + 1).label("levels"),
            _tree.leaves,
            _member.registered_on,
            cast(_member.channel, String).label("channel"),
        )
        .join_from(referral_tree, member_journey, _member.member_no == _tree.root_no)
        .where(is_large(limits))
        .order_by(_tree.members.desc(), _tree.root_no)
    )


def paid_inviters() -> Rows:
    """Those who had paid for a membership by the day of their first referee, by when that was.

    Grain: one row per member. Columns: member_id, paid_on, paid_fen, first_referral_on, referrals.
    """
    return (
        select(_member.member_id, _inviter.paid_on, _inviter.paid_fen, _inviter.first_referral_on, _member.referrals)
        .join_from(inviter, member_journey, _member.member_no == _inviter.member_no)
        .where(_inviter.paid_on.is_not(None))
        .order_by(_inviter.first_referral_on, _inviter.member_no)
    )
