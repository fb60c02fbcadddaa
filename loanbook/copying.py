"""Copies the loan database's tables into a new snapshot, batch by batch, and proves each copy against the source."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    String,
    Table,
    and_,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    try_cast,
    union_all,
)
from sqlalchemy import table as named_table
from sqlalchemy.schema import CreateTable

from loanbook import copied, schema
from loanbook.constructs import instant
from loanbook.reading import SHOWN_ROWS, Measured, Reader, UnusableColumnsError, faulty, unreadable
from loanbook.snapshot_schema import source_table
from loanbook.snapshots import SnapshotError
from loanbook.stages import Progress
from loanbook.working import run


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
            fill(reader, snapshot, contract, columns[contract.name], text_keys)
            prove(reader, snapshot, contract, measured[contract.name], text_keys)
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


def fill(
    reader: Reader,
    snapshot: duckdb.DuckDBPyConnection,
    contract: Table,
    columns: Sequence[Column[Any]],
    text_keys: frozenset[str],
) -> None:
    """Read some columns of a table into its copy; `UnusableColumnsError` where values of them can't be."""
    target = copied.table(contract, text_keys)
    streams = reader.streams(contract, columns, text_keys)
    kinds = streams[0].schema

    def values(batches: FromClause) -> Select[Any]:
        return select(*(_value(batches, each, kinds.field(each.name).type, target) for each in columns))

    names = [copied.name(each) for each in columns]
    try:
        _streamed(snapshot, streams, lambda parts: insert(target).from_select(names, union_all(*map(values, parts))))
    except duckdb.ConversionException:
        reader.refuse(contract, columns)
        for each in columns:
            _refuse_unless_castable(reader, snapshot, each, target, text_keys)
        raise
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        reader.refuse(contract, columns)
        raise unreadable(contract, str(error).rpartition("failed: ")[2]) from error  # DuckDB's own words go before


def _value(batches: FromClause, source: Column[Any], read: pa.DataType, target: Table) -> ColumnElement[Any]:
    """A column of a stream as the copy has it."""
    value, type_ = batches.c[source.name], target.c[copied.name(source)].type
    if copied.is_money(source) and pa.types.is_floating(read):
        return cast(func.round(value * 100), type_)
    return instant(value) if isinstance(type_, DateTime) and not pa.types.is_timestamp(read) else cast(value, type_)


def _streamed(
    snapshot: duckdb.DuckDBPyConnection,
    streams: Sequence[pa.RecordBatchReader],
    statement: Callable[[list[FromClause]], Any],
) -> list[Any]:
    """Run a statement over streams, which DuckDB reads at the same time."""
    names = [f"batches_{number}" for number in range(len(streams))]
    parts = [
        named_table(name, *(column(field) for field in stream.schema.names))
        for name, stream in zip(names, streams, strict=True)
    ]
    try:
        for name, stream in zip(names, streams, strict=True):
            snapshot.register(name, stream)
        return run(snapshot, statement(list(parts)))
    finally:
        for name in names:
            snapshot.unregister(name)


def _refuse_unless_castable(
    reader: Reader,
    snapshot: duckdb.DuckDBPyConnection,
    source: Column[Any],
    target: Table,
    text_keys: frozenset[str],
) -> None:
    """Read the table once more for one column, to name the rows whose value does not exist in its type."""
    contract = source.table
    keys = list(contract.primary_key)
    type_ = target.c[copied.name(source)].type
    streams = reader.streams(contract, list(dict.fromkeys([*keys, source])), text_keys)

    def broken(parts: list[FromClause]) -> Select[Any]:
        rows = union_all(*(select(*(part.c[each.name] for each in keys), part.c[source.name]) for part in parts))
        read = rows.subquery()
        value: ColumnElement[Any] = read.c[source.name]
        tried: ColumnElement[Any] = try_cast(value * 100 if copied.is_money(source) else value, type_)
        exists = func.isfinite(tried) if copied.is_instant(source) else tried.is_not(None)
        wrong = and_(value.is_not(None), func.coalesce(exists, literal(value=False)).is_(False))
        shown = [*(read.c[key.name] for key in keys), cast(value, String), func.count().over()]
        return select(*shown).where(wrong).limit(SHOWN_ROWS)

    rows = _streamed(snapshot, streams, broken)
    if rows:
        words = "no date that exists" if copied.is_instant(source) else "out of range"
        raise UnusableColumnsError([faulty(source, words, rows)])


def prove(
    reader: Reader,
    snapshot: duckdb.DuckDBPyConnection,
    contract: Table,
    measured: Measured,
    text_keys: frozenset[str],
) -> None:
    """Hold a copy's count and sums against the source's, taken in the same transaction; dates must not be infinite."""
    target = copied.table(contract, text_keys)
    sums = [func.coalesce(func.sum(target.c[name]), 0) for name, _ in measured.fen]
    instants = [each for each in copied.columns(contract) if copied.is_instant(each)]
    endless = [func.count().filter(func.isfinite(target.c[each.name]).is_(False)) for each in instants]
    [found] = run(snapshot, select(func.count(), *sums, *endless).select_from(target))
    expected = (measured.rows, *(fen for _, fen in measured.fen))
    names = ("rows", *(name for name, _ in measured.fen))
    for name, copy_says, source_says in zip(names, found[: len(names)], expected, strict=True):
        if copy_says != source_says:
            raise SnapshotError(
                f'The copy of table "{target.name}" is not equal to the source: {name} is {copy_says} in the copy and '
                f"{source_says} in the loan database. Refresh again; the snapshot before this one stays in use."
            )
    for each, rows in zip(instants, found[len(names) :], strict=True):
        if rows:
            _refuse_unless_castable(reader, snapshot, each, target, text_keys)


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
