"""One row per reward: by which rule, to whom, for whom, and when it was accrued, due, paid and taken back."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Date, FromClause, Integer, Select, String, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType

from loanbook import copied, schema
from loanbook.constructs import add_days, business_date
from loanbook.referrals.reward_schema import referral_place, reward_fact
from loanbook.snapshot_schema import member_journey
from loanbook.working import drop, keep_table, run, work_table
from rules import dimensions
from rules.policy import Rewards

_CODES = {
    "kind": schema.reward_rule.c.kind,
    "trigger": schema.reward_rule.c.trigger,
    "side": schema.reward.c.side,
    "form": schema.reward.c.form,
}
_OF_REFEREE = (
    "registered_on",
    "registered_month",
    *(dimension.code for dimension in dimensions.MEMBER),
    "inherited_campaign",
)

_reward, _rule = copied.TABLES["reward"], copied.TABLES["reward_rule"]


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, rings: FromClause, as_of: date, policy: Rewards
) -> None:
    """Fill `reward_fact` and `referral_place`.

    `numbers`: the work table of `member_number`; `rings`: `member_ring`.
    Grain: one row per reward accrued by as_of; one per borrower with a referrer.
    Formula: days are those of Asia/Shanghai; what comes after as_of has not happened. Rewards of members or rules that
    the book does not hold are kept, for the ledger re-sums to the cent; a rule whose key is repeated is not held.
    Excludes: rewards without an amount or a day of accrual.
    Source: metrics.md, "cost per acquisition", "reward liability", trap 14.
    """
    dated = work_table(snapshot, "reward_dated", _dated(as_of, policy))
    types = {name: _enum(snapshot, dated.c[name], name) for name in _CODES}
    keep_table(snapshot, reward_fact, _facts(dated, types, numbers, rings))
    drop(snapshot, dated)
    keep_table(snapshot, referral_place, _places())


def _dated(as_of: date, policy: Rewards) -> Select[Any]:
    """The rewards accrued by as_of with their rules, numbered in their order; what is later has not happened."""
    today = literal(as_of, Date)
    accrued_on = business_date(_reward.c.accrued_at)
    rule = _once(_rule)
    return (
        select(
            func.row_number().over(order_by=(_reward.c.accrued_at, _reward.c.id)).label("reward_no"),
            cast(_reward.c.id, String).label("reward_id"),
            cast(rule.c.id, String).label("rule_id"),
            rule.c.kind,
            rule.c.trigger,
            rule.c.threshold,
            _reward.c.level,
            _reward.c.side,
            _reward.c.form,
            _reward.c.beneficiary_id,
            _reward.c.referee_id,
            cast(_reward.c.team_id, String).label("team_id"),
            accrued_on.label("accrued_on"),
            add_days(accrued_on, policy.paid_within_days).label("due_on"),
            _by(business_date(_reward.c.paid_at), today).label("paid_on"),
            _by(business_date(_reward.c.reversed_at), today).label("reversed_on"),
            case((business_date(_reward.c.reversed_at) <= today, _reward.c.reversal_reason)).label("reversal_reason"),
            _reward.c.amount_fen.label("fen"),
        )
        .select_from(_reward.outerjoin(rule, rule.c.id == _reward.c.reward_rule_id))
        .where(accrued_on <= today, _reward.c.amount_fen.is_not(None))
    )


def _facts(dated: FromClause, types: dict[str, ENUM], numbers: FromClause, rings: FromClause) -> Select[Any]:
    """The rewards with their members by number and the cohort of their referee."""
    beneficiary, referee = numbers.alias("beneficiary"), numbers.alias("referee")
    upper, lower = rings.alias("upper_ring"), rings.alias("lower_ring")
    journey = member_journey.c
    known: dict[str, ColumnElement[Any]] = {
        **{name: cast(dated.c[name], type_) for name, type_ in types.items()},
        "beneficiary_no": beneficiary.c.member_no,
        "referee_no": referee.c.member_no,
        **{name: journey[name] for name in _OF_REFEREE},
        "ring_no": case((upper.c.ring_no == lower.c.ring_no, upper.c.ring_no)),
    }
    return (
        select(
            *(
                known[each.name].label(each.name) if each.name in known else cast(dated.c[each.name], each.type)
                for each in reward_fact.columns
            )
        )
        .select_from(dated)
        .outerjoin(beneficiary, beneficiary.c.id == dated.c.beneficiary_id)
        .outerjoin(referee, referee.c.id == dated.c.referee_id)
        .outerjoin(member_journey, journey.member_no == referee.c.member_no)
        .outerjoin(upper, upper.c.member_no == beneficiary.c.member_no)
        .outerjoin(lower, lower.c.member_no == referee.c.member_no)
        .order_by(dated.c.reward_no)
    )


def _places() -> Select[Any]:
    """Which of the referrer's borrowers, and of the tree's, each one is, by the day of the first disbursement."""
    member = member_journey.c
    order: dict[str, Any] = {"order_by": (member.first_disbursed_on, member.member_no)}
    direct, tree = (func.row_number().over(partition_by=of, **order) for of in (member.referrer_no, member.root_no))
    known: dict[str, ColumnElement[Any]] = {
        "referee_no": member.member_no,
        "direct_place": cast(direct, Integer),
        "tree_place": cast(tree, Integer),
    }
    return select(
        *(
            (known[each.name] if each.name in known else member[each.name]).label(each.name)
            for each in referral_place.columns
        )
    ).where(member.referrer_no.is_not(None), member.first_disbursed_on.is_not(None))


def _once(table: FromClause) -> FromClause:
    """The rows of a table whose key is not repeated."""
    key = table.c.id
    repeated = select(key).where(key.is_not(None)).group_by(key).having(func.count() > 1)
    return select(table).where(key.not_in(repeated)).subquery("rule")


def _by(day: ColumnElement[Any], today: ColumnElement[Any]) -> ColumnElement[Any]:
    """A date that has come by today, else null."""
    return case((day <= today, day))


def _enum(snapshot: duckdb.DuckDBPyConnection, column: ColumnElement[Any], name: str) -> ENUM:
    """The type of a code: the contract's values in their order, then whatever else the book holds."""
    codes = _CODES[name].info["codes"]
    found = {value for (value,) in run(snapshot, select(column).distinct()) if value is not None}
    type_ = ENUM(*codes, *sorted(found - set(codes)), name=f"reward_{name}")
    run(snapshot, CreateEnumType(type_))
    return type_
