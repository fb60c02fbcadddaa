"""The referral line of an applicant upward, and how the others repaid whom the line brought."""

from typing import Any

from sqlalchemy import CTE, BigInteger, Integer, Select, cast, func, select

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
    member, applicant = member_journey.c, _applicant(member_id)
    above = _above(applicant)
    figures = counted(definition, horizon)
    others = (
        select(
            member.referrer_no,
            *(cast(func.sum(figures[name]), BigInteger).label(name) for name in _COUNTED),
        )
        .join_from(member_journey, member_outcome, member_outcome.c.member_no == member.member_no)
        .where(
            member.referrer_no.in_(select(above.c.member_no)),
            member.member_no.not_in(select(above.c.member_no)),
            member.member_no.not_in(select(applicant.c.member_no)),
        )
        .group_by(member.referrer_no)
        .subquery("others")
    )
    steps = func.max(member.level).over() + 1 - member.level  # the referrer stands lowest of all above
    return (
        select(
            member.member_id,
            member.level,
            cast(steps, Integer).label("steps"),
            *(figures[name].label(f"own_{name}") for name in _COUNTED if name != "members"),
            *(cast(func.coalesce(others.c[name], 0), BigInteger).label(name) for name in _COUNTED),
        )
        .join_from(above, member_journey, member.member_no == above.c.member_no)
        .join(member_outcome, member_outcome.c.member_no == member.member_no)
        .outerjoin(others, others.c.referrer_no == member.member_no)
        .order_by(member.level.desc())
    )


def _applicant(member_id: str) -> CTE:
    """The number of a member, found once: their key is a text, which takes longest to find."""
    return select(member_journey.c.member_no).where(member_journey.c.member_id == member_id).cte("applicant")


def _above(applicant: CTE) -> CTE:
    """The members above: their branches, which are ranges of positions, hold the applicant."""
    shown, node = tree_node.alias("shown"), tree_node.c
    position = select(shown.c.position).where(shown.c.member_no.in_(select(applicant.c.member_no))).scalar_subquery()
    return select(node.member_no).where(node.position < position, node.position + node.members > position).cte("above")
