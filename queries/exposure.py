"""What the over-extension watch asks: members who owe by month end and tier, and who of them passes the policy."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Double,
    Select,
    String,
    cast,
    func,
    literal,
    or_,
    select,
)

from loanbook.compliance.member_rules import is_over_extended, owed
from loanbook.members.movement_schema import member_exposure
from loanbook.snapshot_schema import member_journey
from queries.members import among
from rules.dimensions import AGE_BAND, CHANNEL, PROVINCE
from rules.member_filters import MemberSelection
from rules.policy import Exposure

Rows = Select[*tuple[Any, ...]]

_SHOWN = (CHANNEL, PROVINCE, AGE_BAND)


def by_month(selection: MemberSelection, rule: Exposure) -> Rows:
    """Members with principal outstanding at each month end by tier, and those of them who are watched.

    Grain: one row per month end and standing. Columns: month_end; standing (tier, none or lapsed on that day); place:
    the order of standings; members
    (count), outstanding_fen; judged: those whose income is known; over: of them, those whose outstanding principal and
    debt declared elsewhere pass the policy's monthly incomes; raised: members with a loan over 30 days past due whose
    line was raised within the policy's days before it became so; watched: over or raised; watched_fen: what those owe.
    Source: metrics.md, "Membership"; rules/policy.toml, exposure.
    """
    row = member_exposure.c
    over, raised = is_over_extended(rule), _raised(rule)
    watched = or_(over, raised)
    return (
        select(
            row.month_end,
            cast(row.standing, String).label("standing"),
            func.enum_code(row.standing).label("place"),
            func.count().label("members"),
            cast(func.sum(row.outstanding_fen), BigInteger).label("outstanding_fen"),
            func.count().filter(row.income_fen > 0).label("judged"),
            func.count().filter(over).label("over"),
            func.count().filter(raised).label("raised"),
            func.count().filter(watched).label("watched"),
            cast(func.coalesce(func.sum(row.outstanding_fen).filter(watched), 0), BigInteger).label("watched_fen"),
        )
        .where(among(row.member_no, selection))
        .group_by(row.month_end, row.standing)
        .order_by(row.month_end, row.standing)
    )


def watched(selection: MemberSelection, rule: Exposure, month_end: date) -> Rows:
    """The members who are watched at a month end: they re-sum to `by_month`.

    Grain: one row per watched member, those who owe most of their incomes first. Columns: member_id; standing; channel,
    province, age_band; outstanding_fen; monthly_incomes: what they owe and have declared elsewhere over a month's
    income, null where no income is known; over, raised (whether each criterion holds); raised_days: from the raise to
    over 30 days past due, null unless raised.
    """
    row, member = member_exposure.c, member_journey.c
    over, raised = is_over_extended(rule), _raised(rule)
    incomes = cast(owed(), Double) / func.nullif(row.income_fen, 0)
    return (
        select(
            member.member_id,
            cast(row.standing, String).label("standing"),
            *(cast(member[each.code], String).label(each.code) for each in _SHOWN),
            row.outstanding_fen,
            incomes.label("monthly_incomes"),
            over.label("over"),
            raised.label("raised"),
            row.raised_days,
        )
        .join_from(member_exposure, member_journey, member.member_no == row.member_no)
        .where(row.month_end == literal(month_end, Date), or_(over, raised), among(row.member_no, selection))
        .order_by(incomes.desc().nulls_last(), row.member_no)
    )


def _raised(rule: Exposure) -> ColumnElement[bool]:
    return func.coalesce(member_exposure.c.raised_days <= rule.raise_days, False, type_=Boolean())
