"""What acquiring members costs and whom it brings: sums of bookings and of outcomes, for `rules.acquisition`."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
    union_all,
)

from loanbook.constructs import year_month
from loanbook.referrals.acquisition_schema import acquired, acquired_loan, acquisition_cost, acquisition_sum
from loanbook.referrals.growth_schema import member_outcome, member_place
from loanbook.snapshot_schema import member_journey
from queries.earliest import keeps
from rules.acquisition import Part, asked_of
from rules.filters import Definition
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

_SUMS = (
    *("members", "verified", "approved", "borrowers", "early_borrowers", "window_borrowers"),
    *("reward_fen", "reward_cny_squared", "verified_reward_fen", "approved_reward_fen", "borrower_reward_fen"),
    *("window_reward_fen", "window_reward_cny_squared", "window_borrower_reward_fen"),
    *("valued", "valued_borrowers", "value_fen", "value_cny_squared", "first_due", "first_missed"),
)


class By(StrEnum):
    """What costs are told apart by."""

    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    MONTH = "month"  # of registration, and of spend
    TOGETHER = ""


def costs(selection: MemberSelection, by: By, *, inherit: bool = False, farmed: Sequence[str] = ()) -> Rows:
    """What was booked for the cohorts of a selection, by part.

    inherit: who came without a code counts for the campaign of the nearest referrer above who has one. farmed: ids of
    the members marked as farmed: rewards of theirs or for them are one part of their own.
    Grain: one row per value and part that occurs. Columns: value; part; bookings (count); fen.
    Formula: plain sums, so that over any filter they re-sum to the spend table and the reward ledger less what was
    taken back: a reward that is farmed moves from one part to another, and its reversal stays a part below zero.
    Excludes: with a period, rewards for nobody that the book knows, for they belong to no cohort.
    Source: metrics.md, "cost per acquisition", trap 14.
    """
    row = as_asked(acquisition_sum, inherit=inherit)
    rows = [_booked(row, by, selection, {"bookings": row.c.bookings, "fen": row.c.fen})]
    if farmed:  # what is theirs is found among the single bookings, and taken from its own part
        own = as_asked(acquisition_cost, inherit=inherit)
        counted = {"bookings": literal(1, Integer), "fen": own.c.fen}
        theirs = _booked(own, by, selection, counted, marked_as_farmed(own, farmed)).subquery("marked").c
        rows.append(select(theirs.value, theirs.part, -theirs.bookings, -theirs.fen))
        moved = literal(Part.FARMED.value, String).label("part")
        rows.append(select(theirs.value, moved, theirs.bookings, theirs.fen))
    found = union_all(*rows).subquery("every").c
    bookings_left = _sum(found.bookings)
    return (
        select(found.value, found.part, bookings_left.label("bookings"), _sum(found.fen).label("fen"))
        .group_by(found.value, found.part)
        .having(bookings_left > 0)
        .order_by(found.value, found.part)
    )


def window_costs(selection: MemberSelection) -> Rows:
    """What was booked for the cohorts of a selection at the age at which first loans are counted.

    Grain: one row per part that occurs. Columns, excludes: as `costs`, together.
    """
    row = acquisition_sum
    counted = {"bookings": row.c.window_bookings, "fen": row.c.window_fen}
    found = _booked(row, By.TOGETHER, selection, counted, row.c.window_bookings > 0).subquery("booked")
    return select(found).order_by(found.c.part)


def bookings(selection: MemberSelection, *, inherit: bool = False, farmed: Sequence[str] = ()) -> Rows:
    """The bookings behind `costs`, one by one: ids alone, nothing that names a person.

    Grain: one row per booking. Columns: day (of the cohort); channel; campaign; part; source_id (of the row in the
    spend table or the ledger); member_id, beneficiary_id (null for spend); amount_fen.
    Formula: the rows add up to every sum of `costs`. Excludes: as `costs`.
    """
    row = as_asked(acquisition_cost, inherit=inherit)
    kept = _told(row, {"marked": marked_as_farmed(row, farmed)}, [_passing(row, row.c.day, selection)])
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

    Grain: one row per value with members. Columns: value; the counts and sums of `acquired`; observed (borrowers whose
    first loan has been observed for the months), defaulted (of those, within the months).
    Source: metrics.md, "cost per acquisition".
    """
    row = as_asked(acquired, inherit=inherit)
    sums = outcome_sums(row, definition, horizon_months)
    found = _summed(row, row.c.registered_on, by, selection, sums).subquery("found")
    return select(found).where(found.c.members > 0).order_by(found.c.value)


