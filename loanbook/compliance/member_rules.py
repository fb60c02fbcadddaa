"""What is held against the rules on members: what one borrower bears, how deep rewards go, how large trees are."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Boolean, ColumnElement, Date, Double, and_, cast, func, literal, select, true

from loanbook.compliance.judging import breach, count, keep, spans
from loanbook.members.movement_schema import member_exposure
from loanbook.referrals.growth_schema import referral_tree
from loanbook.referrals.reward_schema import reward_fact
from loanbook.snapshot_schema import member_journey
from loanbook.working import run
from rules.compliance import Rule, limits
from rules.policy import Exposure, Policy, RewardLimits

_PERCENT = 100

_exposure, _reward, _tree, _member = member_exposure.c, reward_fact.c, referral_tree.c, member_journey.c


def judge(snapshot: duckdb.DuckDBPyConnection, as_of: date, policy: Policy) -> None:
    """Add what was judged and found of borrowers, rewards and trees.

    They are those of `member_exposure`, `reward_fact` and `referral_tree`. A rule judges what borrowers bear at the
    newest month end, rewards by the day on which they were accrued, trees of two people and more as they are at as_of.
    Source: metrics.md, "Collections and compliance".
    """
    [(newest,)] = run(snapshot, select(func.max(_exposure.month_end, type_=Date())))
    if newest is not None:
        _bear_too_much(snapshot, newest, policy)
    for _limit, within in spans(limits(Rule.REWARD_LEVEL, policy), _reward.accrued_on):
        _rewarded_too_deep(snapshot, policy.reward_limits, within)
    if [limit for limit in limits(Rule.TREE_SIZE, policy) if limit.from_on <= as_of]:
        _too_large(snapshot, policy.reward_limits, as_of)


def owed() -> ColumnElement[Any]:
    """What a member owes here and has declared elsewhere, of `member_exposure`."""
    return _exposure.outstanding_fen + func.coalesce(_exposure.declared_fen, 0)


def is_over_extended(rule: Exposure) -> ColumnElement[bool]:
    """Whether that passes so many monthly incomes. In whole numbers; false where no income is known."""
    most = round(rule.most_monthly_incomes * _PERCENT)
    over = and_(_exposure.income_fen > 0, owed() * _PERCENT > _exposure.income_fen * most)
    return func.coalesce(over, False, type_=Boolean())


def is_too_deep(rule: RewardLimits) -> ColumnElement[bool]:
    """Whether a row of `reward_fact` is for somebody farther away than the policy allows."""
    return func.coalesce(_reward.level > rule.deepest_level, False, type_=Boolean())


def is_large(rule: RewardLimits) -> ColumnElement[bool]:
    """Whether a row of `referral_tree` has so many people on so many levels."""
    return (_tree.members >= rule.tree_people) & (_tree.depth + 1 >= rule.tree_levels)


def _bear_too_much(snapshot: duckdb.DuckDBPyConnection, newest: date, policy: Policy) -> None:
    day, most = literal(newest, Date), policy.exposure.most_monthly_incomes
    if not [limit for limit in limits(Rule.EXPOSURE, policy) if limit.from_on <= newest]:
        return
    count(snapshot, Rule.EXPOSURE, member_exposure, day, and_(_exposure.month_end == newest, _exposure.income_fen > 0))
    found = breach(
        Rule.EXPOSURE, on=day, subject=_member.member_id, member=_member.member_id,
        observed=cast(owed(), Double) / func.nullif(_exposure.income_fen, 0), allowed=most,
    )  # fmt: skip
    joined = found.join_from(member_exposure, member_journey, _member.member_no == _exposure.member_no)
    keep(snapshot, joined.where(_exposure.month_end == newest, is_over_extended(policy.exposure)))


def _rewarded_too_deep(snapshot: duckdb.DuckDBPyConnection, rule: RewardLimits, within: ColumnElement[bool]) -> None:
    count(snapshot, Rule.REWARD_LEVEL, reward_fact, _reward.accrued_on, within)
    found = breach(
        Rule.REWARD_LEVEL, on=_reward.accrued_on, subject=_reward.reward_id, member=_member.member_id,
        observed=_reward.level, allowed=rule.deepest_level,
    )  # fmt: skip
    known = reward_fact.outerjoin(member_journey, _member.member_no == _reward.beneficiary_no)
    keep(snapshot, found.select_from(known).where(within, is_too_deep(rule)))


def _too_large(snapshot: duckdb.DuckDBPyConnection, rule: RewardLimits, as_of: date) -> None:
    today = literal(as_of, Date)
    count(snapshot, Rule.TREE_SIZE, referral_tree, today, true())
    found = breach(
        Rule.TREE_SIZE, on=today, subject=_member.member_id, member=_member.member_id,
        observed=_tree.members, allowed=rule.tree_people,
    )  # fmt: skip
    roots = found.join_from(referral_tree, member_journey, _member.member_no == _tree.root_no)
    keep(snapshot, roots.where(is_large(rule)))
