"""Several connections see one state of a SQLite file, or there is only one of them."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loanbook import connection, reading_sqlite, schema, sqlite_state
from loanbook.snapshots import SnapshotError
from tests.loanbook.drawn_book import draw

WRITE = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('INSERT INTO seen VALUES (1)'); c.commit()"


LOCK = """
import sqlite3, sys
book = sqlite3.connect(sys.argv[1])
book.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
input()
"""


@pytest.fixture(params=["wal", "delete"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "book.sqlite") as book:
        book.execute(f"PRAGMA journal_mode = {request.param}")
        book.execute("CREATE TABLE seen (row)")
    book.close()
    return tmp_path / "book.sqlite"


@pytest.fixture(autouse=True)
def three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)


def seen(cursor: Any) -> int:
    cursor.execute("SELECT count(*) FROM seen")
    return int(cursor.fetchone()[0])


def written_before_each_look(file: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Another process commits each time that the second connection is about to take its state, so many times."""
    ask, left, reads = sqlite_state._ask, [times], [0]

    def asked(cursor: Any, sql: str) -> list[tuple[int, ...]]:
        reads[0] += sql == sqlite_state._READ
        if sql == sqlite_state._READ and reads[0] % 3 == 2 and left[0]:
            left[0] -= 1
            subprocess.run([sys.executable, "-c", WRITE, str(file)], capture_output=True)
        return ask(cursor, sql)

    monkeypatch.setattr(sqlite_state, "_ask", asked)


def test_a_connection_for_each_core_sees_one_state(file: Path) -> None:
    with sqlite_state.opened(str(file)) as cursors:
        assert [seen(cursor) for cursor in cursors] == [0, 0, 0]


@pytest.mark.parametrize("file", ["wal"], indirect=True)
def test_a_commit_between_two_connections_makes_all_begin_again(file: Path, monkeypatch: Any) -> None:
    written_before_each_look(file, monkeypatch, times=2)
    with sqlite_state.opened(str(file)) as cursors:
        assert [seen(cursor) for cursor in cursors] == [2, 2, 2]
        subprocess.run([sys.executable, "-c", WRITE, str(file)], check=True)
        assert [seen(cursor) for cursor in cursors] == [2, 2, 2]
    with sqlite_state.opened(str(file)) as cursors:
        assert seen(cursors[0]) == 3


@pytest.mark.parametrize("file", ["wal"], indirect=True)
def test_writers_that_leave_no_moment_leave_one_connection(file: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sqlite_state, "_TRIES", 2)
    written_before_each_look(file, monkeypatch, times=100)
    with sqlite_state.opened(str(file)) as cursors:
        assert [seen(cursor) for cursor in cursors] == [2]


def test_a_table_is_read_in_parts_that_hold_every_row_once(tmp_path: Path, monkeypatch: Any) -> None:
    changes = [f"UPDATE repayment SET rowid = {row} WHERE id = {key}" for key, row in ((31, -5), (32, 9))]
    book = draw(tmp_path / "book.sqlite", *changes, "CREATE VIEW viewed AS SELECT * FROM loan")
    monkeypatch.setattr(reading_sqlite, "_ROWS_WORTH_A_STREAM", 1)
    with reading_sqlite.opened(connection.connect(f"sqlite:///{book}", None)) as reader:
        streams = reader.streams(schema.repayment, [schema.repayment.c.id], frozenset())
        parts = [stream.read_all().column("id").to_pylist() for stream in streams]
        assert parts == [[31], [], [32]]
        [alone] = reader.streams(schema.tier, [schema.tier.c.rank], frozenset())
        assert alone.read_all().column("rank") == pa.chunked_array([[1]])


@pytest.mark.parametrize("file", ["delete"], indirect=True)
def test_a_file_that_stays_locked_is_a_sentence(file: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sqlite_state, "_PATIENCE_MILLISECONDS", 10)
    monkeypatch.setattr(sqlite_state, "_TRIES", 1)
    lock = [sys.executable, "-c", LOCK, str(file)]
    with subprocess.Popen(lock, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"locked\n"
        with (
            pytest.raises(SnapshotError, match=r"The loan database can't be read: .*database is locked"),
            sqlite_state.opened(str(file)),
        ):
            pass
        writer.communicate(b"on\n")
