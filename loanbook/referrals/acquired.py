"""Whom each cohort brought and what of its rewards each is owed: counts by day, way of coming and age of the loan."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Select,
    case,
    cast,
    func,
    literal,
    select,
)

from loanbook.constructs import days_between, month_number
from loanbook.members.worth_schema import member_value
from loanbook.referrals.acquisition_schema import COHORT, acquired, acquisition_cost
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import DEFINITIONS, loan_fact, member_journey
from loanbook.working import drop, keep_table, work_table
from rules import worth
from rules.acquisition import HORIZONS
from rules.calendar import newest_month_end
from rules.policy import Acquisition


def build(
    snapshot: duckdb.DuckDBPyConnection, ways: FromClause, as_of: date, policy: Acquisition, value_months: int
) -> None:
    """Fill `acquired` from the members' ways of coming, their journeys, first loans, rewards and contributions.

    Grain: one row per day of registration, way of coming and whole months since the first loan (null without one).
    Formula: everything as of as_of; rewards are those accrued for the member less those taken back. A member's value is
    the contribution of the policy's months, that of registration being the first, rewards left out, for they are in
    the cost; only whole months count, and only members who have been observed for all of them.
    Source: metrics.md, "cost per acquisition"; trap 1.
    """
    rewarded = work_table(snapshot, "member_rewarded", _rewarded(policy))
    valued = work_table(snapshot, "member_valued", _valued(value_months))
    keep_table(snapshot, acquired, _counted(ways, rewarded, valued, as_of, policy, value_months))
    drop(snapshot, rewarded, valued)


def _rewarded(policy: Acquisition) -> Select[Any]:
    """What each member's rewards come to, by as_of and at the age at which first loans are counted."""
    row = acquisition_cost.c
    return (
        select(
            row.member_no,
            _sum(row.fen).label("fen"),
            _sum(case((row.after_days <= policy.first_loan_days, row.fen), else_=0)).label("window_fen"),
        )
        .where(row.member_no.is_not(None))
        .group_by(row.member_no)
    )


def _valued(value_months: int) -> Select[Any]:
    row = member_value.c
    return (
        select(row.member_no, _sum(_contribution(member_value)).label("fen"))
        .where(row.month < value_months)
        .group_by(row.member_no)
    )


def _contribution(rows: FromClause) -> ColumnElement[Any]:
    """Income less costs, rewards left out."""
    nothing = literal(0, BigInteger)
    income = sum((rows.c[part.column] for part in worth.INCOME), nothing)
    return income - sum((rows.c[part.column] for part in worth.COSTS if part is not worth.Part.REWARD), nothing)


def _counted(
    ways: FromClause, rewarded: FromClause, valued: FromClause, as_of: date, policy: Acquisition, value_months: int
) -> Select[Any]:
    member, first, loan = member_journey.c, member_outcome.c, loan_fact.c
    fen, window_fen = (func.coalesce(rewarded.c[name], 0) for name in ("fen", "window_fen"))
    delay = days_between(member.registered_on, member.first_disbursed_on)
    early, within = delay <= policy.early_days, delay <= policy.first_loan_days
    borrowed = member.first_disbursed_on.is_not(None)
    verified, approved = member.verified_s.is_not(None), member.first_approved_on.is_not(None)
    old = month_number(literal(newest_month_end(as_of), Date)) - month_number(member.registered_on) >= value_months - 1
    value = func.coalesce(valued.c.fen, 0)
    known = {
        "members": _count(),
        "verified": _count(verified),
        "approved": _count(approved),
        "borrowers": _count(borrowed),
        "early_borrowers": _count(early),
        "window_borrowers": _count(within),
        "reward_fen": _sum(fen),
        "reward_cny_squared": _squares(fen),
        "verified_reward_fen": _sum(fen, verified),
        "approved_reward_fen": _sum(fen, approved),
        "window_reward_fen": _sum(window_fen),
        "window_reward_cny_squared": _squares(window_fen),
        "window_borrower_reward_fen": _sum(window_fen, within),
        "valued": _count(old),
        "valued_borrowers": _count(old & borrowed),
        "value_fen": _sum(value, old),
        "value_cny_squared": _squares(value, old),
        "first_due": _count(loan.first_payment_missed.is_not(None)),
        "first_missed": _count(loan.first_payment_missed),
        **{name: _count(told) for name, told in _defaults().items()},
    }
    keys = (ways.c.registered_on, *(ways.c[name] for name in COHORT), first.observed_months)
    return (
        select(*keys[:-1], keys[-1].label("loan_months"), *(each.label(name) for name, each in known.items()))
        .select_from(ways)
        .join(member_journey, member.member_no == ways.c.member_no)
        .outerjoin(member_outcome, (first.member_no == ways.c.member_no) & first.loan_no.is_not(None))
        .outerjoin(loan_fact, loan.loan_no == first.loan_no)
        .outerjoin(rewarded, rewarded.c.member_no == ways.c.member_no)
        .outerjoin(valued, valued.c.member_no == ways.c.member_no)
        .group_by(*keys)
        .order_by(*keys)
    )


def _defaults() -> dict[str, ColumnElement[Any]]:
    first = member_outcome.c
    found: dict[str, ColumnElement[Any]] = {}
    for definition in DEFINITIONS:
        month = first[f"default_month_{definition}"]
        found |= {f"bad_{definition}_{horizon}": month <= horizon for horizon in HORIZONS}
    return found


def _count(told: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    counted = func.count() if told is None else func.count().filter(told)
    return cast(counted, Integer)


def _sum(value: ColumnElement[Any], told: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    summed = func.sum(value) if told is None else func.sum(value).filter(told)
    return cast(func.coalesce(summed, 0), BigInteger)


def _squares(fen: ColumnElement[Any], told: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    cny = cast(fen, Double) / 100
    return _sum(cny * cny, told)
