"""PostgreSQL is read by two connections that see the same rows, each half of a large table; by one where it must be."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from adbc_driver_manager import AdbcStatusCode, dbapi
from adbc_driver_postgresql import dbapi as driver
from sqlalchemy import create_engine

from loanbook import reading_postgresql, schema
from loanbook.reading import Reader
from tests.loanbook.engines import LoanDatabase

ROWS = 2_000  # on several blocks
KEYS = [schema.device_sighting.c[name] for name in ("id", "member_id", "device_hash")]


@pytest.fixture
def book(postgresql: LoanDatabase) -> LoanDatabase:
    """Sightings, all before any reader began."""
    seen = [{"id": each, "member_id": 1, "device_hash": f"{each:040}"} for each in range(ROWS)]
    postgresql.write({"device_sighting": seen}).dispose()
    return postgresql


@pytest.fixture(autouse=True)
def every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_postgresql, "_BLOCKS_WORTH_A_STREAM", 2)


@contextmanager
def reader(book: LoanDatabase) -> Iterator[Reader]:
    with reading_postgresql.opened(create_engine(book.url), book.schema) as found:
        found.measure(schema.device_sighting, KEYS)
        yield found


def read(found: Reader) -> list[list[int]]:
    """The keys that each stream brings."""
    return [stream.read_all()["id"].to_pylist() for stream in found.streams(schema.device_sighting, KEYS, frozenset())]


def test_each_half_is_read_once(book: LoanDatabase) -> None:
    with reader(book) as found:
        first, second = read(found)
    assert first
    assert second
    assert sorted(first + second) == list(range(ROWS))


def test_both_halves_are_of_one_moment(book: LoanDatabase) -> None:
    with reader(book) as found:
        book.change("DELETE FROM lender.device_sighting WHERE id % 2 = 0")
        halves = read(found)
    assert len(halves) == 2
    assert sorted(halves[0] + halves[1]) == list(range(ROWS))


def test_a_view_is_read_by_one(book: LoanDatabase) -> None:
    book.change(
        "ALTER TABLE lender.device_sighting RENAME TO seen",
        "CREATE VIEW lender.device_sighting AS SELECT * FROM lender.seen",
    )
    with reader(book) as found:
        [whole] = read(found)
    assert sorted(whole) == list(range(ROWS))


def test_where_no_second_connection_is_given_one_reads(book: LoanDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connected = driver.connect, []

    def once(*given: object, **options: object) -> dbapi.Connection:
        if connected:
            raise dbapi.OperationalError("too many connections", status_code=AdbcStatusCode.IO)
        connected.append(connect(*given, **options))
        return connected[0]

    monkeypatch.setattr(driver, "connect", once)
    with reader(book) as found:
        [whole] = read(found)
    assert sorted(whole) == list(range(ROWS))
