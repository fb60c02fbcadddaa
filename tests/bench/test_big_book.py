"""The books of the benchmark: the same rows wherever they are written, about as many loans as were asked for."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from loanbook import demo
from tests.bench import big_book

pytestmark = pytest.mark.xdist_group("postgresql")

LOANS = 2_000
SUMS = "SELECT count(*), CAST(ROUND(sum(principal) * 100) AS BIGINT), max(id) FROM loan"
PAID = "SELECT count(*), CAST(ROUND(sum(amount) * 100) AS BIGINT), max(id) FROM repayment"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_book, "PART_MEMBERS", 700)


def expected() -> list[tuple[int, int, int]]:
    found = [part.tables() for part in big_book.parts(LOANS)]
    sums = []
    for name, column in (("loan", "principal"), ("repayment", "amount")):
        fen = sum(int(value * 100) for tables in found for value in tables[name][column].to_pylist())
        rows = sum(len(tables[name]) for tables in found)
        sums.append((rows, fen, found[-1][name]["id"].to_pylist()[-1]))
    return sums


def test_parts_hold_about_the_loans_asked_for() -> None:
    parts = big_book.parts(LOANS)
    assert [part.number for part in parts] == [0, 1, 2]
    assert sum(part.members for part in parts) == round(LOANS / big_book.LOANS_PER_MEMBER)
    assert expected()[0][0] == pytest.approx(LOANS, rel=0.1)
    (part,) = demo.chunks(20_000, demo.SEED, big_book.AS_OF, only=["loan", "member"])
    assert len(part["loan"]) / len(part["member"]) == pytest.approx(big_book.LOANS_PER_MEMBER, rel=0.03)


def test_sqlite_holds_the_parts(tmp_path: Path) -> None:
    written = big_book.fill_sqlite(tmp_path / "big.sqlite", LOANS)
    with sqlite3.connect(tmp_path / "big.sqlite") as connection:
        assert [connection.execute(sums).fetchone() for sums in (SUMS, PAID)] == expected()
        assert connection.execute("SELECT count(*) FROM contact").fetchone() == (0,)
    assert written.rows["loan"] == expected()[0][0]


def test_postgresql_holds_the_parts(postgresql: str) -> None:
    written = big_book.fill_postgresql(postgresql, LOANS)
    engine = create_engine(make_url(postgresql).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert [tuple(connection.execute(text(sums)).one()) for sums in (SUMS, PAID)] == expected()
    engine.dispose()
    assert written.rows["repayment"] == expected()[1][0]
