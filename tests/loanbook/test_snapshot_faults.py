"""What breaks a refresh off (a kill, a full disk, another refresh, a bug) leaves what was served before."""

import multiprocessing
import os
import resource
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from loanbook import copying, reading_sqlite, snapshot, snapshots
from loanbook.snapshots import SnapshotError
from tests.loanbook.built import build, refused
from tests.loanbook.drawn_book import draw


def test_a_copy_that_is_not_equal_to_the_source_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")
    first = build(book, book.parent / "snapshots")
    whole = reading_sqlite.SqliteReader.streams

    def one_row_less(self: Any, table: Any, columns: Any, text_keys: Any) -> list[pa.RecordBatchReader]:
        [read] = whole(self, table, columns, text_keys)
        batches = [batch.slice(1) if table.name == "repayment" else batch for batch in read]
        return [pa.RecordBatchReader.from_batches(read.schema, batches)]

    monkeypatch.setattr(reading_sqlite.SqliteReader, "streams", one_row_less)
    with pytest.raises(
        SnapshotError, match=r'The copy of table "repayment" .* rows is 1 in the copy and 2 in the loan'
    ):
        build(book, book.parent / "snapshots")
    assert snapshots.current(tmp_path / "snapshots") == first.snapshot_id
    assert snapshots.ids(tmp_path / "snapshots") == [first.snapshot_id]


def test_a_bug_is_not_hidden_and_leaves_what_was_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")
    first = build(book, book.parent / "snapshots")
    monkeypatch.setattr(copying, "present_tables", lambda snapshot: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(book, book.parent / "snapshots")
    assert snapshots.current(tmp_path / "snapshots") == first.snapshot_id
    assert sorted(file.name for file in (tmp_path / "snapshots").glob("*.duckdb")) == [first.path.name]


def build_until_stopped(book: Path, as_text: str) -> None:
    def stop(stage: str, done: float) -> None:
        if stage == as_text:
            os._exit(9)

    build(book, book.parent / "snapshots", progress=stop)


def build_on_a_full_disk(book: Path, told: Any) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        build(book, book.parent / "snapshots")
    except SnapshotError as error:
        told.put(str(error))


def test_a_killed_refresh_leaves_what_was_served_and_its_leftovers_go_with_the_next(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    first = build(book, book.parent / "snapshots")
    process = multiprocessing.get_context("spawn").Process(target=build_until_stopped, args=(book, "Describing loans"))
    process.start()
    process.join()
    assert process.exitcode == 9
    folder = tmp_path / "snapshots"
    assert snapshots.current(folder) == first.snapshot_id
    assert list(folder.glob("building-*"))
    second = build(book, book.parent / "snapshots")
    assert not list(folder.glob("building-*"))
    assert second.snapshot_id != first.snapshot_id


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=build_on_a_full_disk, args=(book, told))
    process.start()
    sentence = told.get(timeout=60)
    process.join()
    assert sentence.startswith(f"The snapshot can't be written to {tmp_path / 'snapshots'}: ")
    assert "Make room there" in sentence
    assert snapshots.current(tmp_path / "snapshots") is None


def test_no_space_left_when_the_pointer_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "publish", full)
    assert "No space left on device" in refused(book, tmp_path / "snapshots")


def test_no_space_left_when_rows_are_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")

    def full(*_: object) -> int:
        said = 'TransactionContext Error: Failed to commit: Could not write file "x.wal": No space left on device'
        raise duckdb.TransactionException(said)

    monkeypatch.setattr(snapshot, "_copy", full)
    assert "No space left on device. Make room there" in refused(book, tmp_path / "snapshots")


def test_too_little_memory_is_told_apart_from_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")

    def large(written: duckdb.DuckDBPyConnection, *_: object) -> int:
        written.execute("SET memory_limit = '20MB'")
        written.execute("SELECT list(range) FROM range(10000000)")
        return 0

    monkeypatch.setattr(snapshot, "_copy", large)
    sentence = refused(book, tmp_path / "snapshots")
    assert "needs more memory for a refresh than the 4GB" in sentence
    assert "Make room" not in sentence


def test_only_one_refresh_at_a_time(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    refusals = []

    def refresh_again(stage: str, done: float) -> None:
        if stage == "Writing":
            process = multiprocessing.get_context("spawn").Process(target=build_twice, args=(book, told))
            process.start()
            refusals.append(told.get(timeout=60))
            process.join()

    told = multiprocessing.get_context("spawn").Queue()
    build(book, book.parent / "snapshots", progress=refresh_again)
    assert refusals == ["Another refresh of this loan database is running; wait until it is done."]


def build_twice(book: Path, told: Any) -> None:
    try:
        build(book, book.parent / "snapshots")
    except SnapshotError as error:
        told.put(str(error))
