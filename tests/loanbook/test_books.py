"""Books appear whole or not at all; which one is served, and what it says of itself."""

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from sqlalchemy import func, select, text

from loanbook import books, schema
from loanbook.connection import connect
from rules import settings
from rules.filters import Definition

NOTE = {"name": ["Drawn"], "as_of": [date(2024, 5, 31)], "public": [True], "source": ["a test"]}


def written(book: Path, note: dict[str, list[object]] | None = None) -> Path:
    with books.writable(book) as engine, engine.begin() as connection:
        schema.metadata.create_all(connection, tables=[schema.book_note])
        books.append(connection, schema.book_note, pd.DataFrame(NOTE | (note or {})))
    return book


def break_off(book: Path) -> None:
    with books.writable(book) as engine, engine.begin() as connection:
        schema.metadata.create_all(connection)
        raise ZeroDivisionError


def fill(book: Path) -> None:
    with books.writable(book) as engine, engine.begin() as connection:
        connection.execute(text("pragma max_page_count = 4"))  # SQLite's own way to run out of room
        schema.metadata.create_all(connection)


def read(data_dir: Path, **more: str) -> settings.Settings:
    return settings.read({"LOANBOARD_DATA_DIR": str(data_dir), **more})


def test_a_book_is_served_by_its_name_until_another_is(tmp_path: Path) -> None:
    assert books.current(tmp_path) is None
    assert books.url(read(tmp_path)) is None
    demo, lending_club = (written(books.path(tmp_path, name)) for name in ("demo", "lending-club"))
    books.serve(tmp_path, "demo")
    assert books.current(tmp_path) == demo == tmp_path / "books" / "demo.sqlite"
    books.serve(tmp_path, "lending-club")
    assert books.url(read(tmp_path)) == f"sqlite:///{lending_club}"
    assert books.url(read(tmp_path, LOANBOARD_DATABASE_URL="sqlite:///other")) == "sqlite:///other"
    lending_club.unlink()
    assert books.current(tmp_path) is None


def test_an_edition_tells_a_book_from_another_at_its_address(tmp_path: Path) -> None:
    assert books.edition(books.address(written(tmp_path / "a.sqlite", {"edition": ["x1"]}))) == "x1"
    assert books.edition(books.address(written(tmp_path / "a.sqlite"))) is None
    assert books.edition(books.address(tmp_path / "none.sqlite")) is None
    assert books.edition("postgresql://host/loans") is None


@pytest.mark.parametrize("pointer", [b"", b"../../etc/passwd\n", b"gone\n", b"\xff\xfe"])
def test_a_pointer_that_names_no_book_serves_none(tmp_path: Path, pointer: bytes) -> None:
    written(books.path(tmp_path, "demo"))
    (tmp_path / "books" / "current").write_bytes(pointer)
    assert books.current(tmp_path) is None


def test_a_note_says_what_a_book_is(tmp_path: Path) -> None:
    assert books.note(written(tmp_path / "a.sqlite")) == books.Note("Drawn", date(2024, 5, 31), True, "a test")
    noted = books.note(written(tmp_path / "d.sqlite", {"definition": ["recorded"]}))
    assert noted is not None
    assert noted.definition is Definition.RECORDED
    assert books.note(written(tmp_path / "e.sqlite", {"definition": ["strict"]})) is None
    assert books.note(tmp_path / "none.sqlite") is None
    with books.writable(tmp_path / "b.sqlite"):
        pass
    assert books.note(tmp_path / "b.sqlite") is None
    with books.writable(tmp_path / "c.sqlite") as engine, engine.begin() as connection:
        schema.metadata.create_all(connection)
    assert books.note(tmp_path / "c.sqlite") is None


def test_public_is_only_what_says_so_and_lies_among_our_books(tmp_path: Path) -> None:
    written(books.path(tmp_path, "demo"))
    written(books.path(tmp_path, "own"), {"public": [False]})
    elsewhere = written(tmp_path / "elsewhere.sqlite")
    assert not books.is_public(read(tmp_path))
    books.serve(tmp_path, "demo")
    assert books.is_public(read(tmp_path))
    assert not books.is_public(read(tmp_path, LOANBOARD_DATABASE_URL=f"sqlite:///{elsewhere}"))
    assert not books.is_public(read(tmp_path, LOANBOARD_DATABASE_URL="postgresql://reader@host/loans"))
    books.serve(tmp_path, "own")
    assert not books.is_public(read(tmp_path))


