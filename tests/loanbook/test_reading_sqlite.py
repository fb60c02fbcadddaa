"""SQLite lets any value into any column and anyone into the file: what is refused, and what a writer does."""

import subprocess
import sys
from pathlib import Path

import pytest

from loanbook import connection, schema
from loanbook.snapshots import SnapshotError
from tests.loanbook.built import build, refused, rows
from tests.loanbook.drawn_book import draw


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "UPDATE loan SET principal = 'much' WHERE id = 22",
            'table "loan", column "principal": 1 value(s) are not a number: id 22 ("much").',
        ),
        (
            "UPDATE loan SET term_months = 1.5",
            'table "loan", column "term_months": 2 value(s) are not a whole number: id 21 ("1.5"); id 22 ("1.5").',
        ),
        (
            "UPDATE instalment SET due_on = '2024-02-30' WHERE number = 2",
            'table "instalment", column "due_on": 1 value(s) are no date that exists: loan_id 21, number 2 '
            '("2024-02-30").',
        ),
        (
            "UPDATE repayment SET paid_at = 'soon'",
            'table "repayment", column "paid_at": 2 value(s) are no date that exists: id 31 ("soon"); id 32 ("soon").',
        ),
        (
            "UPDATE loan SET disbursed_at = X'FF00' WHERE id = 22",
            'table "loan", column "disbursed_at": 1 value(s) are not a date: id 22 ("X\'FF00\'").',
        ),
        (
            "UPDATE member SET birth_year = 70000 WHERE id = 3",
            'table "member", column "birth_year": 1 value(s) are out of range: id 3 ("70000").',
        ),
        (
            "UPDATE loan SET member_id = 1.25 WHERE id = 21",
            'table "loan", column "member_id": 1 value(s) are not a whole number or a text: id 21 ("1.25").',
        ),
        (
            "UPDATE product SET name_zh = CAST(x'ff' AS TEXT)",
            'table "product"',
        ),
    ],
)
def test_values_of_a_wrong_type_are_refused_with_their_rows(tmp_path: Path, change: str, sentence: str) -> None:
    assert sentence in refused(draw(tmp_path / "book.sqlite", change), tmp_path / "snapshots")


def written_elsewhere(book: Path, *changes: str) -> str:
    """Change a book from a process of its own, as a lender's system does; what SQLite refused."""
    program = (
        "import sqlite3, sys\nfor sql in sys.argv[2:]: c = sqlite3.connect(sys.argv[1], 0); c.execute(sql); c.commit()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(book), *changes], capture_output=True, text=True)
    return done.stderr.strip().rpartition("\n")[2]


def test_a_writer_that_commits_in_the_middle_is_not_seen(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    assert written_elsewhere(book, "PRAGMA journal_mode = WAL") == ""
    refusals = []

    def write(stage: str, done: float) -> None:
        if stage == "Reading loan" and not refusals:
            more = "INSERT INTO repayment SELECT 99, 22, paid_at, 500, kind FROM repayment LIMIT 1"
            refusals.append(written_elsewhere(book, more, "UPDATE loan SET principal = 1"))

    built = build(book, tmp_path / "snapshots", progress=write)
    assert refusals == [""]
    assert rows(built, "SELECT id FROM repayment ORDER BY 1") == [(31,), (32,)]
    assert rows(built, "SELECT sum(principal_fen) FROM loan") == [(140001,)]
    assert rows(build(book, tmp_path / "snapshots"), "SELECT sum(principal_fen) FROM loan") == [(200,)]


def test_a_writer_without_wal_has_to_wait_until_the_read_is_over(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    refusals = []

    def write(stage: str, done: float) -> None:
        if stage == "Reading loan" and not refusals:
            refusals.append(written_elsewhere(book, "UPDATE loan SET principal = 1"))

    built = build(book, tmp_path / "snapshots", progress=write)
    assert refusals == ["sqlite3.OperationalError: database is locked"]
    assert rows(built, "SELECT sum(principal_fen) FROM loan") == [(140001,)]
    assert written_elsewhere(book, "UPDATE loan SET principal = 1") == ""


def test_a_table_that_can_not_be_read_is_a_sentence(tmp_path: Path) -> None:
    overflow = "abs(-9223372036854775807 - 1) AS principal"
    columns = ", ".join(overflow if column.name == "principal" else column.name for column in schema.loan.columns)
    view = f"CREATE VIEW loan AS SELECT {columns} FROM sold"
    sentence = refused(draw(tmp_path / "book.sqlite", "ALTER TABLE loan RENAME TO sold", view), tmp_path / "snapshots")
    assert sentence.startswith("The loan database's table \"loan\" can't be read: ")
    assert "integer overflow" in sentence


def test_a_source_that_has_gone_is_a_sentence(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    engine = connection.connect(f"sqlite:///{book}", None)
    engine.dispose()
    book.unlink()
    with pytest.raises(SnapshotError, match="The loan database can't be read: unable to open database file"):
        build(engine, tmp_path / "snapshots")
