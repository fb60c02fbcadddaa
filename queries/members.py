"""Which members a selection holds: shared by every statement about members."""

from sqlalchemy import ColumnElement, FromClause, and_, true

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