def ages(
    selection: MemberSelection, by: By, *, inherit: bool = False, definition: Definition, horizon_months: int
) -> Rows:
    """The first loans of a selection by how long they have been observed, for what they will come to.

    Grain: one row per value and whole months of age, first loans alone.
    Columns: value; months; borrowers, defaulted (within the months of the horizon, so far), first_due, first_missed.
    """
    row = as_asked(acquired_loan, inherit=inherit)
    sums = {
        "borrowers": row.c.borrowers,
        "defaulted": row.c[f"bad_{definition}_{horizon_months}"],
        "first_due": row.c.first_due,
        "first_missed": row.c.first_missed,
    }
    months = cast(row.c.loan_months, Integer).label("months")
    found = _summed(row, row.c.registered_on, by, selection, sums, months).subquery("found")
    return select(found).order_by(found.c.value, found.c.months)


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


def outcome_sums(row: FromClause, definition: Definition, horizon_months: int) -> dict[str, ColumnElement[Any]]:
    """What `outcomes` sums, by the columns of `acquired`."""
    return {
        **{name: row.c[name] for name in _SUMS},
        "observed": row.c[f"observed_{horizon_months}"],
        "defaulted": row.c[f"bad_{definition}_{horizon_months}"],
    }


def _booked(
    row: FromClause,
    by: By,
    selection: MemberSelection,
    counted: Mapping[str, ColumnElement[Any]],
    *conditions: ColumnElement[bool],
) -> Rows:
    """Bookings by value and part, as texts: value; part; what is counted."""
    return _summed(row, row.c.day, by, selection, counted, row.c.part, conditions=conditions)


def _summed(
    row: FromClause,
    day: ColumnElement[Any],
    by: By,
    selection: MemberSelection,
    sums: Mapping[str, ColumnElement[Any]],
    *others: ColumnElement[Any],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Rows:
    """Sums of the rows that pass by value and some other columns, codes as texts.

    Rows are summed by code or day first, and the few sums by text: a fifth of the time of texts alone.
    """
    codes = [] if by is By.TOGETHER else [(day if by is By.MONTH else row.c[by.value]).label("code")]
    parts = (total(each).label(name) for name, each in sums.items())
    keys = [*codes, *others]
    coded = select(*keys, *parts).where(_passing(row, day, selection), *conditions).group_by(*keys).subquery("coded")
    text = select(
        _value(by, coded.c.get("code")).label("value"),
        *(_text(coded.c[each.name]).label(each.name) for each in others),
        *(coded.c[name] for name in sums),
    ).subquery("text")
    named = [text.c.value, *(text.c[each.name] for each in others)]
    if by is not By.MONTH:  # a code is a text
        return select(text)
    return select(*named, *(total(text.c[name]).label(name) for name in sums)).group_by(*named)


def _told(
    row: FromClause, told: Mapping[str, ColumnElement[Any]], conditions: Sequence[ColumnElement[bool]]
) -> FromClause:
    """Rows with what they are grouped by as columns of their own: DuckDB takes no bound value in GROUP BY."""
    others = [each for each in row.c if each.name not in told]
    return select(*others, *(each.label(name) for name, each in told.items())).where(*conditions).subquery("told")


def as_asked(table: FromClause, *, inherit: bool) -> FromClause:
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


def _value(by: By, code: ColumnElement[Any] | None) -> ColumnElement[Any]:
    if code is None:
        return literal("", String)
    return func.coalesce(year_month(code), literal("")) if by is By.MONTH else cast(code, String)


def _text(code: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(code, String) if isinstance(code.type, String) else code


def marked_as_farmed(row: FromClause, farmed: Sequence[str]) -> ColumnElement[bool]:
    """Whether a booking is a reward of or for a member who is marked as farmed."""
    if not farmed:
        return false()
    members = select(member_place.c.member_no).where(member_place.c.member_id.in_(farmed))
    theirs = func.coalesce(or_(row.c.member_no.in_(members), row.c.beneficiary_no.in_(members)), false())
    return and_(row.c.part != Part.REVERSAL.value, theirs)


def total(value: ColumnElement[Any]) -> ColumnElement[int]:
    """The sum of what is never null."""
    return cast(func.sum(value), BigInteger)


def _sum(value: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(value), 0), BigInteger)