def test_values_come_back_as_they_were(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "id": ["a", "b"],
            "loan_id": [1, 2],
            "paid_at": [datetime(2024, 2, 29, 16, 0, 0, 500_000), datetime(2024, 3, 1)],
            "amount": [0.1, 12345678901.25],
            "kind": ["early", "recovery"],
        }
    )
    with books.writable(tmp_path / "book.sqlite") as engine, engine.begin() as connection:
        schema.metadata.create_all(connection)
        books.append(connection, schema.repayment, rows)
        books.append(connection, schema.repayment, rows.iloc[:0])
        books.append(
            connection,
            schema.loan,
            pd.DataFrame({
                "id": [1], "application_id": 1, "member_id": 1, "product_id": 1, "principal": 1, "annual_rate": 0.1,
                "disbursed_at": datetime(2024, 1, 1), "term_months": pd.array([3], dtype="Int64"), "method": "x",
                "status": "active", "closed_at": [pd.NaT], "defaulted_on": [None], "dates_imputed": [None],
                "funder_share": [float("nan")], "tier_code": [None],
            }),
        )  # fmt: skip
    with connect(books.address(tmp_path / "book.sqlite"), None).connect() as connection:
        assert connection.execute(select(schema.repayment)).all() == [
            ("a", 1, datetime(2024, 2, 29, 16, 0, 0, 500_000), Decimal("0.10"), "early"),
            ("b", 2, datetime(2024, 3, 1), Decimal("12345678901.25"), "recovery"),
        ]
        loan = connection.execute(select(schema.loan)).one()
        assert (loan.closed_at, loan.defaulted_on, loan.dates_imputed, loan.funder_share) == (None, None, None, None)
        assert (loan.term_months, loan.disbursed_at) == (3, datetime(2024, 1, 1))


def test_a_column_that_the_contract_does_not_have_is_a_bug(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="repayment has no columns"),
        books.writable(tmp_path / "book.sqlite") as engine,
        engine.begin() as connection,
    ):
        books.append(connection, schema.repayment, pd.DataFrame({"colour": ["red"]}))


def test_a_build_that_fails_leaves_the_earlier_book_and_nothing_else(tmp_path: Path) -> None:
    book = written(tmp_path / "book.sqlite")
    before = book.read_bytes()
    with pytest.raises(ZeroDivisionError):
        break_off(book)
    assert book.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} <= {"book.sqlite", ".book.sqlite.lock"}


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    book = written(tmp_path / "book.sqlite")
    killed = f"""
import os
from pathlib import Path
from loanbook import (books, schema)
with books.writable(Path({str(book)!r})) as engine, engine.begin() as connection:
    schema.metadata.create_all(connection)
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == 9
    assert (tmp_path / ".book.sqlite.part").exists()
    assert books.note(book) is not None
    written(book, {"name": ["Newer"]})
    note = books.note(book)
    assert note is not None
    assert note.name == "Newer"
    assert not (tmp_path / ".book.sqlite.part").exists()


def test_a_book_is_built_by_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".book.sqlite.lock"),
        pytest.raises(books.BookError, match="is being built by another process"),
    ):
        written(tmp_path / "book.sqlite")


def test_a_full_disk_is_told_and_leaves_the_earlier_book(tmp_path: Path) -> None:
    book = written(tmp_path / "book.sqlite")
    before = book.read_bytes()
    with pytest.raises(books.BookError, match="the disk is full"):
        fill(book)
    assert book.read_bytes() == before


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(books.BookError, match="could not be written: File exists"):
        written(tmp_path / "file" / "book.sqlite")


def test_a_book_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    assert written(tmp_path / "book.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_book_is_written_past_one_batch(tmp_path: Path) -> None:
    count = 120_001
    with books.writable(tmp_path / "book.sqlite") as engine, engine.begin() as connection:
        schema.metadata.create_all(connection, tables=[schema.prime_rate])
        rows = pd.DataFrame({"id": range(count), "starts_on": date(2024, 1, 1), "one_year_rate": 0.03})
        books.append(connection, schema.prime_rate, rows)
    with connect(books.address(tmp_path / "book.sqlite"), None).connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.prime_rate)).scalar_one() == count
