"""A snapshot as of an earlier day of today's book says what the snapshot of that day said, of the book as it stood."""

import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loanbook import demo
from tests.loanbook import built

TODAY = date(2026, 11, 20)

# What has happened, by when: rows that were not there yet, and what rows did not say yet.
EVENTS = {
    "application": "applied_at",
    "loan": "disbursed_at",
    "member": "registered_at",
    "repayment": "paid_at",
    "schedule_change": "changed_at",
    "score": "scored_at",
}
UNSAID = {
    "closed_at": "closed_at = null, status = 'active'",
    "written_off_at": "written_off_at = null, closed_at = null, status = 'active'",
}
TABLES = ("loan_fact", "loan_state", "loan_month", "instalment_state")
# Numbers that only tell rows apart: the same loans and borrowers, counted among more of them today.
NUMBERS = {"borrower_no"}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("today") / "book.sqlite"
    demo.build(path, members=400, as_of=TODAY)
    return path


def as_it_stood(today: Path, path: Path, day: date) -> Path:
    """The book without what has happened after a day: moments are UTC, the day ends at 16:00 of it."""
    end = f"{datetime.combine(day, datetime.min.time()) + timedelta(hours=16)}"
    path.write_bytes(today.read_bytes())
    book = sqlite3.connect(path)
    for loan_id, number, old_due_on in book.execute(
        "select loan_id, number, old_due_on from schedule_change where changed_at >= ? order by changed_at desc", (end,)
    ).fetchall():
        book.execute("update instalment set due_on = ? where loan_id = ? and number = ?", (old_due_on, loan_id, number))
    for table, at in EVENTS.items():
        book.execute(f"delete from {table} where {at} >= ?", (end,))
    for at, change in UNSAID.items():
        book.execute(f"update loan set {change} where {at} >= ?", (end,))
    book.execute("update loan set defaulted_on = null where defaulted_on > ?", (f"{day}",))
    for table in ("instalment", "repayment", "month_state"):
        book.execute(f"delete from {table} where loan_id not in (select id from loan)")
    book.execute("update book_note set as_of = ?", (f"{day}",))
    book.commit()
    book.close()
    return path


def told(snapshot: Any, table: str) -> list[tuple[Any, ...]]:
    columns = [
        name
        for (name,) in built.rows(snapshot, f"select column_name from duckdb_columns() where table_name = '{table}'")
        if name not in NUMBERS
    ]
    return built.rows(snapshot, f"select {', '.join(columns)} from {table} order by all")


@pytest.mark.parametrize("days", [1, 31, 200])
def test_an_earlier_day_has_the_figures_that_it_had(today: Path, tmp_path: Path, days: int) -> None:
    day = TODAY - timedelta(days=days)
    now = built.build(today, tmp_path / "now", as_of=day)
    then = built.build(as_it_stood(today, tmp_path / "then.sqlite", day), tmp_path / "then")
    assert now.as_of == then.as_of == day
    assert now.loans == then.loans > 100
    assert now.rows > then.rows, "nothing has happened since"
    for table in TABLES:
        assert told(now, table) == told(then, table), table
