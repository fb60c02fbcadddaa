"""What is in force of each member, walked from day to day: one value a member in memory, however long the history."""

from typing import Any

import duckdb
import numpy as np
from sqlalchemy import ColumnElement, FromClause, select

from loanbook.constructs import ordinal
from loanbook.referrals.preorder import Ints
from loanbook.working import columns

NOTHING = int(np.iinfo(np.int64).min)  # in the place of a value: none is in force


class InForce:
    """A value of each member that holds from the day of a change until the next one."""

    def __init__(self, members: int, member_no: Ints, day: Ints, value: Ints) -> None:
        """The changes of so many members, NOTHING for an end. Of one member's on one day the last one stays."""
        order = np.argsort(day, kind="stable")
        self._member_no, self._day, self._value = (each[order] for each in (member_no, day, value))
        self._taken = 0
        self._now = np.full(members + 1, NOTHING, dtype=np.int64)

    def on(self, day: int) -> Ints:
        """The values on a day, by member_no; each time of a day that is not earlier. Valid until the next time."""
        until = int(np.searchsorted(self._day, day, side="right"))
        self._now[self._member_no[self._taken : until]] = self._value[self._taken : until]
        self._taken = max(self._taken, until)
        return self._now


def in_force_of(
    snapshot: duckdb.DuckDBPyConnection, members: int, changes: FromClause, value: ColumnElement[Any]
) -> InForce:
    """A value of so many members, from rows with member_no and from_on."""
    row = changes.c
    found = columns(snapshot, select(row.member_no, ordinal(row.from_on).label("day"), value.label("value")))
    return InForce(members, found["member_no"], found["day"], found["value"])


def gathered(member_no: Ints, members: int) -> tuple[Ints, Ints]:
    """The members that occur, in their order, and for each occurrence the place of its member among them."""
    occurs = np.zeros(members + 1, dtype=bool)
    occurs[member_no] = True
    found = np.flatnonzero(occurs)
    place = np.empty(members + 1, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[member_no]


def summed(fen: Ints, place: Ints, places: int) -> Ints:
    """Sums by place; doubles hold them exactly up to 2 ** 53, which is more fen than there are."""
    return np.bincount(place, weights=fen, minlength=places).astype(np.int64)
