"""Drawn tables, and what `members.movement` makes of them; of what is derived before it, only what it reads."""

from collections.abc import Mapping
from datetime import date

import duckdb

from loanbook import standing
from loanbook.members import member_number, movement
from loanbook.working import create_tables, work_table
from tests.loanbook.derived import POLICY, Drawing, copies, rows

_BEFORE = ("rejected_row", "member_journey", "loan_state", "loan_month", "instalment_state")


def moved(
    as_of: date, tables: Mapping[str, Drawing], before: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory. tables: of the loan database, money in CNY; before: derived ones, in fen."""
    snapshot = copies(tables)
    create_tables(snapshot, *_BEFORE)
    numbers = member_number.build(snapshot, as_of)
    snapshot.execute(
        "INSERT INTO member_journey (member_no, member_id, registered_on, referrer_no) "
        "SELECT n.member_no, CAST(n.id AS VARCHAR), n.registered_on, r.member_no FROM numbered_member n "
        "JOIN member m ON m.id = n.id LEFT JOIN numbered_member r ON r.id = m.referred_by_id ORDER BY 1"
    )
    for name, drawing in (before or {}).items():
        for row in rows(drawing):
            marks = ", ".join("?" * len(row))
            snapshot.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    loans = work_table(snapshot, "loan_standing", standing.loans(as_of))
    movement.build(snapshot, numbers, loans, as_of, POLICY)
    return snapshot
