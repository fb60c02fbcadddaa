"""Copies the loan database's tables into a new snapshot, batch by batch, and proves each copy against the source."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Column, ColumnElement, DateTime, Table, cast, column, func, insert, select, try_cast
from sqlalchemy import table as named_table
from sqlalchemy.schema import CreateTable

from loanbook import copied, schema
from loanbook.constructs import instant
from loanbook.reading import SHOWN_ROWS, Measured, Reader, named
from loanbook.snapshot_schema import source_table
from loanbook.snapshots import SnapshotError
from loanbook.stages import Progress
from loanbook.working import run

_BATCHES = "batches"


def copy(
    reader: Reader,
    present: Mapping[str, frozenset[str]],
    snapshot: duckdb.DuckDBPyConnection,
    progress: Progress,
) -> int:
    """Copy every table of the contract that the source has, create the others empty; the number of rows copied.

    `SnapshotError` where a table lacks a required column, holds values of a wrong type, or its copy is not equal to it.
    """
    _refuse_missing_columns(present)
    tables = [table for table in schema.metadata.sorted_tables if table.name in present]
    columns = {table.name: _present_columns(table, present) for table in tables}
    measured = {}
    for done, table in enumerate(tables):
        progress(f"Measuring {table.name}", 0.3 * done / len(tables))
        measured[table.name] = reader.measure(table, columns[table.name])
    text_keys = frozenset[str]().union(*(each.text_keys for each in measured.values()))
    rows = sum(each.rows for each in measured.values())
    read = 0
    for contract in schema.metadata.sorted_tables:
        progress(f"Reading {contract.name}", 0.3 + 0.7 * read / max(rows, 1))
        target = copied.table(contract, text_keys)
        run(snapshot, CreateTable(target))
        if contract.name in present and measured[contract.name].rows:
            _insert(reader, snapshot, contract, columns[contract.name], text_keys)
            _prove(snapshot, target, measured[contract.name])
            read += measured[contract.name].rows
    notes = [_note(each, present.get(each.name), measured.get(each.name)) for each in schema.metadata.sorted_tables]
    run(snapshot, insert(source_table).values(notes))
    return rows


def present_tables(snapshot: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The contract's tables that the source had."""
    return frozenset(name for (name,) in run(snapshot, select(source_table.c.name).where(source_table.c.present)))


def _refuse_missing_columns(present: Mapping[str, frozenset[str]]) -> None:
    faults = []
    for table in schema.metadata.sorted_tables:
        required = [each.name for each in copied.columns(table) if not each.nullable]
        missing = [name for name in required if table.name in present and name not in present[table.name]]
        if missing:
            faults.append(
                f'The loan database\'s table "{table.name}" lacks {_listed(missing)}; add it, '
                "or name a view of the contract's shape like the table."
            )
    if faults:
        raise SnapshotError("\n".join(faults))


def _listed(names: Sequence[str]) -> str:
    return ("the columns " if len(names) > 1 else "the column ") + ", ".join(f'"{name}"' for name in names)


def _present_columns(table: Table, present: Mapping[str, frozenset[str]]) -> list[Column[Any]]:
    return [each for each in copied.columns(table) if each.name in present[table.name]]


def _insert(
    reader: Reader,
    snapshot: duckdb.DuckDBPyConnection,
    contract: Table,
    columns: Sequence[Column[Any]],
    text_keys: frozenset[str],
) -> None:
    target = copied.table(contract, text_keys)
    batches = named_table(_BATCHES, *(column(each.name) for each in columns))
    values = [_value(batches.c[each.name], target.c[copied.name(each)]) for each in columns]
    statement = insert(target).from_select([copied.name(each) for each in columns], select(*values))
    try:
        _streamed(snapshot, statement, reader.batches(contract, columns, text_keys))
    except duckdb.ConversionException:
        for each in columns:
            _refuse_unless_castable(reader, snapshot, each, target.c[copied.name(each)], text_keys)
        raise
    except duckdb.InvalidInputException as error:
        raise SnapshotError(f"The loan database's table \"{contract.name}\" can't be read: {_said(error)}.") from error


def _value(read: ColumnElement[Any], target: Column[Any]) -> ColumnElement[Any]:
    return instant(read) if isinstance(target.type, DateTime) else cast(read, target.type)


def _streamed(snapshot: duckdb.DuckDBPyConnection, statement: Any, batches: pa.RecordBatchReader) -> list[Any]:
    snapshot.register(_BATCHES, batches)
    try:
        return run(snapshot, statement)
    finally:
        snapshot.unregister(_BATCHES)


def _refuse_unless_castable(
    reader: Reader,
    snapshot: duckdb.DuckDBPyConnection,
    source: Column[Any],
    target: Column[Any],
    text_keys: frozenset[str],
) -> None:
    """Read the table once more for one column, to name the rows whose value does not exist in its type."""
    contract = source.table
    columns = list(dict.fromkeys([*contract.primary_key, source]))
    batches = named_table(_BATCHES, *(column(each.name) for each in columns))
    value: ColumnElement[Any] = batches.c[source.name]
    keys = [batches.c[key.name] for key in contract.primary_key]
    broken = (
        select(*keys, value, func.count().over())
        .where(value.is_not(None), try_cast(value, target.type).is_(None))
        .limit(SHOWN_ROWS)
    )
    rows = _streamed(snapshot, broken, reader.batches(contract, columns, text_keys))
    if rows:
        shown = "; ".join(f'{named(contract, row[:-2])} ("{row[-2]}")' for row in rows)
        raise SnapshotError(
            f'The loan database\'s table "{contract.name}", column "{source.name}": {rows[0][-1]} value(s) are '
            f"{'no date that exists' if copied.is_instant(source) else 'out of range'}: {shown}."
        )


def _prove(snapshot: duckdb.DuckDBPyConnection, target: Table, measured: Measured) -> None:
    """Hold a copy's count and sums against the source's, taken in the same transaction."""
    sums = [func.coalesce(func.sum(target.c[name]), 0) for name, _ in measured.fen]
    [found] = run(snapshot, select(func.count(), *sums).select_from(target))
    expected = (measured.rows, *(fen for _, fen in measured.fen))
    names = ("rows", *(name for name, _ in measured.fen))
    for name, copy_says, source_says in zip(names, found, expected, strict=True):
        if copy_says != source_says:
            raise SnapshotError(
                f'The copy of table "{target.name}" is not equal to the source: {name} is {copy_says} in the copy and '
                f"{source_says} in the loan database. Refresh again; the snapshot before this one stays in use."
            )


def _note(contract: Table, present: frozenset[str] | None, measured: Measured | None) -> dict[str, Any]:
    """What is told of one source table."""
    missing = [each.name for each in copied.columns(contract) if present is not None and each.name not in present]
    return {
        "name": contract.name,
        "present": measured is not None,
        "rows": measured.rows if measured else 0,
        "checksum": ", ".join(f"{name} {fen}" for name, fen in measured.fen) if measured else "",
        "missing_columns": ", ".join(missing),
    }


def _said(error: duckdb.Error) -> str:
    return str(error).splitlines()[0].rstrip(".")
