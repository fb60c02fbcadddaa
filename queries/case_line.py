"""The referral line of an applicant upward, and how the others repaid whom the line brought."""

from typing import Any

from sqlalchemy import BigInteger, Integer, Select, cast, func, select

from loanbook.referrals.growth_schema import member_outcome, tree_node
from loanbook.referrals.tree_node import counted
from loanbook.snapshot_schema import member_journey
from rules.filters import Definition, Horizon

Rows = Select[*tuple[Any, ...]]

_COUNTED = ("members", "borrowers", "mature", "defaulted")


def upward(member_id: str, definition: Definition, horizon: Horizon) -> Rows:
    """Who stands above an applicant in their referral tree, and what became of the others whom each of them brought.

    Grain: one row per member above, the applicant's own referrer first.
    Columns: member_id, level, steps (1: the referrer); own_borrowers, own_mature, own_defaulted (0 or 1: of their own
    first loan); members, borrowers, mature, defaulted: of those whom the member referred directly, without the one who
    leads on to the applicant. Mature: the first loan was observed for the horizon; defaulted: of those, within it.
    Source: metrics.md, "default rate at H", "level"; data-model.md, `member_journey`.
    """
    member, above = member_journey.c, _above(member_id)
    figures = counted(definition, horizon)
    applicant = member_journey.alias("applicant")
    others = (
        select(
            member.referrer_no,
            *(cast(func.sum(figures[name]), BigInteger).label(name) for name in _COUNTED),
        )
        .join_from(member_journey, member_outcome, member_outcome.c.member_no == member.member_no)
        .where(
            member.referrer_no.in_(select(above.c.member_no)),
            member.member_no.not_in(select(above.c.member_no)),
            member.member_id != member_id,
        )
        .group_by(member.referrer_no)
        .subquery("others")
    )
    shown = select(applicant.c.level).where(applicant.c.member_id == member_id).scalar_subquery()
    return (
        select(
            member.member_id,
            member.level,
            cast(shown - member.level, Integer).label("steps"),
            *(figures[name].label(f"own_{name}") for name in _COUNTED if name != "members"),
            *(cast(func.coalesce(others.c[name], 0), BigInteger).label(name) for name in _COUNTED),
        )
        .join_from(above, member_journey, member.member_no == above.c.member_no)
        .join(member_outcome, member_outcome.c.member_no == member.member_no)
        .outerjoin(others, others.c.referrer_no == member.member_no)
        .order_by(member.level.desc())
    )


def _above(member_id: str) -> Any:
    """The members above: their branches, which are ranges of positions, hold the applicant."""
    shown = tree_node.alias("shown")
    member = member_journey.alias("applicant")
    position = (
        select(shown.c.position)
        .join_from(shown, member, member.c.member_no == shown.c.member_no)
        .where(member.c.member_id == member_id)
        .scalar_subquery()
    )
    node = tree_node.c
    return (
        select(node.member_no)
        .where(node.position < position, node.position + node.members > position)
        .subquery("above")
    )
