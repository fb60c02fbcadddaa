"""Each member's level in the referral tree: the distance to its root. Cycles are cut, never walked round."""

from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import Integer, Select, TableClause, case, column, func, select, table

from loanbook import copied
from loanbook.referrals.generations import NOBODY, Generations, Ints, of_referrers, on_circles
from loanbook.working import columns, drop, run, work_table

Key = int | str
Referrers = dict[Key, tuple[Key, datetime | None]]  # a member's referrer, and when the member registered

_member = copied.TABLES["member"]


def build(snapshot: duckdb.DuckDBPyConnection) -> TableClause:
    """The work table of levels.

    Grain: one row per member. Columns: member_id, referrer_id (null for a root), level (0 = root).
    Formula: who has no referrer, or one that the book does not hold, is a root; a cycle is cut at its earliest edge,
    so the member of it who registered first is a root too. Levels are found from the roots down, in a step each (a
    recursive statement hashed every member anew on each level: seven times as long for ten million).
    """
    known = work_table(snapshot, "referral_edge", _numbered())
    reached = _reached(snapshot, known)
    snapshot.register("level_reached", pa.table({"row": reached.rows, "level": reached.levels()}))
    level = table("level_reached", column("row", Integer), column("level", Integer))
    referrer_id = case((level.c.level > 0, known.c.referrer_id))
    levels = work_table(
        snapshot,
        "referral_level",
        select(known.c.member_id, referrer_id.label("referrer_id"), level.c.level).join_from(
            known, level, level.c.row == known.c.row
        ),
    )
    snapshot.unregister("level_reached")
    drop(snapshot, known)
    return levels


def _reached(snapshot: duckdb.DuckDBPyConnection, known: TableClause) -> Generations:
    """All members level by level, cycles cut."""
    [(members,)] = run(snapshot, select(func.count()).select_from(known))
    found = columns(snapshot, _by_row(known))
    referrers = np.full(members, NOBODY, dtype=np.int32)
    referrers[found["row"]] = found["referrer_row"]
    reached = of_referrers(referrers)
    if len(reached.rows) == members:
        return reached
    referrers[_cut(snapshot, known, on_circles(referrers, reached))] = NOBODY
    return of_referrers(referrers)


def earliest_of_cycles(referrers: Referrers) -> list[Key]:
    """Of each cycle, the member who registered first, the smaller key on a tie.

    `referrers` holds members who lead to no root, so each one's referrer is in it too.
    """
    cut: list[Key] = []
    walked_from: dict[Key, Key] = {}
    for start in referrers:
        member = start
        while member not in walked_from:
            walked_from[member] = start
            member = referrers[member][0]
        if walked_from[member] == start:
            cut.append(_earliest(member, referrers))
    return cut


def _earliest(member: Key, referrers: Referrers) -> Key:
    cycle = [member]
    while (following := referrers[cycle[-1]][0]) != member:
        cycle.append(following)
    return min(cycle, key=lambda each: (referrers[each][1] is None, referrers[each][1], each))


def edges() -> Select[Any]:
    """Who was referred by whom, as recorded: one row per member; referrer_id is null where the book lacks them."""
    known = select(_member.c.id)
    referrer_id = func.min(_member.c.referred_by_id).filter(_member.c.referred_by_id.in_(known))
    return (
        select(
            _member.c.id.label("member_id"),
            referrer_id.label("referrer_id"),
            func.min(_member.c.registered_at).label("registered_at"),
        )
        .where(_member.c.id.is_not(None))
        .group_by(_member.c.id)
    )


def _numbered() -> Select[Any]:
    """The same with a row number from 0, in no order that matters."""
    edge = edges().subquery("edge").c
    return select((func.row_number().over() - 1).label("row"), edge.member_id, edge.referrer_id, edge.registered_at)


def _by_row(known: TableClause) -> Select[Any]:
    """The rows of those whose referrer the book holds, with the referrers' rows."""
    referrer = known.alias("referrer")
    return select(known.c.row, referrer.c.row.label("referrer_row")).join_from(
        known, referrer, referrer.c.member_id == known.c.referrer_id
    )


def _cut(snapshot: duckdb.DuckDBPyConnection, known: TableClause, circling: Ints) -> Ints:
    """The rows of those at whom cycles are cut, among those who stand on one."""
    snapshot.register("circling", pa.table({"row": pa.array(circling)}))
    on_circle = table("circling", column("row", Integer))
    edge = known.c
    rows = run(
        snapshot,
        select(edge.row, edge.member_id, edge.referrer_id, edge.registered_at).join_from(
            known, on_circle, on_circle.c.row == edge.row
        ),
    )
    snapshot.unregister("circling")
    row_of = {member: row for row, member, _referrer, _at in rows}
    cut = earliest_of_cycles({member: (referrer, at) for _row, member, referrer, at in rows})
    return np.array([row_of[member] for member in cut], dtype=np.int64)
