"""The only place that executes statements: bounded in time, rows, memory and number, and never twice at once."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from sqlalchemy import Select

from loanbook import constructs
from queries import running, snapshots
from queries.running import Asker

SCREEN_ROWS = 10_000
SECONDS = 30.0
_STREAM_ROWS = 65_536
_KEPT_ENTRIES = 1_000
_KEPT_BYTES = 128 * 1024 * 1024

Key = tuple[str, str, tuple[Any, ...]]


def read(
    statement: Select[*tuple[Any, ...]],
    snapshot_id: str,
    asked_by: Asker | None = None,
    *,
    limit: int = SCREEN_ROWS,
    seconds: float = SECONDS,
) -> pd.DataFrame:
    """The rows of a statement on a snapshot, from the cache where they have been read before.

    The statement carries no LIMIT of its own; at most `limit` rows come back and `attrs["capped"]` says whether there
    are more. Dtypes follow from the statement: integers int64 (Int64 where a NULL is among them), texts and enums str
    (NULL as nan), dates and instants datetime64 (NULL as NaT), booleans bool (boolean where a NULL is among them).
    Raises `queries.faults.ReadError` with a sentence for people. The frame is the caller's to change.
    """
    text, values = statement_text(statement.limit(limit + 1))
    key = (str(snapshots.path(snapshot_id)), text, tuple(values))
    frame = _cache.get(key)
    if frame is None:

        def execute(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
            rows = _frame(cursor.sql(text, params=values).to_arrow_table())
            answer = rows.head(limit)
            answer.attrs["capped"] = len(rows) > limit
            _cache.put(key, answer)
            return answer

        frame = running.once(key, snapshot_id, asked_by, seconds, execute)
    return frame.copy(deep=False)


def stream(statement: Select[*tuple[Any, ...]], snapshot_id: str) -> Iterator[pa.RecordBatch]:
    """All rows of a statement, however many, in batches as they are taken: for exports. Enums come as texts.

    The snapshot stays open until the last batch is taken or the iterator is closed.
    """
    text, values = statement_text(statement)
    with snapshots.cursor(snapshot_id) as cursor:
        for batch in cursor.sql(text, params=values).to_arrow_reader(_STREAM_ROWS):
            yield pa.RecordBatch.from_arrays([_plain(column) for column in batch.columns], names=batch.schema.names)


def statement_text(statement: Select[*tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """The statement as DuckDB gets it, and its values in the order of $1, $2, ..."""
    return constructs.compiled(statement)


def forget() -> None:
    """Empty the cache, so that the next reads run: for benchmarks and tests."""
    _cache.clear()


class _Cache:
    """Frames by snapshot, statement and values; the longest unused are dropped first."""

    def __init__(self, entries: int, size_bytes: int) -> None:
        self._entries, self._bytes = entries, size_bytes
        self._frames: OrderedDict[Key, tuple[pd.DataFrame, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> pd.DataFrame | None:
        with self._lock:
            if key not in self._frames:
                return None
            self._frames.move_to_end(key)
            return self._frames[key][0]

    def put(self, key: Key, frame: pd.DataFrame) -> None:
        size = int(frame.memory_usage(deep=True).sum())
        with self._lock:
            self._drop(key)
            if size > self._bytes:
                return
            self._frames[key] = (frame, size)
            self._used += size
            while self._used > self._bytes or len(self._frames) > self._entries:
                self._drop(next(iter(self._frames)))

    def clear(self) -> None:
        with self._lock:
            self._frames.clear()
            self._used = 0

    def _drop(self, key: Key) -> None:
        if key in self._frames:
            self._used -= self._frames.pop(key)[1]


_cache = _Cache(_KEPT_ENTRIES, _KEPT_BYTES)


def _plain(column: Any) -> Any:
    """Enums as texts, integers as 64 bits: the same type whatever the column is made of."""
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    return column.cast(pa.int64()) if pa.types.is_integer(column.type) else column


_WITH_NULLS = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def _frame(table: pa.Table) -> pd.DataFrame:
    columns = {}
    for name, raw in zip(table.column_names, table.columns, strict=True):
        column = _plain(raw)
        mapper = _WITH_NULLS.get if column.null_count and column.type in _WITH_NULLS else None
        columns[name] = column.to_pandas(date_as_object=False, types_mapper=mapper)
    return pd.DataFrame(columns)
