"""What the rewards of the past year would have been under other terms, from the ledger and the tree."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from loanbook import copied
from loanbook.referrals.reward_schema import referral_place, reward_fact
from loanbook.snapshot_schema import member_journey
from queries.members import passing
from rules import calendar
from rules.member_filters import MemberSelection
from rules.reward_simulator import SIZES_FEN, Change, Plan, Rule

Rows = Select[*tuple[Any, ...]]

_rule, _reward, _member, _place = (
    copied.TABLES["reward_rule"].c, reward_fact.c, member_journey.c, referral_place.c,
)  # fmt: skip


def rules() -> Rows:
    """The rules of rewards as they stand.

    Grain: one row per rule. Columns: rule_id, kind, trigger, level (null where the rewards have none), threshold,
    amount_fen, campaign, starts_on, ends_on. Excludes: rules whose key is repeated.
    """
    return (
        select(
            cast(_rule.id, String).label("rule_id"),
            func.min(_rule.kind).label("kind"),
            func.min(_rule.trigger).label("trigger"),
            func.nullif(func.min(_rule.level), 0).label("level"),
            func.min(_rule.threshold).label("threshold"),
            func.min(_rule.amount_fen).label("amount_fen"),
            cast(func.min(_rule.campaign_id), String).label("campaign"),
            func.min(_rule.starts_on).label("starts_on"),
            func.min(_rule.ends_on).label("ends_on"),
        )
        .where(_rule.id.is_not(None), _rule.amount_fen.is_not(None))
        .group_by(_rule.id)
        .having(func.count() == 1)
        .order_by(_rule.id)
    )


def by_campaign(selection: MemberSelection, plan: Plan, as_of: date) -> Rows:
    """The cost of the past year's rewards as it was and as it would have been.

    Grain: one row per campaign that the referee, or the nearest referrer above, came by.
    Columns: campaign; rewards, fen, reversed_fen as the ledger has them; new_rewards, new_fen, new_reversed_fen under
    the plan. `fen` is what was accrued in the twelve months to as_of, reversed_fen what of it was taken back.
    Formula: an idle plan gives the ledger to the fen. Of the selection only the choices count.
    Source: metrics.md, "cost per acquisition".
    """
    each = _rewards(selection, plan, as_of)
    return _compared(each, cast(each.c.campaign, String).label("campaign"))


def by_rule(selection: MemberSelection, plan: Plan, as_of: date) -> Rows:
    """The same by rule: rule_id (null where the book does not hold it)."""
    each = _rewards(selection, plan, as_of)
    return _compared(each, each.c.rule_id)


def by_size(selection: MemberSelection, plan: Plan, as_of: date) -> Rows:
    """Beneficiaries by how much less or more they would have kept of the past year's rewards.

    Grain: one row per band that occurs. Columns: band (place in `rules.reward_simulator.sizes`), beneficiaries
    (count), change_fen. Excludes: rewards that were taken back, and beneficiaries whom the book does not hold.
    """
    person = _beneficiaries(selection, plan, as_of)
    edges = (case((person.c.change_fen >= edge, 1), else_=0) for edge in SIZES_FEN)
    band = sum(edges, literal(0, Integer)).label("band")
    change = cast(func.sum(person.c.change_fen), BigInteger).label("change_fen")
    return select(band, func.count().label("beneficiaries"), change).group_by(band).order_by(band)


def hit(selection: MemberSelection, plan: Plan, as_of: date, *, first: int | None = None) -> Rows:
    """Whom the other terms would have hit, the largest changes first.

    Grain: one row per beneficiary of `by_size` with a change. Columns: member_id; fen, new_fen, change_fen, without
    what was taken back. Excludes: those past the `first` so many.
    """
    person = _beneficiaries(selection, plan, as_of)
    order = func.abs(person.c.change_fen).desc(), person.c.beneficiary_no
    changed = false() if plan.is_idle else person.c.change_fen != 0  # so that nothing is read for terms as they are
    found = select(person).where(changed).order_by(*order).limit(first).subquery("hit")
    return (
        select(_member.member_id, found.c.fen, found.c.new_fen, found.c.change_fen)
        .join_from(found, member_journey, _member.member_no == found.c.beneficiary_no)
        .order_by(func.abs(found.c.change_fen).desc(), found.c.beneficiary_no)
    )


def _compared(each: FromClause, key: ColumnElement[Any]) -> Rows:
    return (
        select(
            key,
            func.count().filter(each.c.fen > 0).label("rewards"),
            func.count().filter(each.c.new_fen > 0).label("new_rewards"),
            _sum(each.c.fen).label("fen"),
            _sum(each.c.new_fen).label("new_fen"),
            _sum(each.c.fen, each.c.is_reversed).label("reversed_fen"),
            _sum(each.c.new_fen, each.c.is_reversed).label("new_reversed_fen"),
        )
        .group_by(key)
        .order_by(key)
    )


def _beneficiaries(selection: MemberSelection, plan: Plan, as_of: date) -> FromClause:
    each = _rewards(selection, plan, as_of).c
    kept = ~each.is_reversed
    fen, new_fen = _sum(each.fen, kept), _sum(each.new_fen, kept)
    return (
        select(
            each.beneficiary_no,
            fen.label("fen"),
            new_fen.label("new_fen"),
            (new_fen - fen).label("change_fen"),
        )
        .where(each.beneficiary_no.is_not(None))
        .group_by(each.beneficiary_no)
        .subquery("person")
    )


def _rewards(selection: MemberSelection, plan: Plan, as_of: date) -> FromClause:
    """The year's rewards: those of the ledger, and behind them those that only the plan gives, each with both amounts.

    Columns: reward_no (null where only the plan gives it), rule_id, beneficiary_no, referee_no, campaign, accrued_on,
    is_reversed, fen, new_fen.
    """
    since = calendar.add_months(as_of, -12)
    parts = [_of_ledger(selection, plan, since)]
    for change in plan.changes:
        if change.is_modelled:
            model = _at_thresholds if change.now.threshold is not None else _at_level
            parts.append(model(selection, change.now, since))
    together = union_all(*parts).subquery("reward_of_year")
    return together if plan.cap_fen is None else _capped(together, plan.cap_fen)


def _of_ledger(selection: MemberSelection, plan: Plan, since: date) -> Rows:
    terms = [(_reward.rule_id == each.was.rule_id, _new_fen(each)) for each in plan.changes]
    return select(
        _reward.reward_no,
        _reward.rule_id,
        _reward.beneficiary_no,
        _reward.referee_no,
        _reward.inherited_campaign.label("campaign"),
        _reward.accrued_on,
        _reward.reversed_on.is_not(None).label("is_reversed"),
        _reward.fen,
        (case(*terms, else_=_reward.fen) if terms else _reward.fen).label("new_fen"),
    ).where(passing(selection.over_all_time(), reward_fact), _reward.accrued_on > since)


def _new_fen(change: Change) -> ColumnElement[int]:
    """What a reward of the ledger comes to; nothing where the rule's rewards are found anew."""
    if not change.now.pays or change.is_modelled:
        return literal(0, BigInteger)
    return literal(change.now.amount_fen, BigInteger) if change.now.amount_fen != change.was.amount_fen else _reward.fen


