"""Costs and outcomes by month and way of coming, for `rules.acquisition_cells`, which forms all of a part from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, String, cast, func, literal, select

from loanbook.constructs import first_of_month, year_month
from loanbook.referrals.acquisition_schema import acquired, acquisition_cost, acquisition_sum
from queries.acquisition import as_asked, marked_as_farmed, outcome_sums, total
from queries.earliest import keeps
from rules.acquisition import asked_of
from rules.filters import Definition
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]


def costs(selection: MemberSelection, *, inherit: bool = False) -> Rows:
    """What was booked by month, way of coming and part: `rules.acquisition_cells` forms every cost from it.

    Grain: one row per month, channel, campaign and part. Columns: month ("" for nobody's), channel, campaign, part;
    bookings, fen; window_bookings, window_fen (at the age at which first loans are counted).
    Excludes: of the selection only the choices count.
    """
    row = as_asked(acquisition_sum, inherit=inherit)
    sums = {name: row.c[name] for name in ("bookings", "fen", "window_bookings", "window_fen")}
    return _by_month(row, row.c.day, selection, sums, row.c.part)


def farmed(selection: MemberSelection, farmed: Sequence[str], *, inherit: bool = False) -> Rows:
    """Of `costs` the rewards of or for members who are marked as farmed: bookings and fen."""
    row = as_asked(acquisition_cost, inherit=inherit)
    sums = {"bookings": literal(1, Integer), "fen": row.c.fen}
    return _by_month(row, row.c.day, selection, sums, row.c.part, conditions=[marked_as_farmed(row, farmed)])


def outcomes(selection: MemberSelection, *, inherit: bool = False, definition: Definition, horizon_months: int) -> Rows:
    """Whom each month brought by each way: `rules.acquisition_cells` forms the outcomes of every cohort from it.

    Grain: one row per month of registration, channel and campaign. Columns: month, channel, campaign; those of
    `queries.acquisition.outcomes`.
    Excludes: of the selection only the choices count.
    """
    row = as_asked(acquired, inherit=inherit)
    return _by_month(row, row.c.registered_on, selection, outcome_sums(row, definition, horizon_months))


def _by_month(
    row: FromClause,
    day: ColumnElement[Any],
    selection: MemberSelection,
    sums: Mapping[str, ColumnElement[Any]],
    *others: ColumnElement[Any],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Rows:
    """Sums by month, channel, campaign and some other columns. (DuckDB plans it in a fraction of the time of more.)"""
    keys = [first_of_month(day).label("first"), row.c.channel, row.c.campaign, *others]
    passes = keeps(row, asked_of(selection))
    coded = select(*keys, *(total(each).label(name) for name, each in sums.items())).where(passes, *conditions)
    cell = coded.group_by(*keys).subquery("cell").c
    codes = (cast(cell[each.name], String).label(each.name) for each in keys[1:])
    return select(
        func.coalesce(year_month(cell.first), literal("")).label("month"), *codes, *(cell[name] for name in sums)
    ).order_by(cell.first, *(cell[each.name] for each in keys[1:]))
