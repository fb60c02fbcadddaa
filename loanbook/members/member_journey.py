"""The narrow row per member that every statement about members scans."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    TableClause,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    null,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from loanbook import copied, dimension_list, dimension_values
from loanbook.constructs import days_between, seconds_between, start_of_business_day
from loanbook.members import member_activity, member_ancestry, member_dimensions, member_steps
from loanbook.snapshot_schema import UNREACHED, member_journey
from loanbook.working import drop, run, work_table
from rules.dimensions import CAMPAIGN, MEMBER, UNKNOWN
from rules.funnel_steps import WINDOWED
from rules.policy import Policy

_CODES = tuple(dimension.code for dimension in MEMBER)
_ENUMS = (*_CODES, "registered_month")


def build(
    snapshot: duckdb.DuckDBPyConnection,
    members: TableClause,
    loans: TableClause,
    levels: TableClause,
    as_of: date,
    policy: Policy,
) -> None:
    """Fill `member_journey`, and `dimension_value` with the members' dimensions.

    members: `member_number`; loans: `loan_standing`; levels: `referral_levels`. The loans' tables are filled.
    Grain: one row per member of `member_number`. Columns: those of `member_journey`.
    """
    described = member_dimensions.of_members(snapshot, members, levels, as_of, policy.bands)
    texts = work_table(snapshot, "member_text", described)
    values = _values(snapshot, texts, policy)
    types = {code: ENUM(*(values[code] or [UNKNOWN]), name=f"member_{code}") for code in _ENUMS}
    for enum in types.values():
        run(snapshot, CreateEnumType(enum))
    columns = [Column(each.name, _type(each, types)) for each in member_journey.columns]
    run(snapshot, CreateTable(Table(member_journey.name, MetaData(), *columns)))
    steps = member_steps.build(snapshot, members, loans, as_of, policy.funnel.late_days)
    active = member_activity.build(snapshot, members, loans, as_of)
    ancestry = member_ancestry.find(snapshot, members, levels)
    snapshot.register("member_placed", ancestry)
    placed = table("member_placed", *(column(name, Integer()) for name in ancestry.column_names))
    rows = _rows(members, texts, types, steps, active, placed, as_of)
    names = [each.name for each in rows.selected_columns]
    run(snapshot, insert(member_journey).from_select(names, rows.order_by(members.c.member_no)))
    snapshot.unregister("member_placed")
    drop(snapshot, texts, active, *steps.values())
    listed = {code: values[code] for code in _CODES}
    dimension_list.add(snapshot, "member", listed, member_dimensions.names(snapshot))


def _values(snapshot: duckdb.DuckDBPyConnection, texts: TableClause, policy: Policy) -> dict[str, list[str]]:
    """The values of each dimension that occur, in their order."""
    tier = copied.TABLES["tier"].c
    ranks = {code: rank for code, rank in run(snapshot, select(tier.code, tier.rank)) if code and rank is not None}
    found = {code: [row[0] for row in run(snapshot, select(texts.c[code]).distinct())] for code in _ENUMS}
    return {code: dimension_values.in_order(code, found[code], policy.bands, ranks) for code in _ENUMS}


def _type(each: Column[Any], types: dict[str, ENUM]) -> Any:
    return types[CAMPAIGN.code] if each.name == "inherited_campaign" else types.get(each.name, each.type)


def _rows(
    members: TableClause,
    texts: TableClause,
    types: dict[str, ENUM],
    steps: dict[str, TableClause],
    active: TableClause,
    placed: TableClause,
    as_of: date,
) -> Select[Any]:
    bringer = texts.alias("bringer")
    member_no, registered_at, registered_on = (members.c[n] for n in ("member_no", "registered_at", "registered_on"))
    seconds = {step.code: _step(steps.get(step.code), registered_at) for step in WINDOWED}
    statement = select(
        member_no,
        cast(members.c.id, String).label("member_id"),
        registered_on,
        cast(texts.c.registered_month, types["registered_month"]).label("registered_month"),
        seconds_between(start_of_business_day(registered_on), registered_at).label("registered_s"),
        *(seconds[step.code].label(f"{step.code}_s") for step in WINDOWED),
        *_gaps(seconds, list(steps)),
        *(each for each in active.columns if each.name not in {"member_no", "last_active_on"}),
        func.greatest(registered_on, active.c.last_active_on, type_=Date()).label("last_active_on"),
        days_between(registered_on, literal(as_of, Date)).label("observed_days"),
        members.c.dates_imputed,
        *(cast(texts.c[code], types[code]).label(code) for code in _CODES),
        cast(func.coalesce(bringer.c.campaign, literal(UNKNOWN)), types[CAMPAIGN.code]).label("inherited_campaign"),
        *(each for each in placed.columns if each.name not in {"member_no", "bringer_no"}),
    ).join_from(members, texts, texts.c.member_no == member_no)
    for each in (active, *steps.values()):
        statement = statement.outerjoin(each, each.c.member_no == member_no)
    return statement.join(placed, placed.c.member_no == member_no).outerjoin(
        bringer, bringer.c.member_no == placed.c.bringer_no
    )


def _step(reached: TableClause | None, registered_at: ColumnElement[Any]) -> ColumnElement[Any]:
    """Seconds from the registration to a step; null where it was not reached, or the book does not record it."""
    if reached is None:
        return cast(null(), Integer)
    seconds = seconds_between(registered_at, reached.c.at)
    return cast(case((seconds < literal(UNREACHED, BigInteger), seconds)), Integer)


def _gaps(seconds: dict[str, ColumnElement[Any]], recorded: list[str]) -> list[ColumnElement[Any]]:
    """Seconds from each step's step before to it."""
    gaps: dict[str, ColumnElement[Any]] = {}
    before: ColumnElement[Any] = literal(0, Integer)
    for code in recorded:
        gaps[code], before = seconds[code] - before, seconds[code]
    unreached = literal(UNREACHED, Integer)
    return [
        cast(func.coalesce(gaps[step.code], unreached) if step.code in gaps else unreached, Integer).label(
            f"{step.code}_gap_s"
        )
        for step in WINDOWED
    ]
