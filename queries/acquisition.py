"""What acquiring members costs and whom it brings: sums of bookings and of outcomes, for `rules.acquisition`."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from loanbook.constructs import days_between, year_month
from loanbook.referrals.acquisition_schema import acquired, acquisition_cost
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from queries.earliest import keeps
from rules.acquisition import Part, asked_of
from rules.filters import Definition
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

MOST_ROWS = 100_000  # of any statement here; a campaign and week is a row
_SUMS = (
    *("members", "verified", "approved", "borrowers", "early_borrowers", "window_borrowers"),
    *("reward_fen", "reward_cny_squared", "verified_reward_fen", "approved_reward_fen"),
    *("window_reward_fen", "window_reward_cny_squared", "window_borrower_reward_fen"),
    *("valued", "valued_borrowers", "value_fen", "value_cny_squared", "first_due", "first_missed"),
)


class By(StrEnum):
    """What costs are told apart by."""

    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    MONTH = "month"  # of registration, and of spend
    TOGETHER = ""


def costs(
    selection: MemberSelection,
    by: By,
    *,
    inherit: bool = False,
    farmed: Sequence[str] = (),
    within_days: int | None = None,
) -> Rows:
    """What was booked for the cohorts of a selection, by part.

    inherit: who came without a code counts for the campaign of the nearest referrer above who has one. farmed: ids of
    the members marked as farmed: rewards of theirs or for them are one part of their own. within_days: only what was
    booked at that age of the cohort.
    Grain: one row per value and part that occurs. Columns: value; part; bookings (count); fen.
    Formula: plain sums, so that over any filter they re-sum to the spend table and the reward ledger less what was
    taken back: a reward that is farmed moves from one part to another, and its reversal stays a part below zero. Rows
    are summed by code first, and the few sums by text: a fifth of the time of texts alone.
    Excludes: with a period, rewards for nobody that the book knows, for they belong to no cohort.
    Source: metrics.md, "cost per acquisition", trap 14.
    """
    row = _as_asked(acquisition_cost, inherit=inherit)
    conditions = [_passing(row, row.c.day, selection)]
    if within_days is not None:
        conditions.append(row.c.after_days <= within_days)
    kept = _told(row, {"marked": _marked(row, farmed)}, conditions).c
    by_code = [] if by is By.TOGETHER else [kept.day if by is By.MONTH else kept[by.value]]
    keys = [*by_code, kept.part, *([kept.marked] if farmed else [])]
    booked = (
        select(*keys, func.count().label("bookings"), func.sum(kept.fen).label("fen"))
        .group_by(*keys)
        .subquery("booked")
    )
    own = cast(booked.c.part, String)
    part = case((booked.c.marked, literal(Part.FARMED.value, String)), else_=own) if farmed else own
    value = _value(by, booked, booked.c.get("day", literal(None)))
    text = select(value.label("value"), part.label("part"), booked.c.bookings, booked.c.fen).subquery("text").c
    return (
        select(text.value, text.part, _sum(text.bookings).label("bookings"), _sum(text.fen).label("fen"))
        .group_by(text.value, text.part)
        .order_by(text.value, text.part)
    )


def bookings(selection: MemberSelection, *, inherit: bool = False, farmed: Sequence[str] = ()) -> Rows:
    """The bookings behind `costs`, one by one: ids alone, nothing that names a person.

    Grain: one row per booking. Columns: day (of the cohort); channel; campaign; part; source_id (of the row in the
    spend table or the ledger); member_id, beneficiary_id (null for spend); amount_fen.
    Formula: the rows add up to every sum of `costs`. Excludes: as `costs`.
    """
    row = _as_asked(acquisition_cost, inherit=inherit)
    kept = _told(row, {"marked": _marked(row, farmed)}, [_passing(row, row.c.day, selection)])
    member, beneficiary = member_journey.alias("member"), member_journey.alias("beneficiary")
    part = case((kept.c.marked, literal(Part.FARMED.value, String)), else_=cast(kept.c.part, String))
    return (
        select(
            kept.c.day,
            *(cast(kept.c[name], String).label(name) for name in (By.CHANNEL.value, By.CAMPAIGN.value)),
            part.label("part"),
            kept.c.source_id,
            member.c.member_id,
            beneficiary.c.member_id.label("beneficiary_id"),
            kept.c.fen.label("amount_fen"),
        )
        .select_from(
            kept.outerjoin(member, member.c.member_no == kept.c.member_no).outerjoin(
                beneficiary, beneficiary.c.member_no == kept.c.beneficiary_no
            )
        )
        .order_by(kept.c.day, kept.c.part, kept.c.source_id)
    )


def outcomes(
    selection: MemberSelection, by: By, *, inherit: bool = False, definition: Definition, horizon_months: int
) -> Rows:
    """Whom the cohorts of a selection are, and how far they have come by as_of.

    Grain: one row per value with members. Columns: value; the counts and sums of `acquired`; borrower_reward_fen (of
    those with a first loan); observed (borrowers whose first loan has been observed for the months), defaulted (of
    those, within the months).
    Source: metrics.md, "cost per acquisition".
    """
    row = _members(selection, by, inherit=inherit).c
    old, lent = row.loan_months >= horizon_months, row.loan_months.is_not(None)
    bad = row[f"bad_{definition}_{horizon_months}"]
    return (
        select(
            row.value,
            *(_sum(row[name]).label(name) for name in _SUMS),
            _sum(row.reward_fen, lent).label("borrower_reward_fen"),
            _sum(row.borrowers, old).label("observed"),
            _sum(bad, old).label("defaulted"),
        )
        .group_by(row.value)
        .order_by(row.value)
    )


def ages(
    selection: MemberSelection, by: By, *, inherit: bool = False, definition: Definition, horizon_months: int
) -> Rows:
    """The first loans of a selection by how long they have been observed, for what they will come to.

    Grain: one row per value and whole months of age, first loans alone.
    Columns: value; months; borrowers, defaulted (within the months of the horizon, so far), first_due, first_missed.
    """
    row = _members(selection, by, inherit=inherit).c
    return (
        select(
            row.value,
            cast(row.loan_months, Integer).label("months"),
            _sum(row.borrowers).label("borrowers"),
            _sum(row[f"bad_{definition}_{horizon_months}"]).label("defaulted"),
            _sum(row.first_due).label("first_due"),
            _sum(row.first_missed).label("first_missed"),
        )
        .where(row.loan_months.is_not(None))
        .group_by(row.value, row.loan_months)
        .order_by(row.value, row.loan_months)
    )


def first_loans(definition: Definition) -> Rows:
    """The first loans of the whole book by when they defaulted and how long they have been observed.

    Grain: one row per pair that occurs. Columns: months (observed); default_month (null: not by as_of); borrowers.
    """
    row = member_outcome.c
    keys = row.observed_months, row[f"default_month_{definition}"]
    return (
        select(keys[0].label("months"), keys[1].label("default_month"), func.count().label("borrowers"))
        .where(row.loan_no.is_not(None))
        .group_by(*keys)
        .order_by(*keys)
    )


def week_costs(selection: MemberSelection, as_of: date, weeks: int, early_days: int) -> Rows:
    """What was booked for the cohorts of the newest weeks within the days for early first loans.

    Grain: one row per week that occurs. Columns: week (0: the seven days up to as_of, 1: those before, ...); fen.
    Excludes: of the selection only the choices count.
    """
    row, week = acquisition_cost, week_of(acquisition_cost.c.day, as_of)
    conditions = [_passing(row, row.c.day, selection.over_all_time()), row.c.after_days <= early_days, week < weeks]
    kept = _told(row, {"week": week}, conditions).c
    return select(kept.week, _sum(kept.fen).label("fen")).group_by(kept.week).order_by(kept.week)


def week_outcomes(selection: MemberSelection, as_of: date, weeks: int) -> Rows:
    """Whom the newest weeks brought.

    Grain, excludes: as `week_costs`. Columns: week; members, early_borrowers (count).
    """
    row, week = acquired, week_of(acquired.c.registered_on, as_of)
    conditions = [_passing(row, row.c.registered_on, selection.over_all_time()), week < weeks]
    kept = _told(row, {"week": week}, conditions).c
    counted = (_sum(kept[name]).label(name) for name in ("members", "early_borrowers"))
    return select(kept.week, *counted).group_by(kept.week).order_by(kept.week)


def _members(selection: MemberSelection, by: By, *, inherit: bool) -> FromClause:
    """The rows of `acquired` that pass, each with its value."""
    row = _as_asked(acquired, inherit=inherit)
    value = _value(by, row, row.c.registered_on)
    return _told(row, {"value": value}, [_passing(row, row.c.registered_on, selection)])


def _told(
    row: FromClause, told: Mapping[str, ColumnElement[Any]], conditions: Sequence[ColumnElement[bool]]
) -> FromClause:
    """Rows with what they are grouped by as columns of their own: DuckDB takes no bound value in GROUP BY."""
    others = [each for each in row.c if each.name not in told]
    return select(*others, *(each.label(name) for name, each in told.items())).where(*conditions).subquery("told")


def _as_asked(table: FromClause, *, inherit: bool) -> FromClause:
    """The rows with the way of coming that is asked about under `channel` and `campaign`."""
    if not inherit:
        return table
    others = [each for each in table.c if each.name not in {By.CHANNEL, By.CAMPAIGN}]
    given = [table.c[f"inherited_{name}"].label(name) for name in (By.CHANNEL.value, By.CAMPAIGN.value)]
    return select(*others, *given).subquery("inherited")


def _passing(row: FromClause, day: ColumnElement[Any], selection: MemberSelection) -> ColumnElement[bool]:
    first, last = selection.registered.first, selection.registered.last
    conditions: list[ColumnElement[bool]] = [keeps(row, asked_of(selection))]
    if first is not None:
        conditions.append(day >= first)
    if last is not None:
        conditions.append(day <= last)
    return and_(true(), *conditions)


def _value(by: By, row: FromClause, day: ColumnElement[Any]) -> ColumnElement[Any]:
    if by is By.TOGETHER:
        return literal("", String)
    return func.coalesce(year_month(day), literal("")) if by is By.MONTH else cast(row.c[by.value], String)


def _marked(row: FromClause, farmed: Sequence[str]) -> ColumnElement[bool]:
    """Whether a booking is a reward of or for a member who is marked as farmed."""
    if not farmed:
        return false()
    members = select(member_journey.c.member_no).where(member_journey.c.member_id.in_(farmed))
    theirs = func.coalesce(or_(row.c.member_no.in_(members), row.c.beneficiary_no.in_(members)), false())
    return and_(row.c.part != Part.REVERSAL.value, theirs)


def week_of(day: ColumnElement[Any], as_of: date) -> ColumnElement[Any]:
    """How many weeks ago a day lies: 0 in the seven days up to as_of."""
    return cast(days_between(day, literal(as_of, Date)), Integer).op("//")(7)


def _sum(value: ColumnElement[Any], told: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    summed = func.sum(value) if told is None else func.sum(value).filter(told)
    return cast(func.coalesce(summed, 0), BigInteger)
