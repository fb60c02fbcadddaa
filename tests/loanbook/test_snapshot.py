"""A refresh from a SQLite file to a snapshot that is served, and what it does with broken books and broken disks."""

import multiprocessing
import os
import resource
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy import Engine

from loanbook import closed_day, connection, copying, reading_sqlite, schema, snapshot, snapshots
from loanbook.snapshot_schema import FORMAT
from loanbook.snapshots import SnapshotError
from tests.loanbook.derived import POLICY, copies
from tests.loanbook.drawn_book import CLEAN, draw

NOW = datetime(2024, 6, 11, 1, 0, tzinfo=UTC)


def source(path: Path) -> Engine:
    return connection.connect(f"sqlite:///{path}", None)


def build(book: Path, **given: Any) -> snapshot.Built:
    options = {"schema": None, "folder": book.parent / "snapshots", "policy": POLICY, "as_of": None, "now": NOW}
    return snapshot.build(source(book), **{**options, **given})


def rows(built: snapshot.Built, sql: str) -> list[tuple[Any, ...]]:
    opened = snapshots.open_readonly(built.path)
    try:
        return opened.execute(sql).fetchall()
    finally:
        opened.close()


def refused(book: Path) -> str:
    with pytest.raises(SnapshotError) as error:
        build(book)
    assert snapshots.current(book.parent / "snapshots") is None
    assert not list((book.parent / "snapshots").glob("*.duckdb*"))
    return str(error.value)


