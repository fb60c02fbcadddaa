"""How the referees of members repay: what the review queue marks applications of good referral lines by."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, cast, func, select

from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from queries.read import read
from queries.running import Asker
from rules.filters import Definition, Horizon
from rules.policy import Policy
from rules.referral_line import Line, lines

Rows = Select[*tuple[Any, ...]]


def good_lines(
    referrer_ids: Collection[str], snapshot_id: str, rule: Policy, asked_by: Asker | None = None
) -> Mapping[str, Line]:
    """The line of each of some referrers whose referees repay better than referred borrowers do; others have no mark.

    Of a page of cases give `referred_by_id` of each that has one. Loans are judged as the policy says of default.
    """
    found = of_referrers(referrer_ids, snapshot_id, rule, asked_by)
    return {member_id: line for member_id, line in found.items() if line.good}


def of_referrers(
    referrer_ids: Collection[str], snapshot_id: str, rule: Policy, asked_by: Asker | None = None
) -> Mapping[str, Line]:
    """The line of each of some referrers with a referee whose first loan can be judged, good or not known."""
    ids = sorted({each for each in referrer_ids if each})
    if not ids:
        return {}
    how = (rule.default.definition, rule.default.horizon)
    brought = read(by_referrer(ids, *how), snapshot_id, asked_by)
    return lines(
        brought,
        read(moments(*how), snapshot_id, asked_by),
        significance=rule.display.significance,
        fewest=rule.review.good_line_referees,
    )


def by_referrer(referrer_ids: Collection[str], definition: Definition, horizon: Horizon) -> Rows:
    """How those repaid whom some members referred.

    Grain: one row per member named who has a referee whose first loan has been observed for the horizon.
    Columns: member_id; observed (such referees), defaulted (of them, within it).
    Formula: by the first loan: borrowers, not loans, are the sample.
    Source: metrics.md, "default rate at H".
    """
    referrer = member_journey.alias("referrer")
    observed, defaulted = _parts(definition, horizon)
    return (
        select(referrer.c.member_id, observed.label("observed"), defaulted.label("defaulted"))
        .join_from(referrer, member_journey, member_journey.c.referrer_no == referrer.c.member_no)
        .join(member_outcome, member_outcome.c.member_no == member_journey.c.member_no)
        .where(referrer.c.member_id.in_(sorted(referrer_ids)))
        .group_by(referrer.c.member_id)
        .having(observed > 0)
        .order_by(referrer.c.member_id)
    )


def moments(definition: Definition, horizon: Horizon) -> Rows:
    """How referrers differ in how their referees repay, for the shrinkage of each.

    Grain: one row per number of referees whose first loan has been observed for the horizon, whoever referred them.
    Columns: as `rules.shrinkage.prior` wants them, a default being worth 1: referees, referrers, value_cny,
    value_cny_squared, own_squared.
    """
    observed, defaulted = _parts(definition, horizon)
    brought = (
        select(observed.label("observed"), defaulted.label("defaulted"))
        .join_from(member_journey, member_outcome, member_outcome.c.member_no == member_journey.c.member_no)
        .where(member_journey.c.referrer_no.is_not(None))
        .group_by(member_journey.c.referrer_no)
        .having(observed > 0)
        .subquery("brought")
    )
    row = brought.c
    return (
        select(
            row.observed.label("referees"),
            func.count().label("referrers"),
            _sum(row.defaulted).label("value_cny"),
            _sum(row.defaulted * row.defaulted).label("value_cny_squared"),
            _sum(row.defaulted).label("own_squared"),
        )
        .group_by(row.observed)
        .order_by(row.observed)
    )


def _parts(definition: Definition, horizon: Horizon) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How many members' first loans have been observed for the horizon, and how many of them defaulted within."""
    outcome, months = member_outcome.c, horizon.months
    month = outcome[f"default_month_{definition}"]
    if months is None:
        return func.count().filter(outcome.final_observed), func.count(month).filter(outcome.final_observed)
    observed = outcome.observed_months >= months
    return func.count().filter(observed), func.count().filter(observed, cast(month, Integer) <= months)


def _sum(counts: Any) -> Any:
    return cast(func.sum(counts), BigInteger)
