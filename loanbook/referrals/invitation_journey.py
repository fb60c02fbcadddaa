"""How far each invitation led: opened, registered, verified, a first loan."""

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
    case,
    cast,
    func,
    literal,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType

from loanbook import copied
from loanbook.constructs import business_date, days_between, seconds_between
from loanbook.referrals.growth_schema import invitation_journey
from loanbook.snapshot_schema import member_journey
from loanbook.working import keep_table, run
from rules.dimensions import UNKNOWN

_invitation = copied.TABLES["invitation"]
_SECONDS_PER_DAY = 86_400


def build(snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, as_of: date) -> None:
    """Fill `invitation_journey`.

    numbers: each member's key, number and instant of registration (id, member_no, registered_at).
    Grain: one row per invitation sent by as_of, in the order sent.
    Formula: whoever registered by an invitation has opened it, at the latest then; each step is reached at or after
    the one before. A first loan counts by its day. The campaign is the invitation's own, else the one by which its
    sender came, themselves or by inheritance.
    Excludes: what is later than as_of.
    Source: metrics.md, "Membership" (funnel) and trap 13.
    """
    named = union(
        select(cast(_invitation.c.campaign_id, String).label("value")),
        *(select(cast(member_journey.c[name], String)) for name in ("campaign", "inherited_campaign")),
    )
    found = {value for (value,) in run(snapshot, named)} - {None, UNKNOWN}
    campaigns = ENUM(*sorted(found), UNKNOWN, name="invitation_campaign")
    run(snapshot, CreateEnumType(campaigns))
    keep_table(snapshot, invitation_journey, _journeys(numbers, campaigns, as_of))


def _journeys(numbers: FromClause, campaigns: ENUM, as_of: date) -> Select[Any]:
    row, today = _invitation.c, literal(as_of, Date)
    sender, came = numbers.alias("sender"), numbers.alias("came")
    sender_journey, journey = member_journey.alias("sender_journey"), member_journey.alias("journey")
    opened, registered = _seconds(row.sent_at, row.opened_at, today), _seconds(row.sent_at, came.c.registered_at, today)
    registered_s = case((registered >= 0, registered))
    opened_s = func.least(case((opened >= 0, opened)), registered_s, type_=Integer())
    verified_s = registered_s + journey.c.verified_s
    lent = days_between(business_date(row.sent_at), journey.c.first_disbursed_on) * _SECONDS_PER_DAY
    disbursed_s = case((verified_s.is_not(None) & lent.is_not(None), func.greatest(lent, verified_s)))
    inherited = func.nullif(cast(sender_journey.c.inherited_campaign, String), literal(UNKNOWN))
    campaign = cast(func.coalesce(cast(row.campaign_id, String), inherited, literal(UNKNOWN)), campaigns)
    known: dict[str, ColumnElement[Any]] = {
        "sent_on": business_date(row.sent_at),
        "observed_days": days_between(business_date(row.sent_at), today),
        "medium": row.medium,
        "campaign": campaign,
        "by_member": row.referrer_id.is_not(None),
        "referrer_no": sender.c.member_no,
        "referee_no": came.c.member_no,
        "opened_s": opened_s,
        "registered_s": registered_s,
        "verified_s": verified_s,
        "disbursed_s": disbursed_s,
    }
    return (
        select(*(known[each.name].label(each.name) for each in invitation_journey.columns))
        .select_from(_invitation)
        .outerjoin(sender, sender.c.id == row.referrer_id)
        .outerjoin(sender_journey, sender_journey.c.member_no == sender.c.member_no)
        .outerjoin(came, came.c.id == row.referee_id)
        .outerjoin(journey, journey.c.member_no == came.c.member_no)
        .where(business_date(row.sent_at) <= today)
        .order_by(row.sent_at, row.id)
    )


def _seconds(since: ColumnElement[Any], until: ColumnElement[Any], today: ColumnElement[Any]) -> ColumnElement[Any]:
    """Seconds from one instant to another that has come by today; else null."""
    return case((business_date(until) <= today, cast(seconds_between(since, until), Integer)))
