"""Which members a selection holds: shared by every statement about members."""

from sqlalchemy import ColumnElement, and_, true

from loanbook.snapshot_schema import member_journey
from queries.earliest import keeps
from rules.member_filters import MemberSelection


def passing(selection: MemberSelection) -> ColumnElement[bool]:
    """Whether a member passes the filters: the date of registration and the kept values of every chosen dimension.

    A dimension chosen twice keeps what both choices keep. Values are bound, never written into the statement.
    """
    member = member_journey.c
    first, last = selection.registered.first, selection.registered.last
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(member.registered_on >= first)
    if last is not None:
        conditions.append(member.registered_on <= last)
    return and_(true(), *conditions, keeps(member_journey, selection))
