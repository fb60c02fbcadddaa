"""Data that no calendar can hold ends in a sentence or among the rows that can't be used, never in a traceback."""

import duckdb
import pytest
from sqlalchemy import select

from desk import refresh
from loanbook import snapshots
from loanbook.constructs import compiled
from loanbook.snapshot_schema import rejected_row
from rules import settings
from tests.desk.conftest import NOW
from tests.loanbook.drawn_book import draw

NOTED = "create table book_note (name text, as_of text, public integer, source text)"


def refreshed(tmp_path, engine, *changes):
    book = draw(tmp_path / "faulty.sqlite", *changes)
    data = {"LOANBOARD_DATABASE_URL": f"sqlite:///{book}", "LOANBOARD_DATA_DIR": str(tmp_path / "data")}
    return refresh.run(settings.read(data), engine, lambda: NOW, lambda *_: None, wait=False)


def unusable(built):
    with duckdb.connect(str(built.path), read_only=True) as opened:
        return opened.execute(*compiled(select(rejected_row))).fetchall()


def test_loans_of_impossible_years_are_left_out_and_the_others_counted(tmp_path, engine):
    built = refreshed(
        tmp_path,
        engine,
        "update loan set disbursed_at = '-0044-03-15 00:00:00' where id = 21",
        "insert into loan select * from loan where id = 22",
        "update loan set id = 23, disbursed_at = '9999-12-31 23:00:00' where rowid = last_insert_rowid()",
        "update repayment set paid_at = '9999-12-31 23:00:00' where id = 31",
        "update application set applied_at = '0000-01-01 00:00:00' where id = 13",
        "update repayment set paid_at = '2024-05-03 02:00:00' where id = 32",
    )
    assert (built.as_of.isoformat(), built.loans, built.rejected_loans) == ("2024-05-03", 1, 2)
    reason = "it is disbursed outside of the years 1900 to 2099"
    assert {("loan", "21", reason), ("loan", "23", reason)} <= set(unusable(built))
    assert snapshots.current(built.path.parent) == built.snapshot_id


@pytest.mark.parametrize("day", ["9998-12-31", "0001-01-01", "0000-05-01", "1899-12-31", "2100-01-01"])
def test_an_impossible_last_day_is_a_sentence(tmp_path, engine, day):
    with pytest.raises(snapshots.SnapshotError, match="can't be the last closed day; write a day from 1900-01-01 to"):
        refreshed(tmp_path, engine, NOTED, f"insert into book_note values ('x', '{day}', 1, 'test')")
