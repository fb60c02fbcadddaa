"""What members brought in before something happened to them, and after it: what each has brought in so far, walked."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import BigInteger, Date, FromClause, Select, TableClause, column, literal, select, table

from loanbook import days
from loanbook.constructs import month_number
from loanbook.members.worth_schema import member_value
from loanbook.referrals.preorder import Ints
from loanbook.working import columns, run, work_table
from rules.worth import COSTS, INCOME

_NAMES = ("trial_no", "before_fen", "after_fen")


def find(snapshot: duckdb.DuckDBPyConnection, occasions: FromClause, months: int) -> TableClause:
    """The work table of contributions around occasions (trial_no from 1 on, member_no, occurred_on).

    Grain: one row per occasion. Columns: trial_no; before_fen, of the months before that of the occasion; after_fen, of
    so many months after it, as far as they have come.
    """
    row = occasions.c
    found = columns(snapshot, select(row.trial_no, row.member_no, month_number(row.occurred_on).label("month_no")))
    member_no, month_no = found["member_no"], found["month_no"]
    ends = run(snapshot, select(member_value.c.month_end).distinct().order_by(member_value.c.month_end))
    month_ends = np.array([month_end.toordinal() for (month_end,) in ends], dtype=np.int64)
    before, since, after = (_Asked(month_no + later, member_no) for later in (-1, 0, months))
    so_far = np.zeros(int(member_no.max(initial=0)) + 1, dtype=np.int64)
    for month_end, number in zip(month_ends, days.month_numbers(month_ends), strict=True):
        for asked in (before, since, after):
            asked.tell(so_far, int(number))
        value = columns(snapshot, _contributions(date.fromordinal(int(month_end))))
        known = value["member_no"] < len(so_far)
        so_far[value["member_no"][known]] += value["fen"][known]
    told = {
        "trial_no": found["trial_no"],
        "before_fen": before.told(so_far),
        "after_fen": after.told(so_far) - since.told(so_far),
    }
    snapshot.register("contribution_found", pa.table(told))
    rows = table("contribution_found", *(column(name, BigInteger) for name in _NAMES))
    kept = work_table(snapshot, "contribution_around", select(*rows.c))
    snapshot.unregister("contribution_found")
    return kept


class _Asked:
    """What members had brought in by the end of a month that is their own: told as the months pass."""

    def __init__(self, month_no: Ints, member_no: Ints) -> None:
        self._order = np.argsort(month_no, kind="stable")
        self._month_no, self._member_no = month_no[self._order], member_no[self._order]
        self._fen = np.zeros(len(month_no), dtype=np.int64)
        self._told = 0

    def tell(self, so_far: Ints, month_no: int) -> None:
        """Before a month is counted, of all who ask about a month before it."""
        self._until(so_far, int(np.searchsorted(self._month_no, month_no)))

    def told(self, so_far: Ints) -> Ints:
        """Everybody's answer, in the order in which they asked; all months are counted."""
        self._until(so_far, len(self._fen))
        answer = np.empty_like(self._fen)
        answer[self._order] = self._fen
        return answer

    def _until(self, so_far: Ints, place: int) -> None:
        self._fen[self._told : place] = so_far[self._member_no[self._told : place]]
        self._told = place


def _contributions(month_end: date) -> Select[Any]:
    """What came in of each member in a month, less what was spent."""
    value, nothing = member_value.c, literal(0, BigInteger)
    fen = sum((value[part.column] for part in INCOME), nothing) - sum((value[part.column] for part in COSTS), nothing)
    return select(value.member_no, fen.label("fen")).where(value.month_end == literal(month_end, Date))