def _at_thresholds(selection: MemberSelection, rule: Rule, since: date) -> Rows:
    """The rewards of a rule that counts: once for the referrer, of a team for each so many borrowers of its tree."""
    of_team = rule.kind == "team"
    reached = _place.tree_place % rule.threshold == 0 if of_team else _place.direct_place == rule.threshold
    return _found(
        rule,
        _place.root_no if of_team else _place.referrer_no,
        _place.referee_no,
        _place.first_disbursed_on,
        false(),
    ).join_from(referral_place, member_journey, _member.member_no == _place.referee_no).where(
        reached,
        passing(selection.over_all_time()),
        _of_campaign(rule),
        *_in_force(rule, _place.first_disbursed_on, since),
    )  # fmt: skip


def _at_level(selection: MemberSelection, rule: Rule, since: date) -> Rows:
    """The rewards of a rule for whoever stands so many levels above each referee whose event the ledger holds."""
    event = (
        select(
            _reward.referee_no,
            _reward.accrued_on,
            func.bool_and(_reward.reversed_on.is_not(None)).label("is_reversed"),
        )
        .where(_reward.trigger == rule.trigger, _reward.side == "referrer", _reward.level.is_not(None))
        .where(*_in_force(rule, _reward.accrued_on, since))
        .group_by(_reward.referee_no, _reward.accrued_on)
        .subquery("event")
    )
    joined = event.join(member_journey, _member.member_no == event.c.referee_no)
    above = _member.referrer_no
    for step in range(1, rule.level or 1):
        upper = member_journey.alias(f"above_{step}")
        joined = joined.join(upper, upper.c.member_no == above)
        above = upper.c.referrer_no
    found = _found(rule, above, event.c.referee_no, event.c.accrued_on, event.c.is_reversed)
    return found.select_from(joined).where(above.is_not(None), passing(selection.over_all_time()), _of_campaign(rule))


def _found(
    rule: Rule, beneficiary_no: ColumnElement[Any], referee_no: ColumnElement[Any], on: ColumnElement[Any],
    is_reversed: ColumnElement[Any],
) -> Rows:  # fmt: skip
    return select(
        null(),
        literal(rule.rule_id),
        beneficiary_no,
        referee_no,
        _member.inherited_campaign,
        on,
        is_reversed,
        literal(0, BigInteger),
        literal(rule.amount_fen, BigInteger),
    )


def _in_force(rule: Rule, on: ColumnElement[Any], since: date) -> list[ColumnElement[bool]]:
    held = [on > since]
    if rule.starts_on is not None:
        held.append(on >= rule.starts_on)
    if rule.ends_on is not None:
        held.append(on <= rule.ends_on)
    return held


def _of_campaign(rule: Rule) -> ColumnElement[bool]:
    return true() if rule.campaign is None else _member.inherited_campaign == rule.campaign


def _capped(rewards: FromClause, cap_fen: int) -> FromClause:
    """The same with what one beneficiary keeps held under a cap: the rewards that come first are paid first."""
    each = rewards.c
    counted = case((each.is_reversed, literal(0, BigInteger)), else_=each.new_fen)
    order = (each.accrued_on, each.reward_no.nulls_last(), each.rule_id, each.referee_no)
    before = func.sum(counted).over(partition_by=each.beneficiary_no, order_by=order, rows=(None, 0)) - counted
    left = func.greatest(func.least(each.new_fen, cap_fen - before), 0)
    is_free = or_(each.is_reversed, each.beneficiary_no.is_(None))
    new_fen = cast(case((is_free, each.new_fen), else_=left), BigInteger).label("new_fen")
    return select(*(new_fen if column.name == "new_fen" else column for column in each)).subquery("capped")


def _sum(fen: ColumnElement[int], where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    total = func.sum(fen)
    return cast(func.coalesce(total if where is None else total.filter(where), 0), BigInteger)
