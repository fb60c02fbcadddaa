"""Times every statement each way, after all ways have given the same figures."""

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import pandas as pd
import psycopg

from queries.exits import MOST_CELLS
from queries.read import forget, read, read_all
from tests.bench.cases import Case, Part
from tests.bench.clock import elapsed_ms
from tests.bench.rivals import TIMEOUT_SECONDS

OURS, HAND, PANDAS, POSTGRESQL = "ours", "by hand", "pandas", "PostgreSQL"
RARELY = 3  # pandas and PostgreSQL run once in so many times
TOO_SLOW = float("inf")  # PostgreSQL gave up


def time_part(
    part: Part, snapshot_id: str, cursor: duckdb.DuckDBPyConnection, server: psycopg.Connection, runs: int
) -> list[float]:
    """Fill the cases' times; the milliseconds of one filter change at once."""
    cases = [*part.page, *part.others]
    for case in cases:
        _agree(case, snapshot_id, cursor, server)
    at_once: list[float] = []
    for run in range(runs):
        at_once.append(elapsed_ms(partial(_page, part.page, snapshot_id)))
        for case in cases:
            _keep(case, OURS, partial(_ours, case, snapshot_id))
            _keep(case, HAND, partial(_by_hand, case, cursor))
            if run % RARELY == 0:
                _keep(case, PANDAS, case.in_pandas)
                _keep(case, POSTGRESQL, None if case.ms[POSTGRESQL] == [TOO_SLOW] else partial(_asked, case, server))
    return at_once


def median(case: Case, way: str) -> float | None:
    """The milliseconds of a case; None where this way was left out."""
    return statistics.median(case.ms[way]) if case.ms.get(way) else None


def _agree(case: Case, snapshot_id: str, cursor: duckdb.DuckDBPyConnection, server: psycopg.Connection) -> None:
    """Every way gives the same sums, those in SQL as many rows too. A first run, not timed, of all but the slowest."""
    found = {OURS: _ours(case, snapshot_id), HAND: _by_hand(case, cursor)}
    case.ms[POSTGRESQL] = []
    try:
        found[POSTGRESQL] = _asked(case, server)
    except psycopg.errors.QueryCanceled:
        case.ms[POSTGRESQL] = [TOO_SLOW]
    rows = {way: len(frame) for way, frame in found.items()}
    if case.in_pandas is not None:
        found[PANDAS] = case.in_pandas()
    if len(set(rows.values())) != 1:
        raise SystemExit(f"{case.name}: as many rows are found as {rows}")
    for column in case.compared:
        sums = {way: int(frame[column].sum()) for way, frame in found.items()}
        if len(set(sums.values())) != 1:
            raise SystemExit(f"{case.name}: {column} is {sums}")


def _keep(case: Case, way: str, run: Callable[[], object] | None) -> None:
    if run is None:
        return
    try:
        case.ms.setdefault(way, []).append(elapsed_ms(run))
    except psycopg.errors.QueryCanceled:  # it was near the limit before
        case.ms[way].append(TIMEOUT_SECONDS * 1000.0)


def _ours(case: Case, snapshot_id: str) -> pd.DataFrame:
    forget()
    return read(case.statement, snapshot_id, limit=MOST_CELLS)


def _page(cases: list[Case], snapshot_id: str) -> None:
    forget()
    read_all({case.name: case.statement for case in cases}, snapshot_id, limit=MOST_CELLS)


def _by_hand(case: Case, cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return cursor.execute(case.by_hand).df()


def _asked(case: Case, server: psycopg.Connection) -> pd.DataFrame:
    answer: Any = server.execute(case.by_hand)
    return pd.DataFrame(answer.fetchall(), columns=[column.name for column in answer.description])