def test_a_clean_book_is_copied_derived_and_served(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    built = build(draw(tmp_path / "book.sqlite"), progress=lambda stage, done: heard.append((stage, done)))
    assert snapshots.current(tmp_path / "snapshots") == built.snapshot_id
    assert built.path == tmp_path / "snapshots" / f"snapshot-{built.snapshot_id}.duckdb"
    assert built.snapshot_id.startswith("20240611T010000Z-")
    assert stat.S_IMODE(built.path.stat().st_mode) == 0o600
    assert (built.loans, built.rejected_loans) == (2, 0)
    # 21: paid 450 of 450 + 449.99's interest and fee of 1 each; its closing settles it. 22: nothing paid of 500.01 + 2.
    found = rows(built, "SELECT loan_id, principal_fen, outstanding_fen, overdue_fen, status FROM loan_fact ORDER BY 1")
    assert found == [("21", 90000, 0, 0, "paid_off"), ("22", 50001, 50001, 50201, "active")]
    note = rows(built, "SELECT format, book_name, as_of, built_at, evidence, source_rows FROM snapshot_note")
    assert note == [(FORMAT, "book", date(2024, 5, 1), NOW.replace(tzinfo=None), "instalments", built.rows)]
    checks = dict(rows(built, "SELECT name, checksum FROM source_table"))
    assert checks["loan"] == "principal_fen 140001, upfront_fee_fen 0, monthly_fee_fen 0"
    done = [share for _, share in heard]
    assert done == sorted(done)
    assert 0 <= done[0] <= done[-1] <= 1
    assert set(built.seconds) == {stage for stage, _ in heard}


def test_the_day_is_the_given_else_the_noted_else_yesterday_at_the_latest() -> None:
    drawn = {name: CLEAN[name] for name in ("loan", "repayment", "application")}  # the newest event: 2024-05-01

    def day(given: date | None, now: datetime, **more: str) -> date:
        return closed_day.of(copies({**drawn, **more}), given, now)

    assert day(date(2024, 4, 2), NOW) == date(2024, 4, 2)
    assert day(None, NOW, book_note="name as_of public\ndemo 2024-04-15 1") == date(2024, 4, 15)
    assert day(None, NOW) == date(2024, 5, 1)
    assert day(None, datetime(2024, 4, 30, 15, 59, tzinfo=UTC)) == date(2024, 4, 29)
    assert day(None, datetime(2024, 4, 30, 16, 0, tzinfo=UTC)) == date(2024, 4, 30)


def test_direct_identifiers_are_in_no_table_and_nowhere_in_the_file(tmp_path: Path) -> None:
    secrets = {"full_name": "Zhaoxiaoming", "phone": "13912345678", "id_number": "420106199001011234"}
    changes = [f"UPDATE member SET {column} = '{value}'" for column, value in secrets.items()]
    built = build(draw(tmp_path / "book.sqlite", *changes, "UPDATE member SET province = 'Hubeisheng'"))
    columns = {name for (name,) in rows(built, "SELECT column_name FROM duckdb_columns()")}
    assert not columns & set(secrets)
    content = built.path.read_bytes()
    assert b"Hubeisheng" in content
    assert not [value for value in secrets.values() if value.encode() in content]


def test_a_book_with_only_loans(tmp_path: Path) -> None:
    built = build(draw(tmp_path / "book.sqlite", tables={"loan": CLEAN["loan"]}))
    assert built.loans == 2
    assert rows(built, "SELECT DISTINCT evidence FROM loan_state") == [("outcomes",)]
    assert rows(built, "SELECT name FROM source_table WHERE present") == [("loan",)]
    assert rows(built, "SELECT count(*) FROM instalment") == [(0,)]


def test_an_empty_book_and_an_empty_file(tmp_path: Path) -> None:
    headers = {name: drawing.strip().splitlines()[0] for name, drawing in CLEAN.items()}
    built = build(draw(tmp_path / "book.sqlite", tables=headers))
    assert (built.rows, built.loans, built.as_of) == (0, 0, date(2024, 6, 10))
    assert build(draw(tmp_path / "nothing.sqlite", "CREATE TABLE x (y)", tables={})).loans == 0


def test_an_optional_column_may_be_missing_and_a_required_one_not(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite", "ALTER TABLE loan DROP COLUMN funder_id")
    built = build(book)
    assert rows(built, "SELECT missing_columns FROM source_table WHERE name = 'loan'") == [("funder_id",)]
    assert rows(built, "SELECT DISTINCT funder FROM loan_fact") == [("unknown",)]
    broken = draw(
        tmp_path / "sub.sqlite",
        "ALTER TABLE loan DROP COLUMN principal",
        "ALTER TABLE loan DROP COLUMN status",
        "ALTER TABLE member DROP COLUMN registered_at",
        "ALTER TABLE member DROP COLUMN phone",
    )
    with pytest.raises(SnapshotError) as error:
        build(broken, folder=tmp_path / "other")
    assert str(error.value).splitlines() == [
        'The loan database\'s table "loan" lacks the columns "principal", "status"; add it, '
        "or name a view of the contract's shape like the table.",
        'The loan database\'s table "member" lacks the column "registered_at"; add it, '
        "or name a view of the contract's shape like the table.",
    ]


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
    assert sentence in refused(draw(tmp_path / "book.sqlite", change))


def test_instants_with_an_offset_are_read_as_utc_and_money_is_rounded_to_the_fen(tmp_path: Path) -> None:
    built = build(
        draw(
            tmp_path / "book.sqlite",
            "UPDATE loan SET disbursed_at = '2024-03-01T23:30:00+08:00' WHERE id = 21",
            "UPDATE loan SET disbursed_at = '2024-03-01T16:00:00Z' WHERE id = 22",
            "UPDATE instalment SET principal_due = 1.15, interest_due = 0.29, fee_due = 1e12 WHERE loan_id = 22",
        )
    )
    assert rows(built, "SELECT loan_id, disbursed_on FROM loan_fact ORDER BY 1") == [
        ("21", date(2024, 3, 1)),
        ("22", date(2024, 3, 2)),
    ]
    due = "SELECT principal_due_fen, interest_due_fen, fee_due_fen FROM instalment WHERE loan_id = 22"
    assert rows(built, due) == [(115, 29, 10**14)]


def test_broken_rows_are_listed_and_stop_nothing(tmp_path: Path) -> None:
    fine = "id application_id principal status\n" + "\n".join(
        f"{key} 11 100 active" for key in (21, 22, 23, 24, 25, 26)
    )
    built = build(
        draw(
            tmp_path / "book.sqlite",
            "UPDATE loan SET principal = NULL WHERE id = 22",
            "UPDATE loan SET principal = -5 WHERE id = 23",
            "UPDATE loan SET application_id = 99 WHERE id = 24",
            "INSERT INTO loan SELECT * FROM loan WHERE id = 25",
            "UPDATE loan SET status = 'sold' WHERE id = 26",
            "INSERT INTO loan SELECT * FROM loan WHERE id = 21",
            "UPDATE loan SET id = 27 WHERE rowid = (SELECT max(rowid) FROM loan)",
            "INSERT INTO instalment SELECT * FROM instalment WHERE loan_id = 27",
            "INSERT INTO instalment SELECT 27, 1, due_on, 5, 5, 5 FROM instalment LIMIT 1",
            "INSERT INTO instalment SELECT 27, 1, due_on, 5, 5, 5 FROM instalment LIMIT 1",
            "INSERT INTO instalment SELECT 77, 1, due_on, 5, 5, 5 FROM instalment LIMIT 1",
            "INSERT INTO loan SELECT * FROM loan WHERE id = 21",
            "UPDATE loan SET id = 28 WHERE rowid = (SELECT max(rowid) FROM loan)",
            "INSERT INTO instalment SELECT 28, 1, NULL, 5, 5, 5 FROM instalment LIMIT 1",
            tables={**CLEAN, "loan": fine},
        )
    )
    assert rows(built, "SELECT loan_id FROM loan_fact") == [("21",)]
    assert built.rejected_loans == 7
    found = rows(built, "SELECT table_name, key, reason, count(*) FROM rejected_row GROUP BY ALL ORDER BY 1, 2, 3")
    assert found == [
        ("instalment", "27, 1", "its number is repeated within the loan", 2),
        ("instalment", "28, 1", "it has no due date, or an amount is missing or negative", 1),
        ("instalment", "77", "its loan does not exist", 1),
        ("loan", "22", "it has no principal above zero", 1),
        ("loan", "23", "it has no principal above zero", 1),
        ("loan", "24", "its application does not exist", 1),
        ("loan", "25", "its key is repeated", 2),
        ("loan", "26", "its status is not active, paid_off or written_off", 1),
        ("loan", "27", "one of its instalments can't be used", 1),
        ("loan", "28", "one of its instalments can't be used", 1),
    ]


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

    built = build(book, progress=write)
    assert refusals == [""]
    assert rows(built, "SELECT id FROM repayment ORDER BY 1") == [(31,), (32,)]
    assert rows(built, "SELECT sum(principal_fen) FROM loan") == [(140001,)]
    assert rows(build(book), "SELECT sum(principal_fen) FROM loan") == [(200,)]


def test_a_writer_without_wal_has_to_wait_until_the_read_is_over(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    refusals = []

    def write(stage: str, done: float) -> None:
        if stage == "Reading loan" and not refusals:
            refusals.append(written_elsewhere(book, "UPDATE loan SET principal = 1"))

    built = build(book, progress=write)
    assert refusals == ["sqlite3.OperationalError: database is locked"]
    assert rows(built, "SELECT sum(principal_fen) FROM loan") == [(140001,)]
    assert written_elsewhere(book, "UPDATE loan SET principal = 1") == ""


def test_a_copy_that_is_not_equal_to_the_source_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")
    first = build(book)
    whole = reading_sqlite.SqliteReader.streams

    def one_row_less(self: Any, table: Any, columns: Any, text_keys: Any) -> list[pa.RecordBatchReader]:
        [read] = whole(self, table, columns, text_keys)
        batches = [batch.slice(1) if table.name == "repayment" else batch for batch in read]
        return [pa.RecordBatchReader.from_batches(read.schema, batches)]

    monkeypatch.setattr(reading_sqlite.SqliteReader, "streams", one_row_less)
    with pytest.raises(
        SnapshotError, match=r'The copy of table "repayment" .* rows is 1 in the copy and 2 in the loan'
    ):
        build(book)
    assert snapshots.current(tmp_path / "snapshots") == first.snapshot_id
    assert snapshots.ids(tmp_path / "snapshots") == [first.snapshot_id]


def test_a_bug_is_not_hidden_and_leaves_what_was_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")
    first = build(book)
    monkeypatch.setattr(copying, "present_tables", lambda snapshot: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(book)
    assert snapshots.current(tmp_path / "snapshots") == first.snapshot_id
    assert sorted(file.name for file in (tmp_path / "snapshots").glob("*.duckdb")) == [first.path.name]


def build_until_stopped(book: Path, as_text: str) -> None:
    def stop(stage: str, done: float) -> None:
        if stage == as_text:
            os._exit(9)

    build(book, progress=stop)


def build_on_a_full_disk(book: Path, told: Any) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        build(book)
    except SnapshotError as error:
        told.put(str(error))


def test_a_killed_refresh_leaves_what_was_served_and_its_leftovers_go_with_the_next(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    first = build(book)
    process = multiprocessing.get_context("spawn").Process(target=build_until_stopped, args=(book, "Describing loans"))
    process.start()
    process.join()
    assert process.exitcode == 9
    folder = tmp_path / "snapshots"
    assert snapshots.current(folder) == first.snapshot_id
    assert list(folder.glob("building-*"))
    second = build(book)
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
    assert "No space left on device" in refused(book)


def test_no_space_left_when_rows_are_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = draw(tmp_path / "book.sqlite")

    def full(*_: object) -> int:
        said = 'TransactionContext Error: Failed to commit: Could not write file "x.wal": No space left on device'
        raise duckdb.TransactionException(said)

    monkeypatch.setattr(snapshot, "_copy", full)
    assert "No space left on device. Make room there" in refused(book)


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
    build(book, progress=refresh_again)
    assert refusals == ["Another refresh of this loan database is running; wait until it is done."]


def build_twice(book: Path, told: Any) -> None:
    try:
        build(book)
    except SnapshotError as error:
        told.put(str(error))


def test_a_table_that_can_not_be_read_is_a_sentence(tmp_path: Path) -> None:
    overflow = "abs(-9223372036854775807 - 1) AS principal"
    columns = ", ".join(overflow if column.name == "principal" else column.name for column in schema.loan.columns)
    view = f"CREATE VIEW loan AS SELECT {columns} FROM sold"
    sentence = refused(draw(tmp_path / "book.sqlite", "ALTER TABLE loan RENAME TO sold", view))
    assert sentence.startswith("The loan database's table \"loan\" can't be read: ")
    assert "integer overflow" in sentence


def test_a_source_that_has_gone_is_a_sentence(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    engine = source(book)
    engine.dispose()
    book.unlink()
    options = {"schema": None, "folder": tmp_path / "snapshots", "policy": POLICY, "as_of": None, "now": NOW}
    with pytest.raises(SnapshotError, match="The loan database can't be read: unable to open database file"):
        snapshot.build(engine, **options)
