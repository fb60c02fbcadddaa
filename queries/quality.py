"""What the members are worth whom a channel, a campaign, a level or a referrer brought: counts and sums by group."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, and_, case, cast, func, select

from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from queries.members import passing
from rules.filters import Definition, Horizon
from rules.member_filters import MemberSelection
from rules.quality import AGAIN_MONTHS, MOST_REFERRERS

Rows = Select[*tuple[Any, ...]]


def asked(selection: MemberSelection, group: str, definition: Definition, horizon: Horizon) -> dict[str, Rows]:
    """What the part on quality shows."""
    return {
        "groups": by_group(selection, group, definition, horizon),
        "referrers": referrers(selection, definition, horizon, most=MOST_REFERRERS),
        "moments": moments(selection),
    }


def by_group(selection: MemberSelection, group: str, definition: Definition, horizon: Horizon) -> Rows:
    """How the members of each group turned out.

    Grain: one row per value of the dimension (one of `dimensions.MEMBER`, or inherited_campaign) among the members who
    pass, in its own order.
    Columns: segment; members; applicants, approved (of them); mature (first loan observed for the horizon), defaulted
    (of them, within it); followed (first loan observed for `rules.quality.AGAIN_MONTHS`), again (of them borrowed
    again within so many); valued (observed for the policy's months); value_fen, value_cny_squared of them; borrowers.
    Formula: a member counts by the first loan: borrowers, not loans, are the sample.
    Source: metrics.md, "default rate at H", "Membership" (repeat), "approval by layer", "Lifetime value".
    """
    value = member_outcome.c[group]
    return (
        select(cast(value, String).label("segment"), *_parts(definition, horizon))
        .where(passing(selection, member_outcome))
        .group_by(value)
        .order_by(value)
    )


def referrers(selection: MemberSelection, definition: Definition, horizon: Horizon, *, most: int | None = None) -> Rows:
    """Who brought the members who pass, and what those turned out to be.

    Grain: one row per referrer with a referee among them whose value is known, the most value brought first; `most`
    rows at most.
    Columns: member_id; referees (valued), value_fen of them; borrowers, mature, defaulted of all who pass;
    suspected: referees suspected of abuse (null where the book does not tell).
    Source: metrics.md, "Lifetime value".
    """
    brought = _brought(selection, _referrer_parts(definition, horizon)).order_by(
        func.sum(member_outcome.c.value_fen).desc(), member_outcome.c.referrer_no
    )
    kept = (brought if most is None else brought.limit(most)).subquery("brought")
    referrer = member_journey.alias("referrer")
    return (
        select(referrer.c.member_id, *(column for column in kept.columns if column.name != "referrer_no"))
        .join_from(kept, referrer, referrer.c.member_no == kept.c.referrer_no)
        .order_by(kept.c.value_fen.desc(), kept.c.referrer_no)
    )


def moments(selection: MemberSelection) -> Rows:
    """How referrers differ in what those are worth whom they brought, for the shrinkage of each.

    Grain: one row per number of referees whose value is known.
    Columns: referees (each referrer's); referrers (count); value_cny (of all, in whole CNY); value_cny_squared (of each
    referrer's sum, squared and summed); own_squared (of each referee's value, squared and summed).
    """
    outcome = member_outcome.c
    brought = _brought(
        selection,
        [
            func.count(outcome.value_fen).label("referees"),
            cast(func.round(func.sum(outcome.value_fen) / 100.0), BigInteger).label("value_cny"),
            func.sum(outcome.value_cny_squared).label("own_squared"),
        ],
    ).subquery("brought")
    row = brought.c
    return (
        select(
            row.referees,
            func.count().label("referrers"),
            _sum(row.value_cny).label("value_cny"),
            _sum(row.value_cny * row.value_cny).label("value_cny_squared"),
            _sum(row.own_squared).label("own_squared"),
        )
        .group_by(row.referees)
        .order_by(row.referees)
    )


def _brought(selection: MemberSelection, parts: Sequence[ColumnElement[Any]]) -> Rows:
    """Parts by referrer, of those with a referee whose value is known."""
    outcome = member_outcome.c
    return (
        select(outcome.referrer_no, *parts)
        .where(passing(selection, member_outcome), outcome.referrer_no.is_not(None))
        .group_by(outcome.referrer_no)
        .having(func.count(outcome.value_fen) > 0)
    )


def _parts(definition: Definition, horizon: Horizon) -> list[ColumnElement[Any]]:
    outcome = member_outcome.c
    mature, defaulted = _default(definition, horizon)
    followed = outcome.observed_months >= AGAIN_MONTHS
    return [
        func.count().label("members"),
        func.count().filter(outcome.applied).label("applicants"),
        func.count().filter(and_(outcome.applied, outcome.approved)).label("approved"),
        func.count(outcome.loan_no).label("borrowers"),
        func.count().filter(mature).label("mature"),
        func.count().filter(and_(mature, defaulted)).label("defaulted"),
        func.count().filter(followed).label("followed"),
        func.count().filter(and_(followed, outcome.again_month <= AGAIN_MONTHS)).label("again"),
        func.count(outcome.value_fen).label("valued"),
        func.coalesce(_sum(outcome.value_fen), 0).label("value_fen"),
        func.coalesce(_sum(outcome.value_cny_squared), 0).label("value_cny_squared"),
    ]


def _referrer_parts(definition: Definition, horizon: Horizon) -> list[ColumnElement[Any]]:
    outcome = member_outcome.c
    mature, defaulted = _default(definition, horizon)
    return [
        func.count(outcome.value_fen).label("referees"),
        _sum(outcome.value_fen).label("value_fen"),
        func.count(outcome.loan_no).label("borrowers"),
        func.count().filter(mature).label("mature"),
        func.count().filter(and_(mature, defaulted)).label("defaulted"),
        _sum(case((outcome.suspected, 1), (outcome.suspected.is_not(None), 0))).label("suspected"),
    ]


def _default(definition: Definition, horizon: Horizon) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a member's first loan has been observed for the horizon, and whether it defaulted within."""
    outcome, months = member_outcome.c, horizon.months
    month = outcome[f"default_month_{definition}"]
    if months is None:
        return outcome.final_observed, month.is_not(None)
    return outcome.observed_months >= months, func.coalesce(cast(month, Integer) <= months, False)


def _sum(counts: Any) -> Any:
    return cast(func.sum(counts), BigInteger)
