"""Memberships as spells that follow each other without overlapping, and where each member stands from day to day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    TableClause,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    try_cast,
    union_all,
)
from sqlalchemy.dialects.postgresql import ENUM

from loanbook import copied, dimension_values, schema
from loanbook.constructs import add_days, business_date
from loanbook.members.movement_schema import membership_spell
from loanbook.snapshot_schema import member_journey
from loanbook.working import drop, run, work_table
from rules.dimensions import TIER, UNKNOWN
from rules.migration import (
    CHANGES,
    DORMANT,
    FELL,
    JOINED,
    LAPSED,
    NONE,
    RENEWED,
    RETURNED,
    ROSE,
    STARTED,
)
from rules.policy import Bands

_membership = copied.TABLES["membership"]

REASON = ENUM(*schema.membership.c.reason.info["codes"], name="membership_reason")
CHANGE = ENUM(*CHANGES, name="membership_change")


@dataclass(frozen=True)
class Tiers:
    """The tiers of a book from the lowest up, and the types of columns that hold them or what members are besides."""

    tier: ENUM
    state: ENUM  # none, the tiers, lapsed, dormant

    def place(self, state: str) -> int:
        """The place of a state among all of them."""
        return self.state.enums.index(state)

    def of_place(self, place: ColumnElement[Any]) -> ColumnElement[Any]:
        """The state of a place."""
        return case(*((place == number, cast(state, self.state)) for number, state in enumerate(self.state.enums)))

    def of_tier_place(self, place: ColumnElement[Any]) -> ColumnElement[Any]:
        """The tier of a place among the tiers."""
        return case(*((place == number, cast(tier, self.tier)) for number, tier in enumerate(self.tier.enums)))


def tiers(snapshot: duckdb.DuckDBPyConnection, bands: Bands) -> Tiers:
    """The tiers that the book names or that members have stood on, by rank."""
    tier = copied.TABLES["tier"].c
    ranks = {code: rank for code, rank in run(snapshot, select(tier.code, tier.rank)) if code and rank is not None}
    stood_on = {code for (code,) in run(snapshot, select(_membership.c.tier_code).distinct()) if code}
    codes = dimension_values.in_order(TIER.code, ranks.keys() | stood_on, bands, ranks) or [UNKNOWN]
    return Tiers(ENUM(*codes, name="member_tier"), ENUM(NONE, *codes, LAPSED, DORMANT, name="member_state"))


def fill(snapshot: duckdb.DuckDBPyConnection, known: Tiers, numbers: TableClause, as_of: date) -> TableClause:
    """Fill `membership_spell`; the work table of where members stand.

    numbers: id and member_no of every member.
    Grain of the work table: one row per member and stretch of days in one standing, from the registration to as_of
    without gaps. Columns: member_no, standing (place in `Tiers.state`: none, a tier, lapsed), from_on, last_on.
    """
    spells = work_table(snapshot, "membership_now", _changed(_following(_recorded(known, numbers, as_of))))
    written = [column.name for column in membership_spell.columns]
    rows = select(*(spells.c[name] for name in written)).order_by(spells.c.member_no, spells.c.place_in_order)
    run(snapshot, insert(membership_spell).from_select(written, rows))
    standing = work_table(snapshot, "member_standing", _standing(spells, known, as_of))
    drop(snapshot, spells)
    return standing


def _recorded(known: Tiers, numbers: TableClause, as_of: date) -> FromClause:
    """Memberships that had begun by as_of, those of known members on a named tier."""
    row, member, today = _membership.c, member_journey.c, literal(as_of, Date)
    started_on, ended_on = business_date(row.started_at), business_date(row.ended_at)
    return (
        select(
            member.member_no,
            cast(row.tier_code, known.tier).label("tier"),
            func.greatest(started_on, member.registered_on, type_=Date()).label("from_on"),
            case((ended_on <= today, ended_on)).label("ended_on"),
            try_cast(row.reason, REASON).label("reason"),
            func.coalesce(row.fee_paid_fen, 0).label("fee_fen"),
            func.row_number()
            .over(partition_by=member.member_no, order_by=(row.started_at, row.id))
            .label("place_in_order"),
        )
        .join_from(_membership, numbers, numbers.c.id == row.member_id)
        .join(member_journey, member.member_no == numbers.c.member_no)
        .where(started_on <= today, row.tier_code.is_not(None))
        .subquery("recorded")
    )


def _following(recorded: FromClause) -> FromClause:
    """Each ends when it is said to, or earlier when the next begins."""
    row = recorded.c
    next_from_on = func.lead(row.from_on, type_=Date()).over(**_in_order(row))
    until_on = func.greatest(row.from_on, func.least(row.ended_on, next_from_on), type_=Date())
    ends = case((row.ended_on.is_not(None) | next_from_on.is_not(None), until_on))
    return select(*row, next_from_on.label("next_from_on"), ends.label("until_on")).subquery("following")


def _changed(following: FromClause) -> Select[Any]:
    """What each changed, and how long the member has stayed on its tier."""
    row = following.c
    place, order = func.enum_code(row.tier), _in_order(row)
    before = func.lag(place).over(**order)
    highest_before = func.max(place).over(**order, rows=(None, -1))
    has_left = or_(
        func.coalesce(func.lag(row.reason).over(**order) == "lapse", False),
        func.coalesce(func.lag(row.until_on).over(**order) < row.from_on, False),
    )
    change = case(
        (row.reason == "lapse", LAPSED),
        (and_(place > 0, func.coalesce(highest_before, 0) == 0), JOINED),
        (and_(place > 0, has_left), RETURNED),
        (or_(before.is_(None), has_left), STARTED),
        (place == before, RENEWED),
        (place > before, ROSE),
        else_=FELL,
    )
    changed = select(*row, cast(change, CHANGE).label("change")).subquery("changed")
    row, order = changed.c, _in_order(changed.c)
    came_on = func.max(case((row.change != RENEWED, row.from_on)), type_=Date()).over(**order)
    goes_on = func.coalesce(func.lead(row.change).over(**order) == RENEWED, False)
    return select(*row, came_on.label("stay_from_on"), (~goes_on).label("stay_ends"))


def _standing(spells: FromClause, known: Tiers, as_of: date) -> Select[Any]:
    """Where members stand: before their first membership, on its tier while one runs, lapsed afterwards."""
    spell, member = spells.c, member_journey.c
    lapsed = known.place(LAPSED)
    on_tier = select(
        spell.member_no,
        case((spell.change == LAPSED, lapsed), else_=func.enum_code(spell.tier) + 1).label("standing"),
        spell.from_on,
    ).where(func.coalesce(spell.until_on > spell.from_on, True))
    left = select(spell.member_no, literal(lapsed), spell.until_on).where(
        spell.until_on.is_not(None), func.coalesce(spell.next_from_on > spell.until_on, True)
    )
    first = (
        select(spell.member_no, func.min(spell.from_on).label("from_on")).group_by(spell.member_no).subquery("first")
    )
    before = (
        select(member.member_no, literal(known.place(NONE)), member.registered_on)
        .select_from(member_journey.outerjoin(first, first.c.member_no == member.member_no))
        .where(func.coalesce(first.c.from_on > member.registered_on, True))
    )
    return merged(union_all(on_tier, left, before).subquery("stretch"), "standing", as_of)


def merged(stretches: FromClause, what: str, as_of: date) -> Select[Any]:
    """Stretches that tile each member's days, neighbours of one kind as one.

    stretches: member_no, `what`, from_on. Columns: the same and last_on, the day before the next or as_of.
    """
    row = stretches.c
    before = func.lag(row[what]).over(partition_by=row.member_no, order_by=row.from_on)
    follows = select(row.member_no, row[what], row.from_on, before.label("before")).subquery("follows")
    kept = select(follows).where(follows.c[what].is_distinct_from(follows.c.before)).subquery("kept")
    next_on = func.lead(kept.c.from_on, type_=Date()).over(partition_by=kept.c.member_no, order_by=kept.c.from_on)
    return select(
        kept.c.member_no,
        kept.c[what],
        kept.c.from_on,
        func.coalesce(add_days(next_on, -1), literal(as_of, Date)).label("last_on"),
    ).order_by(kept.c.member_no, kept.c.from_on)


def _in_order(row: Any) -> dict[str, Any]:
    return {"partition_by": row.member_no, "order_by": row.place_in_order}
