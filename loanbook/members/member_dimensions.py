"""What each member is in every dimension, as text: looked up from the copied tables."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    TableClause,
    cast,
    extract,
    func,
    literal,
    select,
)

from loanbook import copied, dimension_values
from loanbook.constructs import at_earliest, at_latest, business_date, year_month
from loanbook.dimension_values import banded, text
from loanbook.working import run
from rules import dimensions as d
from rules.dimensions import UNKNOWN
from rules.policy import Bands

_member, _membership, _tier = (copied.TABLES[name] for name in ("member", "membership", "tier"))
_application, _campaign = copied.TABLES["application"], copied.TABLES["campaign"]


def of_members(
    snapshot: duckdb.DuckDBPyConnection, members: TableClause, levels: TableClause, as_of: date, bands: Bands
) -> Select[Any]:
    """The value of every dimension for every member.

    Grain: one row per member of `members` (`member_number`). Columns: member_no, registered_month, and a text per
    dimension.
    Formula: the tier reached first is the first above the lowest, else the first at all; the tier at application that
    of the first application; today's that of the membership running at as_of. Age is the year of registration less
    the year of birth. Unknown where the book records nothing.
    """
    member, stands, applied = _member.c, _standing(as_of), _first_application(as_of)
    age = extract("year", members.c.registered_on) - member.birth_year
    recorded: dict[d.Dimension, ColumnElement[Any]] = {
        d.FIRST_TIER: text(func.coalesce(stands.c.first_above, stands.c.first_at_all)),
        d.APPLICATION_TIER: text(applied.c.tier_code),
        d.CURRENT_TIER: text(stands.c.current),
        d.CHANNEL: text(member.acquisition_channel),
        d.CAMPAIGN: text(cast(member.campaign_id, String)),
        d.PROVINCE: text(member.province),
        d.AGE_BAND: banded(age, bands.age),
        d.GENDER: text(member.gender),
        d.REFERRAL_LEVEL: _level(snapshot, levels),
    }
    return (
        select(
            members.c.member_no,
            year_month(members.c.registered_on).label("registered_month"),
            *(recorded[dimension].label(dimension.code) for dimension in d.MEMBER),
        )
        .join_from(members, _member, member.id == members.c.id)
        .outerjoin(levels, levels.c.member_id == members.c.id)
        .outerjoin(stands, stands.c.member_id == members.c.id)
        .outerjoin(applied, applied.c.member_id == members.c.id)
    )


def names(snapshot: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[str, str]]:
    """The lender's own names of values, English and Chinese: of tiers, and of campaigns, which have one name."""
    tier, campaign = _tier.c, _campaign.c
    tiers = run(snapshot, select(tier.code, func.min(tier.name_en), func.min(tier.name_zh)).group_by(tier.code))
    campaigns = run(snapshot, select(cast(campaign.id, String), func.min(campaign.name)).group_by(campaign.id))
    return {
        (dimension.code, value): (english, chinese) for dimension in d.MEMBER_TIERS for value, english, chinese in tiers
    } | {(d.CAMPAIGN.code, value): (name, name) for value, name in campaigns}


def _standing(as_of: date) -> FromClause:
    """The tiers of each member: the first above the lowest, the first at all, and today's."""
    stay, today = _membership.c, literal(as_of, Date)
    ranked = select(_tier.c.code, func.min(_tier.c.rank).label("rank")).group_by(_tier.c.code).subquery("ranked")
    lowest = select(func.min(_tier.c.rank)).scalar_subquery()
    above = func.coalesce(ranked.c.rank > lowest, literal(True))
    ended = func.coalesce(business_date(stay.ended_at) <= today, literal(False))
    return (
        select(
            stay.member_id,
            at_earliest(stay.tier_code, stay.started_at).filter(above).label("first_above"),
            at_earliest(stay.tier_code, stay.started_at).label("first_at_all"),
            at_latest(stay.tier_code, stay.started_at).filter(~ended).label("current"),
        )
        .join_from(_membership, ranked, ranked.c.code == stay.tier_code, isouter=True)
        .where(business_date(stay.started_at) <= today)
        .group_by(stay.member_id)
        .subquery("standing")
    )


def _first_application(as_of: date) -> FromClause:
    row = _application.c
    return (
        select(row.member_id, at_earliest(row.tier_code, row.applied_at).label("tier_code"))
        .where(business_date(row.applied_at) <= literal(as_of, Date))
        .group_by(row.member_id)
        .subquery("first_application")
    )


def _level(snapshot: duckdb.DuckDBPyConnection, levels: TableClause) -> ColumnElement[Any]:
    """The referral level; unknown throughout in a book that records no referral at all."""
    [(deepest,)] = run(snapshot, select(func.max(levels.c.level)))
    if not deepest:
        return literal(UNKNOWN)
    return func.coalesce(dimension_values.level(levels.c.level), literal(UNKNOWN))
