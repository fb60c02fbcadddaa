"""The copy that the check judges: read as a refresh reads, but for the columns that can't be used, which are told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, Numeric, String, Table, delete
from sqlalchemy.schema import CreateTable

from loanbook import copied, copying, schema
from loanbook.finding import Finding, Severity
from loanbook.reading import Fault, Measured, Reader, UnusableColumnsError
from loanbook.stages import Progress
from loanbook.working import run
from rules.text import N_

_KEYS = N_("whole numbers or texts")
_KINDS: tuple[tuple[type, str], ...] = (
    (Boolean, N_("true or false")),
    (Integer, N_("whole numbers")),
    (Numeric, N_("numbers")),
    (DateTime, N_("UTC instants such as 2026-11-20 08:30:00")),
    (Date, N_("dates such as 2026-11-20")),
    (JSON, N_("JSON")),
    (String, N_("texts")),
)

Columns = Mapping[str, Sequence[Column[Any]]]  # by table


class Copy:
    """A copy of a loan database that is being made, and the faults of columns that are left empty in it."""

    def __init__(self, reader: Reader, snapshot: duckdb.DuckDBPyConnection) -> None:
        self.faults: list[Fault] = []
        self._reader = reader
        self._snapshot = snapshot

    @property
    def unusable(self) -> frozenset[Column[Any]]:
        """The columns that can't be used."""
        return frozenset(fault.column for fault in self.faults)

    def make(self, columns: Columns, progress: Progress) -> None:
        """Create all tables, and copy into each the columns that are given and can be used."""
        tables = [table for table in schema.metadata.sorted_tables if columns.get(table.name)]
        measured = {}
        for done, table in enumerate(tables):
            progress(f"Measuring {table.name}", 0.3 * done / len(tables))
            measured[table] = self._measure(table, columns[table.name])
        text_keys = frozenset[str]().union(*(each.text_keys for each in measured.values()))
        self._snapshot.begin()
        for table in schema.metadata.sorted_tables:
            run(self._snapshot, CreateTable(copied.table(table, text_keys)))
        self._snapshot.commit()
        rows, read = sum(each.rows for each in measured.values()), 0
        for table, each in measured.items():
            progress(f"Reading {table.name}", 0.3 + 0.7 * read / max(rows, 1))
            if each.rows:
                self._fill(table, columns[table.name], each, text_keys)
            read += each.rows

    def _measure(self, table: Table, columns: Sequence[Column[Any]]) -> Measured:
        while True:
            try:
                return self._reader.measure(table, self._usable(columns))
            except UnusableColumnsError as error:
                self.faults += error.faults

    def _fill(self, table: Table, columns: Sequence[Column[Any]], measured: Measured, keys: frozenset[str]) -> None:
        target = copied.table(table, keys)
        while usable := self._usable(columns):
            names = {copied.name(column) for column in usable}
            expected = replace(measured, fen=tuple(each for each in measured.fen if each[0] in names))
            try:
                copying.fill(self._reader, self._snapshot, table, usable, keys)
                copying.prove(self._reader, self._snapshot, table, expected, keys)
            except UnusableColumnsError as error:
                self.faults += error.faults
                run(self._snapshot, delete(target))
            else:
                return

    def _usable(self, columns: Sequence[Column[Any]]) -> list[Column[Any]]:
        unusable = self.unusable
        return [column for column in columns if column not in unusable]


def finding(fault: Fault) -> Finding:
    """A fault as the check tells it: without the values."""
    kind = "wrong_value_type" if fault.count else "wrong_column_type"
    return Finding(
        Severity.UNUSABLE,
        fault.column.table.name,
        fault.column.name,
        kind,
        fault.count,
        fault.rows,
        _meant(fault.column),
        fault.found,
    )


def _meant(column: Column[Any]) -> str:
    if schema.is_key(column):
        return _KEYS
    return next(words for kind, words in _KINDS if isinstance(column.type, kind))
