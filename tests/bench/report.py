"""The whole benchmark on one PostgreSQL: the book written, refreshed, and asked every way."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from loanbook import schema
from queries import snapshots
from tests.bench import big_book, cases, refreshing, rivals, table, timing

ALL_TABLES_UP_TO = 1_000_000  # loans; books of more have only what a refresh derives from


def write(url: str, folder: Path, loans: int, runs: int, *, tell: Callable[[str], None]) -> list[str]:
    """The lines of the report, each told as soon as it is known.

    url: an empty PostgreSQL database, or one into which a book has been written. folder: for the snapshot.
    """
    lines: list[str] = []

    def say(*more: str) -> None:
        lines.extend(more)
        for line in more:
            tell(line)

    only = None if loans <= ALL_TABLES_UP_TO else big_book.TABLES
    if rivals.is_empty(url):
        say(f"Book: {big_book.fill_postgresql(url, loans, only=only)}", "")
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier run has left
    refreshed = refreshing.refresh(url, folder)
    say(*refreshing.told(refreshed, 0 if only is None else len(schema.metadata.tables) - len(only)), "")
    snapshots.use(folder, memory_limit="4GB", threads=os.cpu_count() or 1)
    snapshot_id = snapshots.current()
    with snapshots.cursor(snapshot_id) as cursor, rivals.postgresql(url) as server:
        started = time.perf_counter()
        rivals.copy_to_postgresql(url, cursor)
        say(f"PostgreSQL was given loan_fact and loan_month in {time.perf_counter() - started:.0f} s.", "")
        for part in cases.parts(snapshot_id, rivals.loans_frame(cursor), rivals.months_frame(cursor)):
            at_once = timing.time_part(part, snapshot_id, cursor, server, runs)
            say(*table.table(part, refreshed.loans, at_once), "")
    return lines
