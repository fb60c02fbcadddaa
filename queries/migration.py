"""What the cards about members' moves ask: where members stood on two days, upgrades, stays, what came before moves."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from loanbook.constructs import days_between
from loanbook.members.movement_schema import member_state, membership_spell, move_window
from queries.members import among
from rules.member_filters import MemberSelection
from rules.migration import ENTERED, LAPSED, UPGRADES
from rules.moves import ACTIVITIES

Rows = Select[*tuple[Any, ...]]


def flows(selection: MemberSelection, first: date, last: date) -> Rows:
    """Members by their state at the end of one day and at the end of a later one.

    Grain: one row per pair of states that occurs. Columns: from_state ("entered": registered in between), to_state;
    from_place, to_place: their order, entered 0, none 1, then the tiers from the lowest up; members (count).
    Formula: who is in one stretch of a state on both days is counted there; of all others the two stretches are put
    together, few where the days are near each other. The states are those of `rules/migration.py`.
    Excludes: members registered after the last day; of the selection only the choices count, whenever registered.
    Source: metrics.md, "Tier migration".
    """
    state = member_state.c
    held, first_day, last_day = among(state.member_no, selection), literal(first, Date), literal(last, Date)
    on_first = and_(state.from_on <= first_day, state.last_on >= first_day)
    on_last = and_(state.from_on <= last_day, state.last_on >= last_day)
    stayed = (
        select(state.state.label("from_state"), state.state.label("to_state"), func.count().label("members"))
        .where(on_first, on_last, held)
        .group_by(state.state)
    )
    before = select(state.member_no, state.state).where(on_first, state.last_on < last_day, held).subquery("before")
    after = select(state.member_no, state.state).where(on_last, state.from_on > first_day, held).subquery("after")
    moved = (
        select(before.c.state, after.c.state, func.count())
        .select_from(after.outerjoin(before, before.c.member_no == after.c.member_no))
        .group_by(before.c.state, after.c.state)
    )
    both = union_all(stayed, moved).subquery("both")
    from_state = func.coalesce(cast(both.c.from_state, String), literal(ENTERED))
    return (
        select(
            from_state.label("from_state"),
            cast(both.c.to_state, String).label("to_state"),
            func.coalesce(func.enum_code(both.c.from_state) + 1, 0).label("from_place"),
            (func.enum_code(both.c.to_state) + 1).label("to_place"),
            cast(func.sum(both.c.members), BigInteger).label("members"),
        )
        .group_by(both.c.from_state, both.c.to_state)
        .order_by(both.c.from_state, both.c.to_state)
    )


def upgrades(selection: MemberSelection, first: date, last: date) -> Rows:
    """Upgrades by the tier that they lead to and by how it was reached.

    Grain: one row per tier, change and way that occurs. Columns: tier; change (one of `rules.migration.UPGRADES`); way
    ("paid": a fee was paid or the book says so; "task": reached without); upgrades (count), fee_fen.
    Excludes: what began on the first day or before, or after the last day; renewals.
    Source: metrics.md, "Tier migration".
    """
    spell = membership_spell.c
    way = case((or_(spell.fee_fen > 0, spell.reason == "paid"), literal("paid")), else_=literal("task"))
    keys = spell.tier, spell.change, way
    return (
        select(
            cast(spell.tier, String).label("tier"),
            cast(spell.change, String).label("change"),
            way.label("way"),
            func.count().label("upgrades"),
            cast(func.sum(spell.fee_fen), BigInteger).label("fee_fen"),
        )
        .where(spell.from_on > first, spell.from_on <= last, _is_upgrade(spell.change))
        .where(among(spell.member_no, selection))
        .group_by(*keys)
        .order_by(spell.tier, spell.change, "way")
    )


def stays(selection: MemberSelection, as_of: date) -> Rows:
    """Stays on a tier by how long they have lasted and whether they have ended.

    Grain: one row per tier, number of days and whether ended. Columns: tier; days; ended; stays (count).
    Formula: a stay runs from the day the member came to the tier to the day they left it, by whichever way; renewals
    prolong it. Stays that run at as_of are counted with the days until then, as not ended.
    Excludes: lapses, which are no tier.
    Source: metrics.md, "Tier migration", trap 1.
    """
    spell = membership_spell.c
    days = days_between(spell.stay_from_on, func.coalesce(spell.until_on, literal(as_of, Date)))
    ended = spell.until_on.is_not(None)
    return (
        select(cast(spell.tier, String).label("tier"), days.label("days"), ended.label("ended"),
               func.count().label("stays"))
        .where(spell.stay_ends, spell.change != LAPSED, among(spell.member_no, selection))
        .group_by(spell.tier, days, ended)
        .order_by(spell.tier, "days", "ended")
    )  # fmt: skip


def before_moves(selection: MemberSelection) -> Rows:
    """What members did in the days before an upgrade or a lapse, and like members who did not move.

    Grain: one row per kind of move, whether moved, tier before and quarters spent there. Columns: kind, moved,
    standing, stay_quarters; members (count); for each activity the members who did it (`<activity>_members`) and how
    often it was done (`<activity>`).
    Source: metrics.md, "Tier migration", trap 11.
    """
    row = move_window.c
    keys = row.kind, row.moved, row.standing, row.stay_quarters
    return (
        select(
            row.kind,
            row.moved,
            cast(row.standing, String).label("standing"),
            row.stay_quarters,
            func.count().label("members"),
            *(func.count().filter(row[activity] > 0).label(f"{activity}_members") for activity in ACTIVITIES),
            *(cast(func.sum(row[activity]), BigInteger).label(activity) for activity in ACTIVITIES),
        )
        .where(among(row.member_no, selection))
        .group_by(*keys)
        .order_by(*keys)
    )


def _is_upgrade(change: ColumnElement[Any]) -> ColumnElement[bool]:
    # One by one: DuckDB reads an IN list over an enum as text.
    return or_(*(change == upgrade for upgrade in UPGRADES))
