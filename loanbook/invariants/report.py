"""What is found, as it is written into the snapshot: each broken invariant, and the rows behind it by their keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    String,
    Table,
    cast,
    column,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy import table as named_table
from sqlalchemy.sql import visitors

from loanbook import copied
from loanbook.finding import Severity
from loanbook.snapshot_schema import broken_invariant, broken_row
from loanbook.working import drop, run, work_table

LISTED_ROWS = 1_000  # of each broken invariant; its count says how many there are
_KEYS = "keys_at_fault"


@dataclass(frozen=True)
class Rule:
    """What may not be true of a row."""

    kind: str  # one of loanbook.finding.SENTENCES
    at_fault: ColumnElement[bool]
    column: str = ""  # as the contract names it
    expected: str = ""
    glance: ColumnElement[bool] | None = None  # a cheap aggregate, false only where no row is at fault


class Report:
    """Judges rules on a copy and notes what it finds, in temporary tables until `write`.

    (Each write into the snapshot waits for the disk: a dozen took longer than all the rules on a small book.)
    """

    def __init__(
        self, snapshot: duckdb.DuckDBPyConnection, unusable: frozenset[Column[Any]], most_rows: int | None
    ) -> None:
        self.snapshot = snapshot
        self._unusable = {(each.table.name, copied.name(each)) for each in unusable}
        self._most_rows = most_rows
        targets = (broken_invariant, broken_row)
        self._noted = {target: work_table(snapshot, f"noted_{target.name}", select(target)) for target in targets}

    def write(self) -> None:
        """Write what was found into the snapshot."""
        for target, noted in self._noted.items():
            run(self.snapshot, insert(target).from_select(target.columns.keys(), select(noted)))
            drop(self.snapshot, noted)

    def can_judge(self, *columns: Column[Any]) -> bool:
        """Whether all these columns of the copy hold what the source has."""
        return self._unusable.isdisjoint((each.table.name, each.name) for each in columns)

    def judge(self, contract: Table, rules: Sequence[Rule], rows: FromClause | None = None) -> None:
        """Count the rows at fault by all rules in one pass, and list them in one more for each that is broken.

        `rows` are the table's rows with others beside them, where rules compare them.
        """
        beside = copied.TABLES[contract.name] if rows is None else rows
        judged = [rule for rule in rules if self.can_judge(*_read_by(rule.at_fault))]
        if not judged:
            return
        asked = [func.count().filter(rule.at_fault) if rule.glance is None else rule.glance for rule in judged]
        [found] = run(self.snapshot, select(*asked).select_from(beside))
        for rule, answer in zip(judged, found, strict=True):
            if answer:
                faulty = select(*key_columns(contract)).select_from(beside).where(rule.at_fault)
                count = self.count(faulty) if rule.glance is not None else answer
                self.add(contract, rule.kind, count, faulty, rule.column, rule.expected)

    def count(self, rows: Select[Any]) -> int:
        """How many rows a statement has."""
        [(counted,)] = run(self.snapshot, select(func.count()).select_from(rows.subquery()))
        return int(counted)

    def add(
        self, contract: Table, kind: str, count: int, rows: Select[Any], column_name: str = "", expected: str = ""
    ) -> None:
        """Write down a broken invariant, if any row breaks it; of the keys that `rows` selects the first are listed."""
        if not count:
            return
        told = {
            "kind": kind,
            "severity": Severity.BROKEN.value,
            "table_name": contract.name,
            "column_name": column_name,
            "expected": expected,
            "rows": count,
        }
        run(self.snapshot, insert(self._noted[broken_invariant]).values(told))
        keys = rows.order_by(*rows.selected_columns).limit(self._most_rows).subquery()
        written = func.concat_ws(", ", *(func.coalesce(cast(key, String), literal("")) for key in keys.c))
        listed = select(literal(kind), literal(contract.name), literal(column_name), written).order_by(*keys.c)
        run(self.snapshot, insert(self._noted[broken_row]).from_select(broken_row.columns.keys(), listed))

    def add_keys(self, contract: Table, kind: str, keys: Sequence[Any]) -> None:
        """Write down a broken invariant whose rows were found outside of the database."""
        if not len(keys):
            return
        self.snapshot.register(_KEYS, pa.table({"key": pa.array(keys)}))
        self.add(contract, kind, len(keys), select(named_table(_KEYS, column("key"))))
        self.snapshot.unregister(_KEYS)


def key_columns(contract: Table) -> list[Column[Any]]:
    """The columns of the copy that name a row."""
    return [copied.TABLES[contract.name].c[copied.name(key)] for key in contract.primary_key]


def _read_by(condition: ColumnElement[bool]) -> list[Column[Any]]:
    """The copied tables' columns that a condition reads, under whatever alias."""
    parts = (part for part in visitors.iterate(condition) if isinstance(part, ColumnElement))
    return [base for part in parts for base in part.base_columns if isinstance(base, Column)]
