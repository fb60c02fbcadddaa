"""Whom each member brought within the policy's days after registering, how many invitations that took, how long."""

from typing import Any

import duckdb
from sqlalchemy import ColumnElement, FromClause, Integer, Select, cast, func, literal, or_, select

from loanbook import copied
from loanbook.constructs import business_date, days_between
from loanbook.referrals.growth_schema import member_referring, referral_delay
from loanbook.snapshot_schema import member_journey
from loanbook.working import keep_table

_invitation = copied.TABLES["invitation"]


def build(snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, exposure_days: int) -> None:
    """Fill `member_referring` and `referral_delay`.

    numbers: each member's key and number (id, member_no).
    Grain: one row per member who brought or invited anybody within those days, in the order of member_no.
    Formula: calendar days of Asia/Shanghai after the day of registration, the last one included. A referee who
    registered before the referrer counts: the tree has them so, and the check reports it.
    Excludes: whose registration is an estimate, on either side.
    Source: metrics.md, "viral coefficient K".
    """
    keep_table(snapshot, member_referring, _referring(numbers, exposure_days))
    keep_table(snapshot, referral_delay, _delays())


def _referring(numbers: FromClause, exposure_days: int) -> Select[Any]:
    brought, invited = _brought(exposure_days), _invited(numbers, exposure_days)
    member, none = member_journey.c, literal(0, Integer)
    known: dict[str, ColumnElement[Any]] = {
        "referees": func.coalesce(brought.c.referees, none),
        "invitations": func.coalesce(invited.c.invitations, none),
    }
    return (
        select(
            *(
                (known[each.name] if each.name in known else member[each.name]).label(each.name)
                for each in member_referring.columns
            )
        )
        .select_from(
            member_journey.outerjoin(brought, brought.c.member_no == member.member_no).outerjoin(
                invited, invited.c.member_no == member.member_no
            )
        )
        .where(or_(brought.c.member_no.is_not(None), invited.c.member_no.is_not(None)), _dated(member_journey))
        .order_by(member.member_no)
    )


def _brought(exposure_days: int) -> FromClause:
    referee, referrer = member_journey.alias("referee"), member_journey.alias("referrer")
    return (
        select(referrer.c.member_no, cast(func.count(), Integer).label("referees"))
        .join_from(referee, referrer, referrer.c.member_no == referee.c.referrer_no)
        .where(
            days_between(referrer.c.registered_on, referee.c.registered_on) <= exposure_days,
            _dated(referrer),
            _dated(referee),
        )
        .group_by(referrer.c.member_no)
        .subquery("brought")
    )


def _delays() -> Select[Any]:
    """The referees in the order in which they registered."""
    referee, referrer = member_journey.alias("referee"), member_journey.alias("referrer")
    known: dict[str, ColumnElement[Any]] = {
        "day": days_between(referrer.c.registered_on, referee.c.registered_on).label("day"),
        "registered_on": referee.c.registered_on,
    }
    return (
        select(*(known[each.name] if each.name in known else referrer.c[each.name] for each in referral_delay.columns))
        .join_from(referee, referrer, referrer.c.member_no == referee.c.referrer_no)
        .where(_dated(referrer), _dated(referee))
        .order_by(referee.c.member_no)
    )


def _dated(members: FromClause) -> ColumnElement[bool]:
    """Whether the registration is no estimate."""
    estimated: ColumnElement[bool] = members.c.dates_imputed.is_(True)
    return ~estimated


def _invited(numbers: FromClause, exposure_days: int) -> FromClause:
    member, sent_on = member_journey.c, business_date(_invitation.c.sent_at)
    days = days_between(member.registered_on, sent_on)
    return (
        select(member.member_no, cast(func.count(), Integer).label("invitations"))
        .select_from(_invitation)
        .join(numbers, numbers.c.id == _invitation.c.referrer_id)
        .join(member_journey, member.member_no == numbers.c.member_no)
        .where(days <= exposure_days, days <= member.observed_days)
        .group_by(member.member_no)
        .subquery("invited")
    )
