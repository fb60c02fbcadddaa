"""Each engine hands over the same rows: one state of them even while it is written, or a sentence."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loanbook import connection, schema
from loanbook.reading_postgresql import PostgresqlReader
from loanbook.reading_server import ServerReader
from loanbook.snapshots import SnapshotError
from tests.loanbook.built import build, refused, rows
from tests.loanbook.drawn_book import CLEAN
from tests.loanbook.drawn_book import rows as drawn
from tests.loanbook.engines import LoanDatabase, Mariadb, Postgresql, Server

DERIVED = ("source_table", "rejected_row", "instalment_state", "loan_state", "loan_fact", "loan_month")


def everything(database: LoanDatabase, folder: Path, tables: dict[str, list[dict[str, Any]]]) -> list[Any]:
    built = build(database.write(tables), folder / database.name)
    return [rows(built, f"SELECT * FROM {table} ORDER BY ALL") for table in DERIVED]


def test_the_engine_makes_no_difference(database: LoanDatabase, sqlite: LoanDatabase, tmp_path: Path) -> None:
    assert everything(database, tmp_path / "a", drawn(CLEAN)) == everything(sqlite, tmp_path / "b", drawn(CLEAN))


def test_keys_may_be_texts(database: LoanDatabase, tmp_path: Path) -> None:
    book = drawn(CLEAN)
    for table in book:
        for row in book[table]:
            for column in schema.metadata.tables[table].columns:
                if schema.is_key(column) and row[column.name] is not None:
                    row[column.name] = f"K-{row[column.name]}"
    built = build(database.write(book), tmp_path)
    assert rows(built, "SELECT loan_id, principal_fen, overdue_fen FROM loan_fact ORDER BY 1") == [
        ("K-21", 90000, 0),
        ("K-22", 50001, 50201),
    ]
    assert rows(built, "SELECT id, referred_by_id FROM member ORDER BY 1 LIMIT 2") == [("K-1", None), ("K-2", "K-1")]


def test_values_arrive_as_they_are(database: LoanDatabase, tmp_path: Path) -> None:
    book = drawn(CLEAN)
    [first, second] = book["loan"]
    first.update(disbursed_at="2024-02-29 15:59:59.999999", dates_imputed=True, principal=1.15, annual_rate=0.123456)
    second.update(disbursed_at="2024-02-29 16:00:00", dates_imputed=False, principal=999999999999.99, annual_rate=1)
    book["product"][0]["name_zh"] = "现金贷"
    built = build(database.write(book), tmp_path)
    columns = "disbursed_at::text, dates_imputed, principal_fen, annual_rate::text, closed_at IS NULL"
    assert rows(built, f"SELECT {columns} FROM loan ORDER BY id") == [
        ("2024-02-29 15:59:59.999999", True, 115, "0.123456", False),
        ("2024-02-29 16:00:00", False, 99_999_999_999_999, "1.000000", True),
    ]
    assert rows(built, "SELECT name_zh FROM product") == [("现金贷",)]
    days = rows(built, "SELECT loan_id, disbursed_on::text FROM loan_fact ORDER BY 1")
    assert days == [("21", "2024-02-29"), ("22", "2024-03-01")]


def test_what_is_written_between_measuring_and_reading_is_not_seen(database: LoanDatabase, tmp_path: Path) -> None:
    book = database.write(drawn(CLEAN))
    written = []

    def write(stage: str, done: float) -> None:
        if stage == "Reading application" and not written:
            written.append(stage)
            database.change(
                "INSERT INTO repayment (id, loan_id, paid_at, amount, kind) "
                "VALUES (99, 22, '2024-04-20 08:00:00', 500, 'early')",
                "DELETE FROM repayment WHERE id = 31",
                "UPDATE loan SET principal = 1",
                "DELETE FROM tier",
            )

    built = build(book, tmp_path, progress=write)
    assert written
    assert rows(built, "SELECT id, amount_fen FROM repayment ORDER BY 1") == [(31, 45000), (32, 45050)]
    assert rows(built, "SELECT sum(principal_fen) FROM loan") == [(140001,)]
    assert rows(built, "SELECT code FROM tier") == [("gold",)]
    after = build(connection.connect(database.url, database.schema), tmp_path)
    assert rows(after, "SELECT id, amount_fen FROM repayment ORDER BY 1") == [(32, 45050), (99, 50000)]
    assert rows(after, "SELECT sum(principal_fen) FROM loan") == [(200,)]
    assert rows(after, "SELECT count(*) FROM tier") == [(0,)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            ["UPDATE repayment SET paid_at = 'infinity' WHERE id = 31"],
            'table "repayment", column "paid_at": 1 value(s) are no date that exists: id 31 ("infinity").',
        ),
        (
            ["UPDATE instalment SET due_on = '-infinity' WHERE loan_id = 22"],
            'table "instalment", column "due_on": 1 value(s) are no date that exists: loan_id 22, number 1 '
            '("-infinity").',
        ),
        (
            ["ALTER TABLE loan ALTER principal TYPE numeric", "UPDATE loan SET principal = 'NaN' WHERE id = 22"],
            'table "loan", column "principal": 1 value(s) are not a number in range: id 22 ("NaN").',
        ),
        (
            ["ALTER TABLE loan ALTER principal TYPE numeric", "UPDATE loan SET principal = 1e30 WHERE id = 22"],
            'table "loan", column "principal": 1 value(s) are not a number in range: id 22 ("1000000',
        ),
        (
            ["ALTER TABLE loan ALTER annual_rate TYPE float8", "UPDATE loan SET annual_rate = 'NaN' WHERE id = 22"],
            'table "loan", column "annual_rate": 1 value(s) are ',
        ),
        (
            ["ALTER TABLE loan ALTER term_months TYPE numeric", "UPDATE loan SET term_months = 1.5 WHERE id = 22"],
            'table "loan", column "term_months": 1 value(s) are not a whole number in range: id 22 ("1.5").',
        ),
        (
            ["ALTER TABLE loan ALTER term_months TYPE integer", "UPDATE loan SET term_months = 70000 WHERE id = 22"],
            'table "loan", column "term_months": 1 value(s) are out of range: id 22 ("70000").',
        ),
        (
            ["ALTER TABLE loan ALTER principal TYPE text"],
            'table "loan", column "principal" is of type text, where each value should be a number; change it',
        ),
    ],
)
def test_what_postgresql_allows_and_the_contract_does_not(
    postgresql: LoanDatabase, tmp_path: Path, changes: list[str], sentence: str
) -> None:
    assert sentence in refused(postgresql.write(drawn(CLEAN), *changes), tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            ["ALTER TABLE repayment MODIFY paid_at DATETIME", "UPDATE repayment SET paid_at = 0 WHERE id = 31"],
            'table "repayment", column "paid_at": 1 value(s) are no date that exists: id 31 ("0000-00-00 00:00:00',
        ),
        (
            ["UPDATE instalment SET due_on = 0 WHERE loan_id = 22"],
            'table "instalment", column "due_on": 1 value(s) are no date that exists: loan_id 22, number 1 '
            '("0000-00-00").',
        ),
        (
            ["ALTER TABLE loan MODIFY term_months DECIMAL(5, 1)", "UPDATE loan SET term_months = 1.5 WHERE id = 22"],
            'table "loan", column "term_months": 1 value(s) are not a whole number: id 22 ("1.5").',
        ),
        (
            ["ALTER TABLE loan MODIFY term_months BIGINT UNSIGNED", "UPDATE loan SET term_months = 1 << 63"],
            'table "loan", column "term_months", holds values that are not a whole number: ',
        ),
        (
            ["ALTER TABLE loan MODIFY term_months INTEGER", "UPDATE loan SET term_months = 70000 WHERE id = 22"],
            'table "loan", column "term_months": 1 value(s) are out of range: id 22 ("70000").',
        ),
        (
            ["ALTER TABLE loan MODIFY principal VARCHAR(20)"],
            'table "loan", column "principal" is of type VARCHAR(20), where each value should be a number; change it',
        ),
    ],
)
def test_what_mariadb_allows_and_the_contract_does_not(
    mariadb: LoanDatabase, tmp_path: Path, changes: list[str], sentence: str
) -> None:
    assert sentence in refused(mariadb.write(drawn(CLEAN), "SET sql_mode = ''", *changes), tmp_path)


def test_mariadbs_other_types_for_truth_instants_and_texts(mariadb: LoanDatabase, tmp_path: Path) -> None:
    book = mariadb.write(
        drawn(CLEAN),
        "SET time_zone = '+08:00'",
        "ALTER TABLE loan MODIFY dates_imputed BIT(1), MODIFY disbursed_at TIMESTAMP NULL, "
        "MODIFY status ENUM('active', 'paid_off')",
        "UPDATE loan SET dates_imputed = b'1', disbursed_at = '2024-03-01 00:30:00' WHERE id = 21",
    )
    found = rows(build(book, tmp_path), "SELECT dates_imputed, disbursed_at::text, status FROM loan WHERE id = 21")
    assert found == [(True, "2024-02-29 16:30:00", "paid_off")]


@pytest.fixture(params=[Postgresql, Mariadb])
def doomed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with request.param.started() as server:
        # PyMySQL's cursors fail, unheard, when they are collected after their server has gone: here, not in other tests
        monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
        yield server
        gc.collect()


def test_a_server_that_goes_in_the_middle_of_a_table_is_a_sentence(
    doomed: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"id": 0, "loan_id": 1, "paid_at": "2024-01-01 08:00:00", "amount": 1, "kind": "early"}
    columns = ", ".join(each.name for each in schema.repayment.columns if each.name != "id")
    doubled = "INSERT INTO repayment (id, {0}) SELECT id + {1}, {0} FROM repayment"
    book = doomed.write({"repayment": [row]}, *(doubled.format(columns, 2**power) for power in range(19)))
    kind = PostgresqlReader if doomed.name == "postgresql" else ServerReader
    whole = kind.streams

    def until_killed(self: Any, *asked: Any) -> list[pa.RecordBatchReader]:
        def batches(stream: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
            for number, batch in enumerate(stream):
                assert batch.num_rows < 2**19
                if number == 0:
                    doomed.kill()
                yield batch

        return [pa.RecordBatchReader.from_batches(each.schema, batches(each)) for each in whole(self, *asked)]

    monkeypatch.setattr(kind, "streams", until_killed)
    told = refused(book, tmp_path)
    assert "The loan database's table \"repayment\" can't be read: " in told
    assert "server" in told
    assert "The loan database can't be read: " in refused(book, tmp_path)


def test_a_server_that_goes_while_it_is_read_leaves_what_was_served(doomed: Server, tmp_path: Path) -> None:
    book = doomed.write(drawn(CLEAN))
    first = build(book, tmp_path)

    def kill(stage: str, done: float) -> None:
        if stage == "Reading loan":
            doomed.kill()

    with pytest.raises(SnapshotError, match="The loan database's table \"loan\" can't be read: "):
        build(book, tmp_path, progress=kill)
    assert [file.name for file in tmp_path.glob("*.duckdb")] == [first.path.name]
