"""Connections to one SQLite file, by ADBC, whose read transactions all see the same state of it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

from adbc_driver_manager import dbapi
from adbc_driver_sqlite import dbapi as driver

from loanbook.snapshots import SnapshotError

_PATIENCE_MILLISECONDS = 10_000  # of the connection without which nothing is read
_GLANCE_MILLISECONDS = 100
_MOST = 4  # connections; DuckDB needs the cores too
_TRIES = 20
_READ = "SELECT count(*) FROM sqlite_master"  # a transaction takes its state with its first read


@contextmanager
def opened(path: str) -> Iterator[Sequence[dbapi.Cursor]]:
    """A cursor for each core, in read transactions on one state; a single one where writers never leave a moment.

    SQLite's `data_version` changes, for a connection that looks at it, with each commit of any other. So if it is the
    same before the first transaction began and after the last did, nothing was committed between them.
    """
    with ExitStack() as stack:
        try:
            watching = _cursor(stack, path, _GLANCE_MILLISECONDS)
            cursors = [_cursor(stack, path, _PATIENCE_MILLISECONDS)]
            cursors += [_cursor(stack, path, _GLANCE_MILLISECONDS) for _ in range(min(os.cpu_count() or 1, _MOST) - 1)]
            begun = cursors[: _begin(watching, cursors)]
        except dbapi.Error as error:
            said = str(error).splitlines()[0].rstrip(".")
            raise SnapshotError(f"The loan database can't be read: {said}.") from error
        yield begun


def _cursor(stack: ExitStack, path: str, patience_milliseconds: int) -> dbapi.Cursor:
    connection = stack.enter_context(driver.connect(f"file:{quote(path)}?mode=ro", autocommit=True))
    cursor = stack.enter_context(connection.cursor())
    _ask(cursor, f"PRAGMA busy_timeout = {patience_milliseconds}")
    return cursor


def _begin(watching: dbapi.Cursor, cursors: Sequence[dbapi.Cursor]) -> int:
    """Begin a transaction on each cursor; how many have begun on one state: all, or the first alone."""
    for _ in range(_TRIES):
        for cursor in cursors:
            _ask(cursor, "BEGIN")
        if _see_one_state(watching, cursors):
            return len(cursors)
        for cursor in cursors:
            _ask(cursor, "ROLLBACK")
    _ask(cursors[0], "BEGIN")
    _ask(cursors[0], _READ)
    return 1


def _see_one_state(watching: dbapi.Cursor, cursors: Sequence[dbapi.Cursor]) -> bool:
    """Let each transaction take its state; a writer who waits for the first keeps the others from it: not now, then."""
    try:
        before = _ask(watching, "PRAGMA data_version")
        for cursor in cursors:
            _ask(cursor, _READ)
        return _ask(watching, "PRAGMA data_version") == before
    except dbapi.Error:  # should it be another fault than a lock, the next try on the first alone says so
        return False


def _ask(cursor: dbapi.Cursor, sql: str) -> list[tuple[int, ...]]:
    cursor.execute(sql)
    return cursor.fetchall()
