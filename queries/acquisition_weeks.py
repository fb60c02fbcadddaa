"""What the newest weeks cost and whom they brought: early word, for `rules.acquisition_weeks`."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, FromClause, Integer, Select, cast, func, literal, select

from loanbook.constructs import days_between
from loanbook.referrals.acquisition_schema import acquired, acquisition_cost
from queries.earliest import keeps
from rules.acquisition import asked_of
from rules.calendar import add_days
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

_WEEK_DAYS = 7


def costs(selection: MemberSelection, as_of: date, weeks: int, early_days: int) -> Rows:
    """What was booked for the cohorts of the newest weeks within the days for early first loans.

    Grain: one row per week that occurs. Columns: week (0: the seven days up to as_of, 1: those before, ...); fen.
    Excludes: of the selection only the choices count.
    """
    row = acquisition_cost
    return _by_week(row, row.c.day, selection, as_of, weeks, ["fen"], row.c.after_days <= early_days)


def outcomes(selection: MemberSelection, as_of: date, weeks: int) -> Rows:
    """Whom the newest weeks brought.

    Grain, excludes: as `costs`. Columns: week; members, early_borrowers (count).
    """
    return _by_week(acquired, acquired.c.registered_on, selection, as_of, weeks, ["members", "early_borrowers"])


def week_of(day: ColumnElement[Any], as_of: date) -> ColumnElement[Any]:
    """How many weeks ago a day lies: 0 in the seven days up to as_of."""
    return cast(days_between(day, literal(as_of, Date)), Integer).op("//")(_WEEK_DAYS)


def _by_week(
    row: FromClause,
    day: ColumnElement[Any],
    selection: MemberSelection,
    as_of: date,
    weeks: int,
    summed: list[str],
    *conditions: ColumnElement[bool],
) -> Rows:
    """Sums of the newest weeks; rows before them are not read, for they stand in the order of days."""
    newest = day > add_days(as_of, -_WEEK_DAYS * weeks)
    values = (row.c[name] for name in summed)
    kept = (
        select(week_of(day, as_of).label("week"), *values)
        .where(newest, keeps(row, asked_of(selection)), *conditions)
        .subquery("newest")
    )
    sums = (cast(func.sum(kept.c[name]), BigInteger).label(name) for name in summed)
    return select(kept.c.week, *sums).group_by(kept.c.week).order_by(kept.c.week)
