"""Whom each member descends from: referrer, root, sizes of branch and tree, the campaign that was handed down."""

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import ColumnElement, Integer, Select, TableClause, cast, func, select

from loanbook import copied
from loanbook.referrals.generations import NOBODY
from loanbook.referrals.preorder import Forest, Places, lay_out
from loanbook.working import narrow_columns

_member = copied.TABLES["member"]


def find(snapshot: duckdb.DuckDBPyConnection, members: TableClause, levels: TableClause) -> pa.Table:
    """Each member's place in the referral tree, by number.

    members: as `member_number` has them; levels: `referral_levels`.
    Grain: one row per member. Columns: member_no, referrer_no (null for a root), root_no, level, subtree_size,
    tree_size, referrals; bringer_no: the member, else the nearest referrer above, who came by a campaign (null where
    none did).
    Formula: the tree is what is left once cycles are cut, among the members alone: whose referrer is not one of them
    is a root.
    """
    found = narrow_columns(snapshot, _edges(members, levels))
    referrers = np.empty(len(found["member_no"]), dtype=np.int32)
    referrers[found["member_no"] - 1] = found["referrer_no"] - 1  # rows are numbers less 1, and nobody's 0 is NOBODY
    forest = lay_out(referrers)
    bears = np.zeros(len(referrers), dtype=bool)
    bears[narrow_columns(snapshot, _bearers(members))["member_no"] - 1] = True
    numbers: Places = forest.rows + np.int32(1)
    roots = _roots(forest)
    bringers = _nearest(forest.parents, bears[forest.rows])
    return pa.table(
        {
            "member_no": numbers,
            "referrer_no": _or_null(numbers, forest.parents),
            "root_no": numbers[roots],
            "level": forest.levels,
            "subtree_size": forest.sizes,
            "tree_size": forest.sizes[roots],
            "referrals": forest.referrals,
            "bringer_no": _or_null(numbers, bringers),
        }
    )


def _edges(members: TableClause, levels: TableClause) -> Select[Any]:
    """Each member with the referrer's number, 0 for none. (Sorting them here would take as long as all the rest.)"""
    referrer = members.alias("referrer")
    pair: tuple[ColumnElement[Any], ...] = (
        cast(members.c.member_no, Integer).label("member_no"),
        cast(func.coalesce(referrer.c.member_no, 0), Integer).label("referrer_no"),
    )
    return (
        select(*pair)
        .select_from(members)
        .outerjoin(levels, levels.c.member_id == members.c.id)
        .outerjoin(referrer, referrer.c.id == levels.c.referrer_id)
    )


def _bearers(members: TableClause) -> Select[Any]:
    """The numbers of those who came by a campaign themselves."""
    return (
        select(members.c.member_no)
        .join_from(members, _member, _member.c.id == members.c.id)
        .where(_member.c.campaign_id.is_not(None))
    )


def _roots(forest: Forest) -> Places:
    """The position of each position's root: in preorder the last root up to it."""
    own = np.arange(len(forest.rows), dtype=np.int32)
    roots: Places = np.maximum.accumulate(np.where(forest.parents == NOBODY, own, 0))
    return roots


def _nearest(parents: Places, bears: npt.NDArray[np.bool_]) -> Places:
    """The nearest position at or above each that bears something; NOBODY where none does. Steps are doubled."""
    nobody = np.int32(len(parents))  # a place of its own, which leads to itself
    own = np.arange(len(parents) + 1, dtype=np.int32)
    above = np.where(np.append(bears, True), own, np.append(np.where(parents == NOBODY, nobody, parents), nobody))
    while not np.array_equal(further := above[above], above):
        above = further
    nearest: Places = np.where(above[:-1] == nobody, np.int32(NOBODY), above[:-1])
    return nearest


def _or_null(numbers: Places, positions: Places) -> pa.Array:
    """The numbers at positions, null where nobody stands."""
    nobody = positions == NOBODY
    return pa.array(numbers[np.where(nobody, 0, positions)] if len(numbers) else numbers, mask=nobody)
