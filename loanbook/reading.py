"""What the refresh asks of a loan database, whatever its engine: measure a table, then read it, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
from sqlalchemy import Boolean, Column, Table

from loanbook import copied, schema
from loanbook.snapshots import SnapshotError

BATCH_ROWS = 65_536
SHOWN_ROWS = 3  # how many faulty rows a sentence names

_MEANT = {int: "a whole number", float: "a number", str: "text"}


@dataclass(frozen=True)
class Measured:
    """One table as the source itself counts it."""

    rows: int
    fen: tuple[tuple[str, int], ...]  # the sum of each money column, by its name in the copy
    text_keys: frozenset[str]  # tables whose keys are texts, as far as this table shows


class Reader(Protocol):
    """One consistent read of a loan database."""

    def measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        """Counts and sums; `SnapshotError` where a column can't be what the contract says."""

    def streams(
        self, table: Table, columns: Sequence[Column[Any]], text_keys: frozenset[str]
    ) -> list[pa.RecordBatchReader]:
        """The rows in batches; more than one stream where parts of a table can be read at the same time.

        Keys are whole numbers, or texts where `text_keys` has the table they refer to; truth is 0 and 1; money is whole
        fen, or CNY as a double; dates and instants are Arrow's own (instants naive UTC) or texts.
        """

    def refuse(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """After a read that broke off: `SnapshotError` that names the rows with values of a wrong type, if any."""


def arrow_type(column: Column[Any], text_keys: frozenset[str]) -> pa.DataType:
    """The type of a column in a stream of a reader whose source keeps no types: money is CNY, dates are text."""
    if schema.is_key(column):
        return pa.string() if copied.referred(column) in text_keys else pa.int64()
    kind = python_type(column)
    if kind is int:
        return pa.int64()
    return pa.float64() if kind is float else pa.string()


def python_type(column: Column[Any]) -> type:
    """What a value of a column is in the source: int, float or str."""
    if copied.is_instant(column) or isinstance(column.type, copied.TEXTS):
        return str
    return float if isinstance(column.type, copied.FRACTIONS) else int


def is_plain_text(column: Column[Any]) -> bool:
    """Whether any value will do for a column, as its text."""
    return python_type(column) is str and not copied.is_instant(column) and not schema.is_key(column)


def meant(column: Column[Any]) -> str:
    """What a value of a column should be, in words."""
    if schema.is_key(column):
        return "a whole number or a text"
    if isinstance(column.type, Boolean):
        return "true or false"
    return "a date" if copied.is_instant(column) else _MEANT[python_type(column)]


def unreadable(table: Table, said: object) -> SnapshotError:
    """A table can't be read; with the first line of what the database said."""
    first = str(said).strip().splitlines()[0].rstrip(".: ")
    return SnapshotError(f"The loan database's table \"{table.name}\" can't be read: {first}.")


@dataclass(frozen=True)
class Fault:
    """Why a column can't be used: its type, or that of some values."""

    column: Column[Any]
    sentence: str
    count: int = 0  # how many values; none where it is the column's own type
    rows: tuple[str, ...] = ()  # the first of their rows, by key
    found: str = ""  # the column's type


class UnusableColumnsError(SnapshotError):
    """Columns can't be used; the message has a line for each."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.sentence for fault in faults))


def faulty(column: Column[Any], fault: str, rows: Sequence[Sequence[Any]]) -> Fault:
    """Values can't be used. `rows` are the first of them: the key, the value, how many there are in all."""
    table, count = column.table, rows[0][-1]
    keys = tuple(named(table, row[:-2]) for row in rows)
    shown = "; ".join(f'{key} ("{row[-2]}")' for key, row in zip(keys, rows, strict=True))
    sentence = (
        f'The loan database\'s table "{table.name}", column "{column.name}": {count} value(s) are {fault}: {shown}.'
    )
    return Fault(column, sentence, count, keys)


def mistyped(column: Column[Any], found: str) -> Fault:
    """The column is of a type that can't hold what it should."""
    sentence = (
        f'The loan database\'s table "{column.table.name}", column "{column.name}" is of type {found}, where '
        f"each value should be {meant(column)}; change it, or name a view that casts it like the table."
    )
    return Fault(column, sentence, found=found)


def named(table: Table, keys: Sequence[Any]) -> str:
    """A row as a sentence names it: "id 17" or "loan_id 17, number 3"."""
    return ", ".join(f"{column.name} {key}" for column, key in zip(table.primary_key, keys, strict=True))
