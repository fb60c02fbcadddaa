"""Each member's place in the tree laid out in preorder, with what its branch comes to; and the shape of each tree."""

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    TableClause,
    case,
    cast,
    column,
    func,
    literal,
    select,
    table,
)

from loanbook.referrals.generations import NOBODY
from loanbook.referrals.growth_schema import member_outcome, member_place, referral_tree, tree_node
from loanbook.referrals.preorder import Forest, Ints, lay_out
from loanbook.snapshot_schema import member_journey
from loanbook.working import drop, keep_table, narrow_columns, run, work_table
from rules.filters import Definition, Horizon


def build(snapshot: duckdb.DuckDBPyConnection, definition: Definition, horizon: Horizon) -> None:
    """Fill `tree_node`, `member_place` and `referral_tree` from `member_journey` and `member_outcome`.

    Grain: one row per member twice, one per tree of two and more. What the book does not tell is null throughout.
    Formula: the sums of a branch are differences of running sums over the preorder; default by the definition and the
    horizon with which the pages open.
    Source: metrics.md, "level", "structural virality"; data-model.md, `member_journey`.
    """
    campaigns = work_table(snapshot, "campaign_number", _campaigns())
    members = _by_number(snapshot, _members(campaigns))
    forest = lay_out(members.pop("referrer"))
    distances, too_large = forest.distances()
    nodes = {
        "position": pa.array(np.arange(len(forest.rows), dtype=np.int32)),
        "member_no": pa.array(forest.rows + np.int32(1)),
        "parent_position": pa.array(forest.parents, mask=forest.parents == NOBODY),
        "level": pa.array(forest.levels),
        "members": pa.array(forest.sizes),
        "referrals": pa.array(forest.referrals),
        "depth": pa.array(forest.depths),
        "distances": pa.array(distances, mask=too_large),
        **_sums(snapshot, forest, counted(definition, horizon)),
    }
    came_by = members.pop("campaign")[forest.rows]
    snapshot.register("laid_out", pa.table({**nodes, "campaign_no": pa.array(came_by)}))
    laid = table("laid_out", *(column(name, Integer) for name in (*nodes, "campaign_no")))
    rows = select(*(laid.c[name] for name in nodes), campaigns.c.inherited_campaign)  # in the order of the positions
    keep_table(
        snapshot, tree_node, rows.select_from(laid.outerjoin(campaigns, campaigns.c.number == laid.c.campaign_no))
    )
    snapshot.unregister("laid_out")
    drop(snapshot, campaigns)
    keep_table(snapshot, member_place, _by_id())
    _fill_trees(snapshot, forest, distances, too_large)


def _by_id() -> Select[Any]:
    """Where each id is found."""
    member = member_journey.c
    return (
        select(member.member_id, member.member_no, tree_node.c.position)
        .join_from(member_journey, tree_node, tree_node.c.member_no == member.member_no)
        .order_by(member.member_id)
    )


def _campaigns() -> Select[Any]:
    """The campaigns that members came by, numbered: to be laid out as numbers."""
    named = select(member_journey.c.inherited_campaign).distinct().subquery("named").c
    number = cast(func.row_number().over(), Integer).label("number")
    return select(named.inherited_campaign, number).where(named.inherited_campaign.is_not(None))


def _members(campaigns: TableClause) -> Select[Any]:
    """Each member's number, the row of the referrer (NOBODY for none), and the campaign's number (0 for none)."""
    member = member_journey.c
    return select(
        member.member_no.label("member_no"),
        (func.coalesce(member.referrer_no, literal(0, Integer)) - literal(1, Integer)).label("referrer"),
        func.coalesce(campaigns.c.number, literal(0, Integer)).label("campaign"),
    ).select_from(
        member_journey.outerjoin(campaigns, campaigns.c.inherited_campaign == member.inherited_campaign),
    )


def _sums(
    snapshot: duckdb.DuckDBPyConnection, forest: Forest, counts: dict[str, ColumnElement[Any]]
) -> dict[str, pa.Array]:
    """What each branch comes to."""
    nothing = pa.nulls(len(forest.rows), pa.int64())
    sums = dict.fromkeys((name for name in counts if name != "members"), nothing)
    told = [name for name in sums if _told(snapshot, counts[name])]
    number = {name: BigInteger() if name.endswith("_fen") else SmallInteger() for name in told}
    each = (cast(func.coalesce(counts[name], 0), number[name]).label(name) for name in told)
    found = _by_number(snapshot, select(member_outcome.c.member_no, *each))
    for name in told:
        summed = forest.in_branch(found.pop(name)[forest.rows])
        sums[name] = pa.array(summed if name.endswith("_fen") else summed.astype(np.int32))
    return sums


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


def _by_number(snapshot: duckdb.DuckDBPyConnection, statement: Select[Any]) -> dict[str, npt.NDArray[Any]]:
    """A statement's columns of every member, by its member_no from 1 on."""
    found = narrow_columns(snapshot, statement)
    row = found.pop("member_no") - 1
    by_number = {name: np.empty_like(values) for name, values in found.items()}
    for name, values in by_number.items():
        values[row] = found.pop(name)
    return by_number


def _told(snapshot: duckdb.DuckDBPyConnection, value: ColumnElement[Any]) -> bool:
    return bool(run(snapshot, select(literal(1)).select_from(member_outcome).where(value.is_not(None)).limit(1)))


def _flag(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((condition, literal(1, Integer)), else_=literal(0, Integer))


def _fill_trees(snapshot: duckdb.DuckDBPyConnection, forest: Forest, distances: Ints, too_large: Any) -> None:
    roots = np.flatnonzero((forest.parents == NOBODY) & (forest.sizes > 1))
    levels = forest.in_branch(forest.sizes) - forest.sizes  # each member stands in as many branches as levels below
    leaves = forest.in_branch(forest.referrals == 0)
    trees = {
        "root_no": forest.rows[roots] + np.int32(1),
        "members": forest.sizes[roots],
        "depth": forest.depths[roots],
        "levels": levels[roots],
        "leaves": leaves[roots].astype(np.int32),
        "distances": pa.array(distances[roots], mask=too_large[roots]),
    }
    snapshot.register("trees_found", pa.table(trees))
    found = table("trees_found", *(column(name, referral_tree.c[name].type) for name in trees))
    root = member_journey.c
    of_root = (found.c[each.name] if each.name in trees else root[each.name] for each in referral_tree.columns)
    rows = select(*of_root).join_from(found, member_journey, root.member_no == found.c.root_no)
    keep_table(snapshot, referral_tree, rows.order_by(found.c.root_no))
    snapshot.unregister("trees_found")
