"""Which members a selection holds: shared by every statement about members."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, select, true

from loanbook.snapshot_schema import member_journey
from queries.earliest import keeps
from rules.member_filters import MemberSelection


def passing(selection: MemberSelection, rows: FromClause = member_journey) -> ColumnElement[bool]:
    """Whether a member passes the filters: the date of registration and the kept values of every chosen dimension.

    `rows` may be any table that has the registration and the dimensions of a member on its rows. A dimension chosen
    twice keeps what both choices keep. Values are bound, never written into the statement.
    """
    member = rows.c
    first, last = selection.registered.first, selection.registered.last
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(member.registered_on >= first)
    if last is not None:
        conditions.append(member.registered_on <= last)
    return and_(true(), *conditions, keeps(rows, selection))


def among(member_no: ColumnElement[Any], selection: MemberSelection) -> ColumnElement[bool]:
    """Whether a row of a table without the dimensions is about a member who passes; no join where everybody does."""
    registered = selection.registered
    if not selection.choices and registered.first is None and registered.last is None:
        return true()
    return member_no.in_(select(member_journey.c.member_no).where(passing(selection)))
