"""The only place that executes statements: bounded in time, rows, memory and number, and never twice at once."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Select

from queries import running, snapshots
from queries.running import Asker
from queries.shapes import text_and_values
from rules import kept

SCREEN_ROWS = 10_000
SECONDS = 30.0
_STREAM_ROWS = 65_536

# Frames of figures are small: with texts as Python's own a page took a fifth to a third less time than with Arrow's.
pd.set_option("mode.string_storage", "python")

_kept = kept.Kept[pd.DataFrame](entries=1_000, size_bytes=128 * 1024 * 1024)

Statement = Select[*tuple[Any, ...]]


def read(
    statement: Statement,
    snapshot_id: str,
    asked_by: Asker | None = None,
    *,
    limit: int = SCREEN_ROWS,
    seconds: float = SECONDS,
) -> pd.DataFrame:
    """The rows of a statement on a snapshot, from the cache where they have been read before.

    The statement carries no LIMIT of its own; at most `limit` rows come back and `attrs["capped"]` says whether there
    are more. Dtypes follow from the statement: integers int64 (Int64 where a NULL is among them), booleans bool
    (boolean where a NULL is among them), texts and enums str (NULL as nan), dates and instants datetime64[us] (NULL as
    NaT). Sums are cast to BIGINT by the statement: a wider integer would lose digits and is refused.
    Raises `queries.faults.ReadError` with a sentence for people. The frame is the caller's to change.
    """
    text, values = text_and_values(statement.limit(limit + 1))
    key = (str(snapshots.path(snapshot_id)), text, *values)
    frame = _kept.get(key)
    if frame is None:

        def execute(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
            rows = _plain(cursor.execute(text, values))
            answer = rows.head(limit)
            answer.attrs["capped"] = len(rows) > limit
            _kept.put(key, answer, kept.frame_bytes(answer))
            return answer

        frame = running.once(key, snapshot_id, asked_by, seconds, execute)
    return frame.copy(deep=False)


def read_all(
    statements: Mapping[str, Select[*tuple[Any, ...]]],
    snapshot_id: str,
    asked_by: Asker | None = None,
    *,
    limit: int = SCREEN_ROWS,
) -> dict[str, pd.DataFrame]:
    """The rows of several statements under their names, as `read` gives them, as many at once as there are cores.

    (On two cores a page's statements took a third less time than one after another.)
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = {
            name: pool.submit(read, statement, snapshot_id, asked_by, limit=limit)
            for name, statement in statements.items()
        }
    return {name: answer.result() for name, answer in answers.items()}


def stream(statement: Statement, snapshot_id: str) -> Iterator[pa.RecordBatch]:
    """All rows of a statement, however many, in batches as they are taken: for exports. Enums come as texts.

    The snapshot stays open until the last batch is taken or the iterator is closed.
    """
    text, values = text_and_values(statement)
    with snapshots.cursor(snapshot_id) as cursor:
        for batch in cursor.sql(text, params=values).to_arrow_reader(_STREAM_ROWS):
            columns = [
                column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
                for column in batch.columns
            ]
            yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def statement_text(statement: Statement) -> tuple[str, list[Any]]:
    """The statement as DuckDB gets it, and its values in the order of $1, $2, ..."""
    return text_and_values(statement)


def forget() -> None:
    """Empty the cache, and drop what was worked out of frames, so that all runs again: for benchmarks and tests."""
    _kept.clear()
    kept.forget()


def _plain(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The rows with the dtypes that `read` promises."""
    wide = [name for name, kind, *_ in cursor.description if str(kind) in {"HUGEINT", "UHUGEINT"}]
    if wide:
        raise TypeError(f"cast to BIGINT in the statement: {', '.join(wide)}")
    rows = cursor.df()
    for name, dtype in rows.dtypes.items():
        plain = _plain_dtype(dtype)
        if plain != dtype:
            rows[name] = rows[name].astype(plain)
    return rows


def _plain_dtype(given: Any) -> Any:
    if given.kind == "O":  # enums, and texts of which there are none
        return "str"
    if given.kind in "iu":
        return "int64" if isinstance(given, np.dtype) else "Int64"
    return given
