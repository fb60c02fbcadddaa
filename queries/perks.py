"""What perks are judged by: members who were granted one and members who were not, by what they are like."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select

from loanbook.members.worth_schema import perk_trial
from loanbook.snapshot_schema import member_journey
from queries.members import passing
from rules.member_filters import MemberSelection
from rules.perks import COVARIATES, STRATA

Rows = Select[*tuple[Any, ...]]


def by_stratum(selection: MemberSelection, *, again_days: int) -> Rows:
    """Members by occasion, by what was granted for it and by what they were like.

    Grain: one row per occasion, kind ("none": nothing was granted; "several") and stratum (`rules.perks.STRATA`).
    Columns: occasion, kind, the strata; members, redeemed, again, redeemed_again (count: borrowed again within
    `again_days`); valued (members observed for the policy's months), value_fen, value_cny_squared of those; and of each
    of `rules.perks.COVARIATES` known_<name> (members), sum_<name>, squared_<name> (amounts in CNY).
    Excludes: occasions not observed for again_days; of the selection only the choices count.
    """
    row = perk_trial.c
    again = func.coalesce(row.again_days <= again_days, False)
    cny = row.value_fen / 100.0
    return (
        select(
            row.occasion,
            row.kind,
            *(row[name] for name in STRATA),
            func.count().label("members"),
            func.count().filter(row.redeemed).label("redeemed"),
            func.count().filter(again).label("again"),
            func.count().filter(again, row.redeemed).label("redeemed_again"),
            func.count(row.value_fen).label("valued"),
            _sum(row.value_fen, "value_fen"),
            _sum(cny * cny, "value_cny_squared"),
            *(part for name in COVARIATES for part in _moments(name)),
        )
        .join_from(perk_trial, member_journey, member_journey.c.member_no == row.member_no)
        .where(passing(selection.over_all_time()), row.observed_days >= again_days)
        .group_by(row.occasion, row.kind, *(row[name] for name in STRATA))
        .order_by(row.occasion, row.kind, *(row[name] for name in STRATA))
    )


def _moments(name: str) -> tuple[ColumnElement[int], ...]:
    value = perk_trial.c[name] / (100.0 if name.endswith("_fen") else 1.0)
    return (
        func.count(perk_trial.c[name]).label(f"known_{name}"),
        _sum(value, f"sum_{name}"),
        _sum(value * value, f"squared_{name}"),
    )


def _sum(value: ColumnElement[Any], name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(value), 0), BigInteger).label(name)
