"""Whom each cohort brought and what they cost and are worth, summed: by day, way of coming and age of the loan."""

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
from loanbook.referrals.acquisition_schema import (
    COHORT,
    acquired,
    acquired_loan,
    acquisition_cost,
    acquisition_sum,
    cohort_value,
)
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import DEFINITIONS, loan_fact, member_journey
from loanbook.working import drop, keep_table, work_table
from rules import worth
from rules.acquisition import HORIZONS
from rules.calendar import newest_month_end
from rules.policy import Acquisition

_BITS = (0, 10, 21, 21)  # of a channel and of campaigns, in a number that holds them after the month


def build(
    snapshot: duckdb.DuckDBPyConnection, ways: FromClause, as_of: date, policy: Acquisition, value_months: int
) -> None:
    """Fill `acquired`, `acquired_loan`, `acquisition_sum` and `cohort_value`.

    They are told by the members' ways of coming, their journeys, first loans, rewards and contributions; the bookings
    are there. Grain: a row per day and way of coming, and per age of the first loan, part, or month of value.
    Formula: everything as of as_of; rewards are those accrued for the member less those taken back. A member's value is
    the contribution of the policy's months, that of registration being the first, rewards left out, for they are in
    the cost; only whole months count, and only members who have been observed for all of them.
    Source: metrics.md, "cost per acquisition"; trap 1.
    """
    rewarded = work_table(snapshot, "member_rewarded", _rewarded(policy))
    valued = work_table(snapshot, "member_valued", _valued(value_months))
    counted = work_table(snapshot, "acquired_by_age", _counted(ways, rewarded, valued, as_of, policy, value_months))
    keep_table(snapshot, acquired, _by_day(counted))
    keep_table(snapshot, acquired_loan, _by_age(counted))
    keep_table(snapshot, acquisition_sum, _booked(policy))
    keep_table(snapshot, cohort_value, _worth())
    drop(snapshot, rewarded, valued, counted)


def _by_day(counted: FromClause) -> Select[Any]:
    """Whom each day brought by each way. Defaults count for loans that have been observed for their months."""
    row, lent = counted.c, counted.c.loan_months.is_not(None)
    known: dict[str, ColumnElement[Any]] = {
        "borrower_reward_fen": _sum(row.reward_fen, lent),
        **{f"observed_{horizon}": _heads(row.borrowers, row.loan_months >= horizon) for horizon in HORIZONS},
        **{
            f"bad_{definition}_{horizon}": _heads(row[f"bad_{definition}_{horizon}"], row.loan_months >= horizon)
            for definition in DEFINITIONS
            for horizon in HORIZONS
        },
    }
    keys = row.registered_on, *(row[name] for name in COHORT)
    for each in list(acquired.columns)[len(keys) :]:
        if each.name not in known:
            known[each.name] = _sum(row[each.name]) if isinstance(each.type, BigInteger) else _heads(row[each.name])
    sums = (known[each.name].label(each.name) for each in list(acquired.columns)[len(keys) :])
    return select(*keys, *sums).group_by(*keys).order_by(*keys)


def _by_age(counted: FromClause) -> Select[Any]:
    """First loans by how long they have been observed."""
    row = counted.c
    return (
        select(*(row[each.name] for each in acquired_loan.columns))
        .where(row.loan_months.is_not(None))
        .order_by(row.registered_on, *(row[name] for name in COHORT), row.loan_months)
    )


def _booked(policy: Acquisition) -> Select[Any]:
    """The bookings summed."""
    row = acquisition_cost.c
    keys = row.day, *(row[name] for name in COHORT), row.part
    within = row.after_days <= policy.first_loan_days
    return (
        select(
            *keys,
            _count().label("bookings"),
            _sum(row.fen).label("fen"),
            _count(within).label("window_bookings"),
            _sum(row.fen, within).label("window_fen"),
        )
        .group_by(*keys)
        .order_by(*keys)
    )


def _worth() -> Select[Any]:
    """What members brought in and cost, by the month in which they registered and how they came.

    (One number in the place of the four codes: a tenth of the time.)
    """
    member, row = member_journey.c, member_value.c
    keys = member.registered_month, member.channel, member.campaign, member.inherited_campaign
    code: ColumnElement[Any] = literal(0, BigInteger)
    for key, bits in zip(keys, _BITS, strict=True):
        code = code * 2**bits + cast(func.enum_code(key), BigInteger)
    coded = select(member.member_no, code.label("code")).subquery("coded")
    cohort = select(code.label("code"), *keys).distinct().subquery("cohort")
    summed = (
        select(coded.c.code, row.month, *(_sum(row[name]).label(name) for name in worth.COLUMNS))
        .join_from(member_value, coded, coded.c.member_no == row.member_no)
        .group_by(coded.c.code, row.month)
        .subquery("summed")
    )
    of_cohort = [cohort.c[key.name] for key in keys]
    return (
        select(*of_cohort, summed.c.month, *(summed.c[name] for name in worth.COLUMNS))
        .join_from(summed, cohort, cohort.c.code == summed.c.code)
        .order_by(*of_cohort, summed.c.month)
    )


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


def _heads(counts: ColumnElement[Any], told: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    return cast(_sum(counts, told), Integer)


def _squares(fen: ColumnElement[Any], told: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    cny = cast(fen, Double) / 100
    return _sum(cny * cny, told)
