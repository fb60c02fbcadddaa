"""Each member's place in the tree laid out in preorder, with what its branch comes to; and the shape of each tree."""

from collections.abc import Iterable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import ColumnElement, Integer, Select, TableClause, case, cast, column, func, literal, select, table

from loanbook.referrals.growth_schema import member_outcome, referral_tree, tree_node
from loanbook.referrals.preorder import NOBODY, Forest, Ints, lay_out
from loanbook.snapshot_schema import member_journey
from loanbook.working import columns, drop, keep_table, run, work_table
from rules.filters import Definition, Horizon


def build(snapshot: duckdb.DuckDBPyConnection, definition: Definition, horizon: Horizon) -> None:
    """Fill `tree_node` and `referral_tree` from `member_journey` and `member_outcome`.

    Grain: one row per member, one per tree of two and more. What the book does not tell is null throughout.
    Formula: the sums of a branch are differences of running sums over the preorder; default by the definition and the
    horizon with which the pages open.
    Source: metrics.md, "level", "structural virality"; data-model.md, `member_journey`.
    """
    member = member_journey.c
    referrers = _of_members(snapshot, member.member_no, func.coalesce(member.referrer_no, 0) - 1)
    forest = lay_out(referrers)
    distances, too_large = forest.distances()
    nodes = {
        "position": _narrow(np.arange(len(referrers))),
        "member_no": _narrow(forest.rows + 1),
        "parent_position": _narrow(forest.parents, forest.parents == NOBODY),
        "level": _narrow(forest.levels),
        "members": _narrow(forest.sizes),
        "referrals": _narrow(forest.referrals),
        "depth": _narrow(forest.depths),
        "distances": pa.array(distances, mask=too_large),
        **dict(_sums(snapshot, forest, definition, horizon)),
    }
    campaigns = work_table(snapshot, "campaign_number", _campaigns())
    came_by = _of_members(snapshot, *_numbered(campaigns))[forest.rows]
    snapshot.register("laid_out", pa.table({**nodes, "campaign_no": _narrow(came_by)}))
    laid = table("laid_out", *(column(name, Integer) for name in (*nodes, "campaign_no")))
    rows = select(*(laid.c[name] for name in nodes), campaigns.c.inherited_campaign)  # in the order of the positions
    keep_table(
        snapshot, tree_node, rows.select_from(laid.outerjoin(campaigns, campaigns.c.number == laid.c.campaign_no))
    )
    snapshot.unregister("laid_out")
    drop(snapshot, campaigns)
    _fill_trees(snapshot, forest, distances, too_large)


def _campaigns() -> Select[Any]:
    """The campaigns that members came by, numbered: to be laid out as numbers."""
    named = select(member_journey.c.inherited_campaign).distinct().subquery("named").c
    return select(named.inherited_campaign, func.row_number().over().label("number")).where(
        named.inherited_campaign.is_not(None)
    )


def _numbered(campaigns: TableClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Each member's number, and that of the campaign; 0 for none."""
    member = member_journey.alias("bearer")
    joined = member.outerjoin(campaigns, campaigns.c.inherited_campaign == member.c.inherited_campaign)
    number = func.coalesce(campaigns.c.number, 0).label("number")
    row = select(member.c.member_no, number).select_from(joined).subquery("numbered").c
    return row.member_no, row.number


def _sums(
    snapshot: duckdb.DuckDBPyConnection, forest: Forest, definition: Definition, horizon: Horizon
) -> Iterable[tuple[str, pa.Array]]:
    """What each branch comes to, one after another, so that only one is held as it is summed."""
    for name, value in counted(definition, horizon).items():
        if name == "members":
            continue
        if not _told(snapshot, value):
            yield name, pa.nulls(len(forest.rows), pa.int64())
            continue
        summed = _branch(snapshot, forest, value)
        yield name, pa.array(summed) if name.endswith("_fen") else _narrow(summed)


def counted(definition: Definition, horizon: Horizon) -> dict[str, ColumnElement[Any]]:
    """What is counted of each member, from `member_outcome`: null where the book does not tell it of anybody."""
    outcome = member_outcome.c
    months, default_month = horizon.months, outcome[f"default_month_{definition}"]
    mature = outcome.final_observed if months is None else outcome.observed_months >= months
    defaulted = default_month.is_not(None) if months is None else default_month <= months
    return {
        "members": literal(1, Integer),
        "borrowers": _flag(outcome.loan_no.is_not(None)),
        "mature": _flag(mature),
        "defaulted": _flag(mature & defaulted),
        "value_fen": outcome.value_so_far_fen,
        "reward_fen": outcome.reward_fen,
        "suspected": cast(outcome.suspected, Integer),
    }


def _branch(snapshot: duckdb.DuckDBPyConnection, forest: Forest, value: ColumnElement[Any]) -> Ints:
    return forest.in_branch(_of_members(snapshot, member_outcome.c.member_no, func.coalesce(value, 0))[forest.rows])


def _of_members(snapshot: duckdb.DuckDBPyConnection, member_no: ColumnElement[Any], value: ColumnElement[Any]) -> Ints:
    """A value of every member, by member_no from 1 on."""
    found = columns(snapshot, select(member_no.label("member_no"), value.label("value")))
    values = np.empty(len(found["value"]), dtype=np.int64)
    values[found["member_no"] - 1] = found["value"]
    return values


def _told(snapshot: duckdb.DuckDBPyConnection, value: ColumnElement[Any]) -> bool:
    return bool(run(snapshot, select(literal(1)).select_from(member_outcome).where(value.is_not(None)).limit(1)))


def _flag(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((condition, literal(1, Integer)), else_=literal(0, Integer))


def _narrow(values: Any, mask: Any = None) -> pa.Array:
    return pa.array(values.astype(np.int32), mask=mask)


def _fill_trees(snapshot: duckdb.DuckDBPyConnection, forest: Forest, distances: Ints, too_large: Any) -> None:
    roots = np.flatnonzero((forest.parents == NOBODY) & (forest.sizes > 1))
    levels = forest.in_branch(forest.sizes) - forest.sizes  # each member stands in as many branches as levels below
    leaves = forest.in_branch((forest.referrals == 0).astype(np.int64))
    trees = {
        "root_no": _narrow(forest.rows[roots] + 1),
        "members": _narrow(forest.sizes[roots]),
        "depth": _narrow(forest.depths[roots]),
        "levels": pa.array(levels[roots]),
        "leaves": _narrow(leaves[roots]),
        "distances": pa.array(distances[roots], mask=too_large[roots]),
    }
    snapshot.register("trees_found", pa.table(trees))
    found = table("trees_found", *(column(name, referral_tree.c[name].type) for name in trees))
    keep_table(snapshot, referral_tree, select(*found.columns).order_by(found.c.root_no))
    snapshot.unregister("trees_found")
