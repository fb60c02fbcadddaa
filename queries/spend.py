"""What is spent on campaigns and creators: budgets, weeks, the days that the book has spend of, the use of codes."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, cast, func, or_, select, true

from loanbook.referrals.acquisition_schema import acquisition_campaign, acquisition_sum, creator_use
from queries.acquisition import By
from queries.acquisition_weeks import week_of
from rules.acquisition import SPEND
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]


def campaigns() -> Rows:
    """The campaigns. Grain: one row each. Columns: those of `acquisition_campaign`."""
    return select(acquisition_campaign).order_by(acquisition_campaign.c.starts_on, acquisition_campaign.c.campaign)


def campaign_weeks(as_of: date) -> Rows:
    """What the book has spent on each campaign by week.

    Grain: one row per campaign and week with spend. Columns: campaign; week (as in `queries.acquisition_weeks`); fen.
    """
    row = acquisition_sum.c
    spent = (
        select(cast(row.campaign, String).label("campaign"), week_of(row.day, as_of).label("week"), row.fen)
        .where(_is_spend(row.part))
        .subquery("spent")
    )
    keys = spent.c.campaign, spent.c.week
    return select(*keys, _sum(spent.c.fen).label("fen")).group_by(*keys).order_by(*keys)


def spend_days(first: date, last: date) -> Rows:
    """On which days the book holds spend, for entries about the same are not counted once more.

    Grain: one row per campaign, kind and day. Columns: campaign, kind, day.
    """
    row = acquisition_sum.c
    return (
        select(cast(row.campaign, String).label("campaign"), cast(row.part, String).label("kind"), row.day)
        .where(_is_spend(row.part), row.day >= first, row.day <= last)
        .distinct()
    )


def creators(selection: MemberSelection) -> Rows:
    """What the codes of creators were used for.

    Grain: one row per creator, code and campaign. Columns: creator, code, campaign; sent, opened (invitations of the
    code at any time), members, borrowers (registered in the selection's period, count).
    Excludes: of the selection only the period and campaigns count.
    """
    row = creator_use.c
    first, last = selection.registered.first, selection.registered.last
    within: list[ColumnElement[bool]] = [true()]
    if first is not None:
        within.append(row.month >= f"{first:%Y-%m}")
    if last is not None:
        within.append(row.month <= f"{last:%Y-%m}")
    chosen = [row.campaign.in_(values) for code, values in selection.choices if code == By.CAMPAIGN]
    keys = row.creator, row.code, row.campaign
    return (
        select(
            *keys,
            _sum(row.sent).label("sent"),
            _sum(row.opened).label("opened"),
            _sum(row.members, and_(*within)).label("members"),
            _sum(row.borrowers, and_(*within)).label("borrowers"),
        )
        .where(true(), *chosen)
        .group_by(*keys)
        .order_by(*keys)
    )


def _is_spend(part: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(*(part == kind.value for kind in SPEND))


def _sum(value: ColumnElement[Any], told: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    summed = func.sum(value) if told is None else func.sum(value).filter(told)
    return cast(func.coalesce(summed, 0), BigInteger)
