"""What the acquisition of each cohort costs: spend on the month it was for, rewards on the member who earned them."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    TableClause,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType

from loanbook import copied
from loanbook.constructs import business_date, days_between, year_month
from loanbook.referrals.acquisition_schema import acquisition_campaign, acquisition_cost, creator_use
from loanbook.referrals.reward_schema import reward_fact
from loanbook.snapshot_schema import member_journey
from loanbook.working import drop, keep_table, run, work_table
from rules.acquisition import PARTS, Part
from rules.dimensions import UNKNOWN

CHANNEL, CAMPAIGN, PART = "acquisition_channel", "acquisition_campaign", "acquisition_part"  # names of the enums

_campaign, _spend, _invitation = (copied.TABLES[name] for name in ("campaign", "campaign_spend", "invitation"))


def build(snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, as_of: date) -> TableClause:
    """Fill `acquisition_campaign`, `acquisition_cost` and `creator_use`; the members' ways of coming, for `acquired`.

    `numbers`: each member's key and number (id, member_no).
    Grain: one row per campaign; one per booking; one per creator, code, campaign and month.
    Formula: spend belongs to the day it was spent on and to its campaign's channel. A reward belongs to the cohort of
    its referee on every side, whenever it was accrued; one that was taken back by as_of is there twice, once above and
    once below zero. So the parts re-sum to campaign_spend and to the rewards less the reversed ones, to the cent.
    Excludes: what is booked after as_of; rows without an amount.
    Source: metrics.md, "cost per acquisition", trap 14.
    """
    keep_table(snapshot, acquisition_campaign, _campaigns())
    types = _types(snapshot)
    ways = work_table(snapshot, "member_way", _ways(types))
    keep_table(snapshot, acquisition_cost, _bookings(ways, types, as_of))
    codes = work_table(snapshot, "creator_code", _codes(numbers, as_of))
    keep_table(snapshot, creator_use, _uses(codes))
    drop(snapshot, codes)
    return ways


def _campaigns() -> Select[*tuple[Any, ...]]:
    """The campaigns; a repeated key has the smallest of its values, so that nothing is counted twice."""
    row = _campaign.c
    return (
        select(
            cast(row.id, String).label("campaign"),
            func.min(row.name).label("name"),
            func.min(row.channel).label("channel"),
            func.min(row.starts_on).label("starts_on"),
            func.min(row.ends_on).label("ends_on"),
            func.min(row.budget_fen).label("budget_fen"),
        )
        .where(row.id.is_not(None))
        .group_by(row.id)
        .order_by(row.id)
    )


def _types(snapshot: duckdb.DuckDBPyConnection) -> dict[str, ENUM]:
    """The enums of channels and campaigns: what members came by and what was spent on."""
    member, campaign = member_journey.c, acquisition_campaign.c
    sources = {
        CHANNEL: (cast(member.channel, String), campaign.channel),
        CAMPAIGN: (
            cast(member.campaign, String),
            cast(member.inherited_campaign, String),
            campaign.campaign,
            cast(_spend.c.campaign_id, String),
        ),
    }
    found = {}
    for name, columns in sources.items():
        rows = run(snapshot, union(*(select(each.label("value")) for each in columns)))
        values = sorted({value for (value,) in rows if value is not None} - {UNKNOWN})
        found[name] = ENUM(*values, UNKNOWN, name=name)
    found[PART] = ENUM(*(part.value for part in PARTS), name=PART)
    for enum in found.values():
        run(snapshot, CreateEnumType(enum))
    return found


def _ways(types: dict[str, ENUM]) -> Select[Any]:
    """Whom each member came by.

    Grain: one row per member. Columns: member_no, registered_on, and the four of `acquisition_schema.COHORT`.
    """
    member, brought = member_journey.c, acquisition_campaign.alias("inherited")
    own, inherited = _known(member.campaign), _known(member.inherited_campaign)
    channel = func.coalesce(cast(member.channel, String), literal(UNKNOWN))
    handed_down = case((own != inherited, func.coalesce(brought.c.channel, channel)), else_=channel)
    values = {CHANNEL: (channel, handed_down), CAMPAIGN: (own, inherited)}
    return select(
        member.member_no,
        member.registered_on,
        *(
            cast(value, types[kind]).label(name)
            for name, kind, value in (
                ("channel", CHANNEL, values[CHANNEL][0]),
                ("campaign", CAMPAIGN, values[CAMPAIGN][0]),
                ("inherited_channel", CHANNEL, values[CHANNEL][1]),
                ("inherited_campaign", CAMPAIGN, values[CAMPAIGN][1]),
            )
        ),
    ).select_from(member_journey.outerjoin(brought, brought.c.campaign == inherited))


def _bookings(ways: FromClause, types: dict[str, ENUM], as_of: date) -> Select[Any]:
    row = union_all(
        _spent(types, as_of),
        _rewarded(ways, types, reversed_=False),
        _rewarded(ways, types, reversed_=True),
    ).subquery("booking")
    rows: Select[Any] = select(*row.c).order_by(row.c.day, row.c.source_id)
    return rows


def _spent(types: dict[str, ENUM], as_of: date) -> Select[Any]:
    campaign = acquisition_campaign.c
    channel = cast(func.coalesce(campaign.channel, literal(UNKNOWN)), types[CHANNEL])
    of = cast(_known(_spend.c.campaign_id), types[CAMPAIGN])
    return (
        select(
            _spend.c.spent_on.label("day"),
            channel.label("channel"),
            of.label("campaign"),
            channel.label("inherited_channel"),
            of.label("inherited_campaign"),
            cast(_spend.c.kind, types[PART]).label("part"),
            cast(_spend.c.id, String).label("source_id"),
            cast(null(), Integer).label("member_no"),
            cast(null(), Integer).label("beneficiary_no"),
            literal(0, Integer).label("after_days"),
            _spend.c.amount_fen.label("fen"),
        )
        .select_from(_spend.outerjoin(acquisition_campaign, campaign.campaign == cast(_spend.c.campaign_id, String)))
        .where(_spend.c.spent_on <= literal(as_of, Date), _spend.c.amount_fen.is_not(None))
    )


def _rewarded(ways: FromClause, types: dict[str, ENUM], *, reversed_: bool) -> Select[Any]:
    reward = reward_fact.c
    part = literal(Part.REVERSAL.value, String) if reversed_ else _part_of(reward.side, reward.level)
    booked_on = reward.reversed_on if reversed_ else reward.accrued_on
    rows = (
        select(
            ways.c.registered_on.label("day"),
            *(
                func.coalesce(ways.c[name], cast(literal(UNKNOWN), types[kind])).label(name)
                for name, kind in (
                    ("channel", CHANNEL),
                    ("campaign", CAMPAIGN),
                    ("inherited_channel", CHANNEL),
                    ("inherited_campaign", CAMPAIGN),
                )
            ),
            cast(part, types[PART]).label("part"),
            reward.reward_id.label("source_id"),
            reward.referee_no.label("member_no"),
            reward.beneficiary_no,
            days_between(ways.c.registered_on, booked_on).label("after_days"),
            (-reward.fen if reversed_ else reward.fen).label("fen"),
        )
        .select_from(reward_fact.outerjoin(ways, ways.c.member_no == reward.referee_no))
        .where(reward.fen.is_not(None))
    )
    return rows.where(reward.reversed_on.is_not(None)) if reversed_ else rows


def _part_of(side: ColumnElement[Any], level: ColumnElement[Any]) -> ColumnElement[Any]:
    """A reward's part by its side and level; what is neither the invitee's nor a team's counts as the referrer's."""
    return case(
        (side == "invitee", literal(Part.INVITEE.value, String)),
        (side == "team", literal(Part.TEAM.value, String)),
        (level > 1, literal(Part.DEEPER.value, String)),
        else_=literal(Part.DIRECT.value, String),
    )


def _codes(numbers: FromClause, as_of: date) -> Select[Any]:
    """The creators' invitations sent by as_of, each with whom it brought; of several to one member the last opened."""
    row, member = _invitation.c, member_journey.c
    newest = func.row_number().over(
        partition_by=row.referee_id, order_by=(row.opened_at.desc().nulls_last(), row.sent_at.desc(), row.id.desc())
    )
    return (
        select(
            row.creator,
            row.code,
            func.coalesce(cast(row.campaign_id, String), literal(UNKNOWN)).label("campaign"),
            row.opened_at.is_not(None).label("opened"),
            case((newest == 1, member.member_no)).label("member_no"),
            case((newest == 1, member.first_disbursed_on)).label("first_disbursed_on"),
            case((newest == 1, year_month(member.registered_on))).label("month"),
        )
        .select_from(_invitation)
        .outerjoin(numbers, numbers.c.id == row.referee_id)
        .outerjoin(member_journey, member.member_no == numbers.c.member_no)
        .where(row.creator.is_not(None), business_date(row.sent_at) <= literal(as_of, Date))
    )


def _uses(codes: FromClause) -> Select[Any]:
    row = codes.c
    keys = row.creator, row.code, row.campaign, row.month
    return (
        select(
            *keys,
            cast(func.count(), Integer).label("sent"),
            cast(func.count().filter(row.opened), Integer).label("opened"),
            cast(func.count(row.member_no), Integer).label("members"),
            cast(func.count(row.first_disbursed_on), Integer).label("borrowers"),
        )
        .group_by(*keys)
        .order_by(*keys)
    )


def _known(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(cast(value, String), literal(UNKNOWN))
