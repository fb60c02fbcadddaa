"""What members did in the days before an upgrade or a lapse, and what like members did who did not move."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    TableClause,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
)

from loanbook import copied
from loanbook.constructs import add_days, business_date, days_between, end_of_month, month_number
from loanbook.members.membership_spell import Tiers
from loanbook.members.movement_schema import move_window
from loanbook.snapshot_schema import instalment_state, member_journey
from loanbook.working import drop, run, work_table
from rules import calendar
from rules.calendar import newest_month_end
from rules.migration import LAPSED, NONE
from rules.moves import ACTIVITIES, Kind

MONTHS = 12  # newest whole months whose moves are looked at
_QUARTER_DAYS = 90
_SCATTER, _SCATTERED = 48_271, 2_147_483_647  # of Park and Miller: puts members in an order of no meaning

_application, _perk, _contact = (copied.TABLES[name] for name in ("application", "perk", "contact"))


def fill(
    snapshot: duckdb.DuckDBPyConnection,
    known: Tiers,
    numbers: TableClause,
    loans: TableClause,
    standing: TableClause,
    as_of: date,
    days_before: int,
) -> None:
    """Fill `move_window`.

    Formula: an upgrade leads to a tier above the lowest and above the one before; a lapse ends a membership. Beside
    each move stands one member who was on the same tier for the whole month of the move, had been there as many
    quarters by its first day, and was a member for the days before; looked at on the day of the move. In each month
    only one twelfth of the members, taken by a fixed scatter of their numbers, can be chosen, so nobody stands for two.
    Excludes: moves before the member had been one for so many days; moves of the running month.
    """
    moves = work_table(snapshot, "move_now", _moves(known, standing, as_of, days_before))
    stayers = work_table(snapshot, "stayer_now", _stayers(standing, as_of, days_before))
    windows = work_table(snapshot, "window_now", _numbered(_windows(moves, stayers)))
    drop(snapshot, moves, stayers)
    counted = [
        work_table(snapshot, f"counted_{activity}", _counted(windows, done, activity, days_before))
        for activity, done in zip(ACTIVITIES, _done(numbers, loans), strict=True)
    ]
    names = [column.name for column in move_window.columns]
    run(snapshot, insert(move_window).from_select(names, _rows(windows, counted, known)))
    drop(snapshot, windows, *counted)


def _first_day(as_of: date) -> date:
    return calendar.add_months(calendar.first_of_month(newest_month_end(as_of)), 1 - MONTHS)


def _moves(known: Tiers, standing: TableClause, as_of: date, days_before: int) -> Select[Any]:
    """Upgrades and lapses, each with where the member stood before."""
    row = standing.c
    order: dict[str, Any] = {"partition_by": row.member_no, "order_by": row.from_on}
    since = select(
        row.member_no,
        row.standing,
        row.from_on,
        func.lag(row.standing).over(**order).label("before"),
        func.lag(row.from_on, type_=Date()).over(**order).label("before_from_on"),
    ).subquery("since")
    seen, lapsed, lowest = since.c, known.place(LAPSED), known.place(NONE) + 1
    is_higher = or_(seen.before < seen.standing, seen.before == lapsed)
    rises = and_(seen.standing > lowest, seen.standing < lapsed, is_higher)
    kind = case((seen.standing == lapsed, Kind.LAPSE.value), (rises, Kind.UPGRADE.value))
    return (
        select(
            kind.label("kind"),
            seen.member_no,
            seen.from_on.label("index_on"),
            seen.before.label("standing"),
            *_stratum(seen.from_on, seen.before_from_on),
        )
        .join_from(since, member_journey, member_journey.c.member_no == seen.member_no)
        .where(seen.before.is_not(None), kind.is_not(None))
        .where(seen.from_on.between(_first_day(as_of), newest_month_end(as_of)))
        .where(member_journey.c.registered_on <= add_days(seen.from_on, -days_before))
    )


def _stayers(standing: TableClause, as_of: date, days_before: int) -> Select[Any]:
    """Members who stood in one place through a whole month, each in the one month for which they may be chosen."""
    row, newest = standing.c, newest_month_end(as_of)
    last = month_number(literal(newest, Date))
    month = last - (row.member_no + last) % MONTHS
    first_on = add_days(end_of_month(month - 1), 1)
    return (
        select(row.member_no, row.standing, *_stratum(first_on, row.from_on))
        .join_from(standing, member_journey, member_journey.c.member_no == row.member_no)
        .where(row.from_on <= first_on, row.last_on >= end_of_month(month))
        .where(member_journey.c.registered_on <= add_days(first_on, -days_before))
    )


def _stratum(day: ColumnElement[Any], since: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
    """The month of a day, and how many quarters a member had been somewhere by its first day."""
    month = month_number(day)
    stayed = days_between(since, add_days(end_of_month(month - 1), 1))
    quarters = func.greatest(stayed, 0, type_=Integer()).op("//")(_QUARTER_DAYS)
    return month.label("month"), cast(quarters, SmallInteger).label("stay_quarters")


def _windows(moves: TableClause, stayers: TableClause) -> Select[Any]:
    """Each move, and the stayer whose place in the scattered order of the same stratum is that of the mover."""
    keys = ("month", "standing", "stay_quarters")
    movers, others = placed(moves, ("kind", *keys)), placed(stayers, keys)
    same = and_(*(movers.c[key] == others.c[key] for key in (*keys, "place")))
    moved = select(
        movers.c.kind,
        true().label("moved"),
        movers.c.member_no,
        movers.c.index_on,
        movers.c.standing,
        movers.c.stay_quarters,
    )
    stayed = select(
        movers.c.kind, false(), others.c.member_no, movers.c.index_on, movers.c.standing, movers.c.stay_quarters
    ).join_from(movers, others, same)
    return select(union_all(moved, stayed).subquery("beside"))


def placed(people: TableClause, keys: Sequence[str]) -> FromClause:
    """People with their place among those of the same keys, in an order that has no meaning and is always the same."""
    scattered = (cast(people.c.member_no, BigInteger) * _SCATTER) % _SCATTERED
    place = func.row_number().over(
        partition_by=[people.c[key] for key in keys], order_by=(scattered, people.c.member_no)
    )
    return select(people, place.label("place")).subquery(f"placed_{people.name}")


def _numbered(windows: Select[Any]) -> Select[Any]:
    row = windows.subquery("unnumbered")
    order = (row.c.kind, row.c.moved, row.c.index_on, row.c.member_no)
    return select(row, func.row_number().over(order_by=order).label("window_no"))


def _done(numbers: TableClause, loans: TableClause) -> Iterable[Select[Any]]:
    """What members did, as member_no and day, in the order of ACTIVITIES."""
    member, instalment = member_journey.c, instalment_state.c
    yield _by(numbers, _application, _application.c.member_id, business_date(_application.c.applied_at))
    yield _by(numbers, loans, loans.c.member_id, loans.c.disbursed_on)
    yield (
        select(numbers.c.member_no, instalment.settled_on.label("day"))
        .join_from(instalment_state, loans, loans.c.loan_no == instalment.loan_no)
        .join(numbers, numbers.c.id == loans.c.member_id)
        .where(instalment.settled_on <= instalment.due_on)
    )
    yield _by(numbers, _perk, _perk.c.member_id, business_date(_perk.c.redeemed_at))
    reached = _contact.c.contacted_at.is_not(None) & (_contact.c.party == "debtor")
    yield _by(numbers, _contact, _contact.c.member_id, business_date(_contact.c.contacted_at)).where(reached)
    yield select(member.referrer_no.label("member_no"), member.registered_on.label("day")).where(
        member.referrer_no.is_not(None)
    )


def _by(numbers: TableClause, table: FromClause, member_id: ColumnElement[Any], day: ColumnElement[Any]) -> Select[Any]:
    return select(numbers.c.member_no, day.label("day")).join_from(table, numbers, numbers.c.id == member_id)


def _counted(windows: TableClause, done: Select[Any], activity: str, days_before: int) -> Select[Any]:
    """How often something was done in each window in which it was."""
    act, row = done.subquery("act"), windows.c
    within = act.c.day.between(add_days(row.index_on, -days_before), add_days(row.index_on, -1))
    return (
        select(row.window_no, func.count().label(activity))
        .join_from(act, windows, and_(act.c.member_no == row.member_no, within))
        .group_by(row.window_no)
    )


def _rows(windows: TableClause, counted: Sequence[TableClause], known: Tiers) -> Select[Any]:
    row = windows.c
    rows = select(
        row.kind,
        row.moved,
        row.member_no,
        row.index_on,
        known.of_place(row.standing),
        row.stay_quarters,
        *(
            func.coalesce(table.c[activity], 0).label(activity)
            for activity, table in zip(ACTIVITIES, counted, strict=True)
        ),
    ).select_from(windows)
    for table in counted:
        rows = rows.outerjoin(table, table.c.window_no == row.window_no)
    return rows.order_by(row.window_no)
