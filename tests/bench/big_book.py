"""`python -m tests.bench.big_book`: a demo book of any number of loans, written where reading is to be measured.

Parts are simulated and written by two processes, so memory stays that of two parts; nothing is indexed or logged that
a refresh does not read by. What was written and how long it took is printed.
"""

import argparse
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from sqlalchemy import create_engine, make_url, text

from loanbook import books, demo
from loanbook.demo.write import without_keys, write

# What a refresh derives from; the rest of the contract is made on request.
TABLES = ("tier", "product", "funder", "member", "application", "score", "loan", "instalment", "repayment",
          "schedule_change", "book_note")  # fmt: skip
AS_OF = date(2026, 6, 30)
PART_MEMBERS = 100_000
LOANS_PER_MEMBER = 1.145  # as simulated; the loans of a book are about as many as were asked for
PROCESSES = 2


@dataclass(frozen=True)
class Part:
    """What it takes to simulate one part."""

    members: int
    number: int
    seed: int
    only: Collection[str] | None

    def tables(self) -> dict[str, pa.Table]:
        """Its rows."""
        return demo.part(self.members, self.seed, AS_OF, self.number, only=self.only)


@dataclass(frozen=True)
class Written:
    """How many rows were written, and how long it took."""

    rows: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        loans, rows = self.rows["loan"], sum(self.rows.values())
        return (
            f"{loans:,} loans, {rows:,} rows in {self.seconds:.1f} s: "
            f"{loans / self.seconds:,.0f} loans/s, {rows / self.seconds:,.0f} rows/s"
        )


def parts(loans: int, *, seed: int = demo.SEED, only: Collection[str] | None = TABLES) -> list[Part]:
    """The parts of a book of about so many loans."""
    members = max(1, round(loans / LOANS_PER_MEMBER))
    starts = range(0, members, PART_MEMBERS)
    return [Part(min(PART_MEMBERS, members - start), number, seed, only) for number, start in enumerate(starts)]


def fill_postgresql(url: str, loans: int, *, only: Collection[str] | None = TABLES) -> Written:
    """Write a book into an empty PostgreSQL database by COPY, each process its own parts on its own connection."""
    started = time.perf_counter()
    made = parts(loans, only=only)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        without_keys("UNLOGGED").create_all(connection)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        rows = _summed(pool.map(_copy, [url] * len(made), made))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return Written(rows, time.perf_counter() - started)


def fill_sqlite(path: Path, loans: int, *, only: Collection[str] | None = TABLES) -> Written:
    """Write a book into a new SQLite file; one process simulates ahead of the one that writes."""
    started = time.perf_counter()
    made = parts(loans, only=only)
    rows: dict[str, int] = {}
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, books.writable(path) as engine:
        write(_counted(_ahead(pool, made), rows), engine, lambda _what, _share: None, parts=len(made), indexed=False)
    return Written(rows, time.perf_counter() - started)


def _copy(url: str, part: Part) -> dict[str, int]:
    tables = part.tables()
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for name, rows in tables.items():
            if len(rows):
                cursor.adbc_ingest(name, _plain(rows), mode="append")
        connection.commit()
    return {name: len(rows) for name, rows in tables.items()}


def _plain(rows: pa.Table) -> pa.Table:
    """Texts instead of dictionaries, which COPY doesn't know."""
    columns = {name: rows[name] for name in rows.column_names}
    return pa.table({
        name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for name, column in columns.items()
    })  # fmt: skip


def _ahead(pool: ProcessPoolExecutor, made: list[Part]) -> Iterator[dict[str, pa.Table]]:
    """The tables of one part after another, the next one already being simulated, never more."""
    left = iter(made)
    waiting: list[Future[dict[str, pa.Table]]] = [pool.submit(part.tables) for part in islice(left, 2)]
    while waiting:
        tables = waiting.pop(0).result()
        yield tables
        waiting += [pool.submit(part.tables) for part in islice(left, 1)]


def _counted(tables: Iterator[dict[str, pa.Table]], rows: dict[str, int]) -> Iterator[dict[str, pa.Table]]:
    for part in tables:
        for name, added in part.items():
            rows[name] = rows.get(name, 0) + len(added)
        yield part


def _summed(counts: Iterator[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for name, added in part.items():
            total[name] = total.get(name, 0) + added
    return total


def main() -> None:
    """Write, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.big_book", description=__doc__)
    parser.add_argument("into", help="postgresql://... of an empty database, or the path of a SQLite file")
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--all-tables", action="store_true", help="not only what a refresh derives from")
    options = parser.parse_args()
    only = None if options.all_tables else TABLES
    if options.into.startswith("postgresql"):
        written = fill_postgresql(options.into, options.loans, only=only)
    else:
        written = fill_sqlite(Path(options.into), options.loans, only=only)
    sys.stdout.write(f"{written}\n")


if __name__ == "__main__":
    main()
