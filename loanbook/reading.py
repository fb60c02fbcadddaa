"""What the refresh asks of a loan database, whatever its engine: measure a table, then read it, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
from sqlalchemy import Column, Table

from loanbook import copied, schema

BATCH_ROWS = 65_536
SHOWN_ROWS = 3  # how many faulty rows a sentence names


@dataclass(frozen=True)
class Measured:
    """One table as the source itself counts it."""

    rows: int
    fen: tuple[tuple[str, int], ...]  # the sum of each money column, by its name in the copy
    text_keys: frozenset[str]  # tables whose keys are texts, as far as this table shows


class Reader(Protocol):
    """One consistent read of a loan database."""

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts and sums; `SnapshotError` where a column holds values of a wrong type."""

    def batches(self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]) -> pa.RecordBatchReader:
        """The rows in batches, in the types of `arrow_type`."""


def arrow_type(column: Column[Any], text_keys: frozenset[str]) -> pa.DataType:
    """The type in which a reader hands a column over: integer, double or text; money is fen, dates are text."""
    if schema.is_key(column):
        return pa.string() if copied.referred(column) in text_keys else pa.int64()
    kind = python_type(column)
    if kind is int or copied.is_money(column):
        return pa.int64()
    return pa.float64() if kind is float else pa.string()


def python_type(column: Column[Any]) -> type:
    """What a value of a column is in the source: int, float or str."""
    if copied.is_instant(column) or isinstance(column.type, copied.TEXTS):
        return str
    return float if isinstance(column.type, copied.FRACTIONS) else int


def key_columns(table: Table, columns: Sequence[Column[Any]]) -> list[Column[Any]]:
    """The columns by which a row is named to a person."""
    return [column for column in table.primary_key if column in columns]


def named(table: Table, keys: Sequence[Any]) -> str:
    """A row as a sentence names it: "id 17" or "loan_id 17, number 3"."""
    return ", ".join(f"{column.name} {key}" for column, key in zip(table.primary_key, keys, strict=True))
