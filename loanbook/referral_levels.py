"""Each member's level in the referral tree: the distance to its root. Cycles are cut, never walked round."""

from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import Integer, Select, TableClause, func, literal, select, update

from loanbook import copied
from loanbook.working import drop, run, work_table

Key = int | str
Referrers = dict[Key, tuple[Key, datetime | None]]  # a member's referrer, and when the member registered

_member = copied.TABLES["member"]


def build(snapshot: duckdb.DuckDBPyConnection) -> TableClause:
    """The work table of levels.

    Grain: one row per member. Columns: member_id, referrer_id (null for a root), level (0 = root).
    Formula: who has no referrer, or one that the book does not hold, is a root; a cycle is cut at its earliest edge,
    so the member of it who registered first is a root too.
    """
    recorded = work_table(snapshot, "referral_edge", edges())
    levels = work_table(snapshot, "referral_level", _levels(recorded))
    beyond = select(recorded.c.member_id, recorded.c.referrer_id, recorded.c.registered_at).where(
        recorded.c.member_id.not_in(select(levels.c.member_id))
    )
    unreached: Referrers = {member: (referrer, at) for member, referrer, at in run(snapshot, beyond)}
    if unreached:
        cut = earliest_of_cycles(unreached)
        run(snapshot, update(recorded).values(referrer_id=None).where(recorded.c.member_id.in_(cut)))
        drop(snapshot, levels)
        levels = work_table(snapshot, "referral_level", _levels(recorded))
    drop(snapshot, recorded)
    return levels


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


def _levels(edges: TableClause) -> Select[Any]:
    edge = edges.c
    roots = select(edge.member_id, edge.referrer_id, literal(0, Integer).label("level"))
    tree = roots.where(edge.referrer_id.is_(None)).cte("tree", recursive=True)
    referred = select(edge.member_id, edge.referrer_id, tree.c.level + 1)
    tree = tree.union_all(referred.join_from(edges, tree, edge.referrer_id == tree.c.member_id))
    return select(tree.c.member_id, tree.c.referrer_id, tree.c.level)
