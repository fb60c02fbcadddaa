"""What the growth of referral is told by: who came when, at which level, whom each brought, the shape of the trees."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)

from loanbook.referrals.growth_schema import invitation_journey, member_referring, referral_delay, referral_tree
from loanbook.snapshot_schema import member_journey
from queries.earliest import keeps
from queries.members import passing
from rules.calendar import add_days
from rules.dimensions import CAMPAIGN
from rules.growth import RECENT_DAYS, SIZES
from rules.member_filters import MemberSelection

_SECONDS_PER_DAY = 86_400

Rows = Select[*tuple[Any, ...]]


def asked(selection: MemberSelection, *, as_of: date, invitation_days: int) -> dict[str, Rows]:
    """What the part on growth shows."""
    return {
        "weeks": weeks(selection),
        "cohorts": cohorts(selection),
        "followed": followed(selection),
        "referrals": referrals(selection, as_of),
        "trees": trees(selection),
        "invitations": invitations(selection, invitation_days),
    }


def weeks(selection: MemberSelection) -> Rows:
    """Members by the week in which they registered and their referral level.

    Grain: one row per week and level that occurs, in time order.
    Columns: week (its Monday); level (as `referral_level`: 0 is a root, the deepest ones are one); members (count).
    Excludes: of the selection only the choices count, for growth is every registration.
    Source: metrics.md, "level".
    """
    member = member_journey.c
    week = cast(func.date_trunc("week", member.registered_on), Date)
    return (
        select(week.label("week"), cast(member.referral_level, String).label("level"), func.count().label("members"))
        .where(passing(selection.over_all_time()))
        .group_by(week, member.referral_level)
        .order_by(week, member.referral_level)
    )


def cohorts(selection: MemberSelection) -> Rows:
    """Whom the members of each month brought within the policy's days after they registered.

    Grain: one row per month of registration, in time order.
    Columns: month (2025-03); members, referrers (with at least one referee), referees (count); referees_squared (of
    each member's number, squared and summed); invitations (sent within those days); youngest_days: how long the
    youngest member has been followed.
    Excludes: members whose registration is an estimate; of the selection only the choices count.
    Source: metrics.md, "viral coefficient K".
    """
    member, referring, everyone = member_journey.c, member_referring.c, selection.over_all_time()
    came = (
        select(
            member.registered_month,
            func.count().label("members"),
            func.min(member.observed_days).label("youngest_days"),
        )
        .where(passing(everyone), _dated(member_journey))
        .group_by(member.registered_month)
        .subquery("came")
    )
    brought = (
        select(
            referring.registered_month,
            func.count().filter(referring.referees > 0).label("referrers"),
            _sum(referring.referees).label("referees"),
            _sum(referring.referees * referring.referees).label("referees_squared"),
            _sum(referring.invitations).label("invitations"),
        )
        .where(keeps(member_referring, everyone))
        .group_by(referring.registered_month)
        .subquery("brought")
    )
    counts = ("referrers", "referees", "referees_squared", "invitations")
    return (
        select(
            cast(came.c.registered_month, String).label("month"),
            came.c.members,
            *(func.coalesce(brought.c[name], literal(0, Integer)).label(name) for name in counts),
            came.c.youngest_days,
        )
        .select_from(came.outerjoin(brought, brought.c.registered_month == came.c.registered_month))
        .order_by(came.c.registered_month)
    )


def followed(selection: MemberSelection) -> Rows:
    """How long members have been followed.

    Grain: one row per number of days. Columns: observed_days; members (count).
    Excludes: members whose registration is an estimate; of the selection only the choices count: whoever is young is
    censored, not left out.
    Source: metrics.md, "cycle time".
    """
    days = member_journey.c.observed_days
    return (
        select(days.label("observed_days"), func.count().label("members"))
        .where(passing(selection.over_all_time()), _dated(member_journey))
        .group_by(days)
        .order_by(days)
    )


def referrals(selection: MemberSelection, as_of: date) -> Rows:
    """How long after their referrers referees came; the referrers are the members whom `followed` counts.

    Grain: one row per number of days. Columns: day (below 0 where dirty data has it so); referees (count); recent: of
    them registered in the last `rules.growth.RECENT_DAYS` up to as_of.
    Excludes: registrations that are estimates.
    Source: metrics.md, "cycle time".
    """
    row, first = referral_delay.c, add_days(as_of, -RECENT_DAYS)
    return (
        select(
            row.day,
            func.count().label("referees"),
            func.count().filter(row.registered_on > first).label("recent"),
        )
        .where(keeps(referral_delay, selection))
        .group_by(row.day)
        .order_by(row.day)
    )


def trees(selection: MemberSelection) -> Rows:
    """The trees of a selection's roots by their size, as they stand at as_of.

    Grain: one row per band of sizes that occurs, the smallest first.
    Columns: size (where the band begins); trees, members, leaves (members without referees); levels (of all members,
    summed); deepest (level); largest (members of one tree); distances, pairs: of all pairs of members of
    one tree, summed.
    Excludes: of the selection only the choices count; from distances and pairs trees whose sum would not fit.
    Source: metrics.md, "level", "structural virality".
    """
    tree, own = referral_tree.c, member_journey.c
    beyond = [(tree.members < edge, literal(size, Integer)) for size, edge in pairwise(SIZES)]
    size = case(*beyond, else_=literal(SIZES[-1], Integer))
    wide = cast(tree.members, BigInteger)
    pairs = case((tree.distances.is_not(None), wide * (wide - 1) / 2), else_=literal(0, Integer))
    several = (
        select(
            size.label("size"),
            func.count().label("trees"),
            _sum(tree.members).label("members"),
            _sum(tree.leaves).label("leaves"),
            _sum(tree.levels).label("levels"),
            func.max(tree.depth).label("deepest"),
            func.max(tree.members).label("largest"),
            _sum(func.coalesce(tree.distances, literal(0, Integer))).label("distances"),
            _sum(pairs).label("pairs"),
        )
        .where(keeps(referral_tree, selection))
        .group_by(size)
    )
    count, nothing = func.count(), literal(0, Integer)
    alone = (
        select(literal(1, Integer), count, count, count, nothing, nothing, literal(1, Integer), nothing, nothing)
        .where(own.level == 0, own.referrals == 0, keeps(member_journey, selection))
        .having(count > 0)
    )
    found = union_all(several, alone).subquery("found")
    return select(found).order_by(found.c.size)


def invitations(selection: MemberSelection, days: int) -> Rows:
    """How far invitations led within so many days, by campaign.

    Grain: one row per campaign ("unknown" without any), furthest step and whether it was sent too lately to tell.
    Columns: campaign; reached: the place of the furthest step in `rules.growth.INVITATION_STEPS`, each within the days
    after the invitation was sent and at or after the step before; waiting: sent fewer days before as_of; members
    (invitations).
    Excludes: invitations sent outside the selection's period, other campaigns than those chosen; the members' other
    attributes are not asked for.
    Source: metrics.md, "Membership" (funnel) and trap 13.
    """
    row, seconds = invitation_journey.c, days * _SECONDS_PER_DAY
    conditions: list[ColumnElement[bool]] = []
    if selection.registered.first is not None:
        conditions.append(row.sent_on >= selection.registered.first)
    if selection.registered.last is not None:
        conditions.append(row.sent_on <= selection.registered.last)
    of_campaign = tuple(choice for choice in selection.choices if choice[0] == CAMPAIGN.code)
    conditions.append(keeps(invitation_journey, replace(selection, choices=of_campaign)))
    steps = (row.disbursed_s, row.verified_s, row.registered_s, row.opened_s)
    furthest = [(at <= seconds, literal(len(steps) - place, Integer)) for place, at in enumerate(steps)]
    reached, waiting = case(*furthest, else_=literal(0, Integer)), row.observed_days < days
    return (
        select(
            cast(row.campaign, String).label("campaign"),
            reached.label("reached"),
            waiting.label("waiting"),
            func.count().label("members"),
        )
        .where(*conditions)
        .group_by(row.campaign, reached, waiting)
        .order_by(row.campaign, reached, waiting)
    )


def _dated(members: Any) -> ColumnElement[bool]:
    """Whether the registration is no estimate."""
    estimated: ColumnElement[bool] = members.c.dates_imputed.is_(True)
    return ~estimated


def _sum(counts: Any) -> Any:
    return cast(func.sum(counts), BigInteger)
