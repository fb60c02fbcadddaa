"""What members are worth: sums of the parts of contribution by tier, and by months since registration."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, String, cast, func, literal, select

from loanbook.members.worth_schema import member_value, tier_value
from loanbook.referrals.acquisition_schema import cohort_value
from loanbook.snapshot_schema import member_journey
from queries import perks, prices
from queries.earliest import keeps
from queries.members import passing
from rules import worth
from rules.dimensions import UNKNOWN
from rules.member_filters import MemberSelection
from rules.policy import Policy

Rows = Select[*tuple[Any, ...]]

LISTED_LOANS = 250
MOST_CELLS = 200_000  # of `by_month`: every cohort, month and campaign of a long book


def asked(selection: MemberSelection, dimension: str | None, rule: Policy) -> dict[str, Rows]:
    """What the part on worth shows; dimension: by which lifetime value is told apart."""
    return {
        "by_tier": by_tier(selection),
        "value_cells": by_month(selection, dimension, months=rule.lifetime.months),
        "value_cohorts": cohorts(selection, dimension),
        "perks": perks.by_stratum(selection, again_days=rule.perks.again_days),
        "prices": prices.by_tier(selection),
        "over_cap": prices.over_cap(selection, first=LISTED_LOANS),
    }


def by_tier(selection: MemberSelection) -> Rows:
    """Sums of every part of contribution by the tier that was held, for contribution per member and month.

    Grain: one row per tier that a passing member held at the end of a whole month, in the tiers' order.
    Columns: value (the tier, or unknown: none); members (who ever held it), months (month ends at which it was held,
    over all of them); the parts, as `rules.worth.COLUMNS` names them (fen); cny_squared, cny_months, months_squared:
    sums over members of C x C, C x N, N x N, for C = the member's contribution on the tier in CNY, N = months on it.
    Formula: what came in or was spent in a month counts for the tier held at that month's end.
    Excludes: of the selection only the choices count, for few members of one year have stood long on a high tier.
    Source: metrics.md, "Lifetime value" and trap 12.
    """
    row = tier_value.c
    cny = _contribution(tier_value) / 100.0
    return (
        select(
            func.coalesce(cast(row.tier, String), UNKNOWN).label("value"),
            func.count().label("members"),
            _sum(row.months, "months"),
            *(_sum(row[name], name) for name in worth.COLUMNS),
            _sum(cny * cny, "cny_squared"),
            _sum(cny * row.months, "cny_months"),
            _sum(row.months * row.months, "months_squared"),
        )
        .join_from(tier_value, member_journey, member_journey.c.member_no == row.member_no)
        .where(passing(selection.over_all_time()))
        .group_by(row.tier)
        .order_by(row.tier)
    )


def members_behind(selection: MemberSelection) -> Rows:
    """The members behind `by_tier`, to whose columns they re-sum.

    Grain: one row per passing member and tier held at the end of a whole month, in the order of registration.
    Columns: member_no, member_id, tier (unknown: none), months, the parts, contribution_fen.
    Excludes: as `by_tier`.
    """
    row = tier_value.c
    return (
        select(
            row.member_no,
            member_journey.c.member_id,
            func.coalesce(cast(row.tier, String), UNKNOWN).label("tier"),
            row.months,
            *(row[name] for name in worth.COLUMNS),
            cast(_contribution(tier_value), BigInteger).label("contribution_fen"),
        )
        .join_from(tier_value, member_journey, member_journey.c.member_no == row.member_no)
        .where(passing(selection.over_all_time()))
        .order_by(row.member_no, row.tier)
    )


def by_month(selection: MemberSelection, dimension: str | None, *, months: int) -> Rows:
    """Sums of every part of contribution by months since registration, for every cohort.

    Grain: one row per value of the dimension (a code of `dimensions.MEMBER`, or inherited_campaign; "" where none is
    asked for), month of registration and month since then, up to `months`, in which anything came in or was spent.
    Columns: value; cohort ("2025-03"); month; the parts, as `rules.worth.COLUMNS` names them (fen).
    Formula: from the sums that are kept of cohorts, where they tell all that is asked about; else from each member's.
    Excludes: of the selection only the choices count, for a curve needs cohorts older than those asked about.
    Read it with `limit=MOST_CELLS`.
    Source: metrics.md, "Lifetime value".
    """
    told_by = {code for code, _values in selection.choices} | ({dimension} if dimension else set())
    summed = told_by <= set(cohort_value.c.keys())
    row, member = (cohort_value, cohort_value) if summed else (member_value, member_journey)
    value: list[ColumnElement[Any]] = [] if dimension is None else [member.c[dimension]]
    found = select(
        *(cast(each, String).label("value") for each in value or [literal("")]),
        cast(member.c.registered_month, String).label("cohort"),
        row.c.month,
        *(_sum(row.c[name], name) for name in worth.COLUMNS),
    )
    if not summed:
        found = found.join_from(member_value, member_journey, member_journey.c.member_no == member_value.c.member_no)
    keys = *value, member.c.registered_month, row.c.month
    return found.where(keeps(member, selection), row.c.month <= months).group_by(*keys).order_by(*keys)


def cohorts(selection: MemberSelection, dimension: str | None) -> Rows:
    """How many members each cohort has, whether or not anything ever came in.

    Grain: one row per value of the dimension and month of registration.
    Columns: value; cohort ("2025-03"); members (count).
    Excludes: as `by_month`.
    """
    cohort = member_journey.c.registered_month
    value: list[ColumnElement[Any]] = [] if dimension is None else [member_journey.c[dimension]]
    named = [cast(each, String).label("value") for each in value or [literal("")]]
    return (
        select(*named, cast(cohort, String).label("cohort"), func.count().label("members"))
        .where(passing(selection.over_all_time()))
        .group_by(*value, cohort)
        .order_by(*value, cohort)
    )


def _contribution(rows: FromClause) -> ColumnElement[Any]:
    income = [rows.c[part.column] for part in worth.INCOME]
    return sum(income[1:], income[0]) - sum((rows.c[part.column] for part in worth.COSTS), literal(0, BigInteger))


def _sum(value: ColumnElement[Any], name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(value), 0), BigInteger).label(name)
