"""What the tree explorer asks: the largest branches of a scope, the way up to the root, what a scope comes to."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, select, true

from loanbook.referrals.growth_schema import member_outcome, member_place, tree_node
from loanbook.referrals.tree_node import counted
from loanbook.snapshot_schema import member_journey
from rules.filters import Definition, Horizon
from rules.trees import MOST_NODES, SUMMED, Scope

Rows = Select[*tuple[Any, ...]]


def asked(scope: Scope, definition: Definition, horizon: Horizon) -> dict[str, Rows]:
    """What the part on the tree shows."""
    told = {
        "nodes": nodes(scope, definition, horizon, most=MOST_NODES),
        "path": path(scope),
        "whole": whole(),
    }
    return told | ({"campaign": figures(scope, definition, horizon)} if scope.campaign else {})


def nodes(scope: Scope, definition: Definition, horizon: Horizon, *, most: int | None = None) -> Rows:
    """The members of a scope: with `most` those with the largest branches, every referrer of theirs among them.

    Grain: one row per member, in preorder.
    Columns: position, parent_position, member_id, level, referrals, depth; members, borrowers, mature, defaulted
    (count), value_fen, reward_fen, suspected: of the branch, as `tree_node` has them, and with own_ before the name of
    the member alone.
    Source: data-model.md, "Derived in the snapshot"; metrics.md, "level".
    """
    node = tree_node.c
    largest = select(node.position).where(_within(scope))
    if most is not None:
        largest = largest.order_by(node.members.desc(), node.position).limit(most)
    kept = largest.subquery("largest")
    own = counted(definition, horizon)
    return (
        select(
            node.position,
            node.parent_position,
            member_journey.c.member_id,
            node.level,
            node.referrals,
            node.depth,
            *(node[name] for name in SUMMED),
            *(own[name].label(f"own_{name}") for name in SUMMED),
        )
        .join_from(tree_node, kept, kept.c.position == node.position)
        .join(member_journey, member_journey.c.member_no == node.member_no)
        .join(member_outcome, member_outcome.c.member_no == node.member_no)
        .order_by(node.position)
    )


def path(scope: Scope) -> Rows:
    """The members from the root down to the one whose branch is shown.

    Grain: one row per member, the root first; none where no member is shown. Columns: member_id, level.
    """
    node, shown = tree_node.c, _place(scope)
    return (
        select(member_journey.c.member_id, node.level)
        .join_from(tree_node, member_journey, member_journey.c.member_no == node.member_no)
        .where(node.position <= shown, node.position + node.members > shown)
        .order_by(node.level)
    )


def whole() -> Rows:
    """What all trees come to.

    Grain: one row. Columns: as the branch's in `nodes`; value_fen, reward_fen, suspected are null where the book does
    not tell; trees (count).
    """
    node = tree_node.c
    return select(
        *(cast(func.sum(node[name]), BigInteger).label(name) for name in SUMMED),
        func.count().label("trees"),
    ).where(node.parent_position.is_(None))


def figures(scope: Scope, definition: Definition, horizon: Horizon) -> Rows:
    """What the members of a campaign come to; of a member and of all trees it is told by `nodes` and `whole`.

    Grain: one row. Columns: as `whole`.
    """
    own = counted(definition, horizon)
    return (
        select(*(cast(func.sum(own[name]), BigInteger).label(name) for name in SUMMED))
        .join_from(tree_node, member_outcome, member_outcome.c.member_no == tree_node.c.member_no)
        .where(_within(scope))
    )


def _within(scope: Scope) -> ColumnElement[bool]:
    node = tree_node.c
    if scope.member_id:
        shown = _place(scope)
        size = select(node.members).where(node.position == shown).scalar_subquery()
        return and_(node.position >= shown, node.position < shown + size)
    if scope.campaign:
        return node.inherited_campaign == scope.campaign
    return true()


def _place(scope: Scope) -> Any:
    """The position of the member whose branch is shown."""
    return select(member_place.c.position).where(member_place.c.member_id == scope.member_id).scalar_subquery()
