"""Each member's place in the referral tree: how far from the root, under which root, how many stand below."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Integer, Select, String, TableClause, cast, column, func, insert, literal, select, table

from loanbook.constructs import compiled
from loanbook.snapshot_schema import member_tree
from loanbook.working import drop, run, work_table

Positions = npt.NDArray[np.int64]


def fill(snapshot: duckdb.DuckDBPyConnection, levels: TableClause) -> None:
    """Fill `member_tree` from the work table of `referral_levels`.

    Grain: one row per member. Columns: those of `member_tree`.
    Formula: the tree is what is left once cycles are cut; a subtree holds its member and everybody below.
    Source: data-model.md, `member_journey`.
    """
    placed = work_table(snapshot, "tree_place", _placed(levels))
    text, values = compiled(_with_parents(placed))
    found = snapshot.sql(text, params=values).to_arrow_table()
    drop(snapshot, placed)
    level, ids = found["level"], found["member_id"]
    roots, sizes = roots_and_sizes(found["parent"].to_numpy(), _starts(level.to_numpy()))
    columns = [ids, level, ids.take(pa.array(roots)), pa.array(sizes), pa.array(sizes[roots])]
    names = member_tree.columns.keys()
    snapshot.register("member_placed", pa.table(dict(zip(names, columns, strict=True))))
    source = table("member_placed", *(column(name) for name in names))
    run(snapshot, insert(member_tree).from_select(names, select(*source.columns)))
    snapshot.unregister("member_placed")


def roots_and_sizes(parents: Positions, starts: Sequence[int]) -> tuple[Positions, Positions]:
    """The root of each member and the size of each subtree, by place: members stand level by level.

    `parents` are the places of the referrers, a root's its own; `starts` says where each level begins, and ends with
    the number of members. Each level is one step down for the roots and one step up for the sizes.
    """
    roots, sizes = parents.copy(), np.ones(len(parents), dtype=np.int64)
    spans = [slice(first, last) for first, last in pairwise(starts)]
    for span in spans[1:]:
        roots[span] = roots[parents[span]]
    for above, span in reversed(list(pairwise(spans))):
        below = np.bincount(parents[span] - above.start, weights=sizes[span], minlength=above.stop - above.start)
        sizes[above] += below.astype(np.int64)
    return roots, sizes


def _starts(levels: npt.NDArray[Any]) -> list[int]:
    """Where each level begins among members in the order of their levels, and how many members there are."""
    deepest = int(levels.max(initial=-1))
    return [int(start) for start in np.searchsorted(levels, np.arange(deepest + 2))]


def _placed(levels: TableClause) -> Select[Any]:
    """Members numbered from 0, level by level."""
    place = func.row_number().over(order_by=(levels.c.level, levels.c.member_id)) - literal(1, Integer)
    return select(levels.c.member_id, levels.c.referrer_id, levels.c.level, place.label("place"))


def _with_parents(placed: TableClause) -> Select[Any]:
    """Members in the order of their places, each with the place of the referrer, a root with its own."""
    parent = placed.alias("parent")
    return (
        select(
            cast(placed.c.member_id, String).label("member_id"),
            placed.c.level,
            func.coalesce(parent.c.place, placed.c.place).label("parent"),
        )
        .select_from(placed.outerjoin(parent, parent.c.member_id == placed.c.referrer_id))
        .order_by(placed.c.place)
    )
