"""Members: nobody refers themselves or comes round a circle, levels of rewards are distances, memberships follow on."""

from datetime import datetime
from typing import Any

import duckdb
import numpy as np
from sqlalchemy import Integer, Select, TableClause, func, literal, select

from loanbook import copied, schema
from loanbook.constructs import compiled
from loanbook.invariants.report import Report, Rule
from loanbook.referrals.referral_tree import ReferralTree
from loanbook.working import drop, work_table

_OPEN_END = datetime(9999, 12, 31)  # noqa: DTZ001, instants are naive UTC

_member, _membership, _reward = (copied.TABLES[name] for name in ("member", "membership", "reward"))


def find(report: Report, present: frozenset[str]) -> None:
    """Report what is wrong with memberships and in the referral tree."""
    if "membership" in present:
        _overlaps(report)
    if "member" not in present or not report.can_judge(_member.c.id, _member.c.referred_by_id):
        return
    own_referrer = _member.c.referred_by_id == _member.c.id
    report.judge(schema.member, [Rule("self_referral", own_referrer, "referred_by_id")])
    edges = work_table(report.snapshot, "referral_by_place", _edges())
    tree = _tree(report.snapshot, edges)
    places = tree.on_circles()
    if len(places):
        keys = _arrays(report.snapshot, select(edges.c.member_id).order_by(edges.c.place))["member_id"]
        report.add_keys(schema.member, "referral_cycle", keys[places])
    if "reward" in present:
        _levels(report, tree, edges)
    drop(report.snapshot, edges)


def _overlaps(report: Report) -> None:
    """Memberships that begin before any earlier one of the same member has ended."""
    row = _membership.c
    if not report.can_judge(row.member_id, row.started_at, row.ended_at):
        return
    earlier_end = func.max(func.coalesce(row.ended_at, _OPEN_END)).over(
        partition_by=row.member_id, order_by=(row.started_at, row.id), rows=(None, -1)
    )
    periods = select(row.id, row.started_at, earlier_end.label("earlier_end")).where(row.member_id.is_not(None))
    period = periods.subquery().c
    overlapping = select(period.id).where(period.started_at < period.earlier_end)
    report.add(schema.membership, "membership_overlap", report.count(overlapping), overlapping)


def _edges() -> Select[Any]:
    """Each member once, with their referrer unless it is themselves, at a place counted from 0."""
    referrer_id = func.min(_member.c.referred_by_id).filter(_member.c.referred_by_id != _member.c.id)
    members = select(_member.c.id.label("member_id"), referrer_id.label("referrer_id"))
    once = members.where(_member.c.id.is_not(None)).group_by(_member.c.id).subquery()
    place = func.row_number().over() - literal(1, Integer)
    return select(once.c.member_id, once.c.referrer_id, place.label("place"))


def _tree(snapshot: duckdb.DuckDBPyConnection, edges: TableClause) -> ReferralTree:
    referrer = edges.alias("referrer")
    pairs = select(edges.c.place.label("below"), referrer.c.place.label("above"))
    [(members,)] = snapshot.execute(*compiled(select(func.count()).select_from(edges))).fetchall()
    found = _arrays(snapshot, pairs.join_from(edges, referrer, referrer.c.member_id == edges.c.referrer_id))
    return ReferralTree(members, found["below"], found["above"])


def _levels(report: Report, tree: ReferralTree, edges: TableClause) -> None:
    """Rewards of referrers whose level is not the distance to the referee."""
    row = _reward.c
    if not report.can_judge(row.id, row.side, row.beneficiary_id, row.referee_id, row.level):
        return
    upper, lower = edges.alias("upper"), edges.alias("lower")
    nobody = literal(tree.members, Integer)
    places = (
        select(
            row.id.label("reward_id"),
            func.coalesce(upper.c.place, nobody).label("upper"),
            func.coalesce(lower.c.place, nobody).label("lower"),
            row.level.label("steps"),
        )
        .select_from(_reward)
        .outerjoin(upper, upper.c.member_id == row.beneficiary_id)
        .outerjoin(lower, lower.c.member_id == row.referee_id)
        .where(row.side == "referrer", row.level.is_not(None), row.id.is_not(None))
    )
    found = _arrays(report.snapshot, places)
    right = tree.is_above(found["upper"], found["lower"], found["steps"])
    report.add_keys(schema.reward, "reward_level", found["reward_id"][~right])


def _arrays(snapshot: duckdb.DuckDBPyConnection, statement: Select[Any]) -> dict[str, Any]:
    """The columns of a statement, none of which holds a null."""
    columns: dict[str, Any] = snapshot.execute(*compiled(statement)).fetchnumpy()
    return {name: np.asarray(values) for name, values in columns.items()}
