"""Drawn tables, as if the refresh had copied them, and what is derived from them. Drawn money is CNY."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook import copied, copying, deriving, readers, schema
from loanbook.connection import present_columns
from loanbook.constructs import compiled
from loanbook.working import create_tables
from rules import policy
from tests.loanbook.engines import LoanDatabase, Rows

Drawing = str | list[dict[str, Any]]
Content = dict[str, list[tuple[Any, ...]]]  # the rows of tables

POLICY = policy.load()[-1]

_database: LoanDatabase | None = None
_KNOWN: dict[tuple[date, str, bool], tuple[duckdb.DuckDBPyConnection, Content]] = {}

# What a drawn row leaves out.
FILLERS = {
    "loan": {
        "application_id": 1,
        "member_id": 1,
        "product_id": 1,
        "disbursed_at": "2024-01-10 02:00:00",
        "principal": 100,
        "term_months": 1,
        "status": "active",
    },
    "instalment": {"principal_due": 0, "interest_due": 0, "fee_due": 0},
}


def rows(drawing: str) -> list[dict[str, Any]]:
    """The rows of a drawn table; - is null, _ in an instant is a blank."""
    header, *lines = [line.split() for line in drawing.strip().splitlines()]
    return [dict(zip(header, map(_cell, line), strict=True)) for line in lines]


def derive(as_of: date, tables: Mapping[str, Drawing], *, members: bool = True) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with the drawn tables and all that is derived from them, to be read only.

    What is derived depends on the copies alone. So where they come through a loan database, they are held equal to the
    tables as drawn, and what was derived from those is not derived again.
    """
    drawn = _filled(tables)
    key = (as_of, repr(drawn), members)
    if _database is None or key not in _KNOWN:
        snapshot = _in_memory(drawn)
        content = _content(snapshot)
        work = deriving.of_loans(snapshot, frozenset(tables), as_of, POLICY, lambda stage, done: None)
        if members:
            deriving.of_members(snapshot, work, as_of, POLICY, lambda stage, done: None)
        _KNOWN[key] = snapshot, content
    snapshot, content = _KNOWN[key]
    if _database is not None:
        assert _content(_through(_database, drawn)) == content
    return snapshot


def derive_loans(as_of: date, tables: Mapping[str, Drawing]) -> duckdb.DuckDBPyConnection:
    """The same with what is derived of loans alone."""
    return derive(as_of, tables, members=False)


def copies(tables: Mapping[str, Drawing]) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with the drawn tables alone."""
    drawn = _filled(tables)
    return _in_memory(drawn) if _database is None else _through(_database, drawn)


@contextmanager
def through(database: LoanDatabase | None) -> Iterator[None]:
    """Inside the block all drawn tables are written into a loan database first and read from there."""
    global _database  # noqa: PLW0603, so that each spec runs on each engine as it stands
    _database = database
    yield
    _database = None


def _filled(tables: Mapping[str, Drawing]) -> dict[str, Rows]:
    drawn = {name: rows(table) if isinstance(table, str) else table for name, table in tables.items()}
    return {name: [{**FILLERS.get(name, {}), **row} for row in table] for name, table in drawn.items()}


def _in_memory(drawn: Mapping[str, Rows]) -> duckdb.DuckDBPyConnection:
    snapshot = duckdb.connect(config={"threads": 1})
    text_keys = frozenset(_text_keys(drawn))
    for contract in schema.metadata.sorted_tables:
        target = copied.table(contract, text_keys)
        snapshot.execute(*compiled(CreateTable(target)))
        stored = [
            {copied.name(contract.c[name]): _stored(contract.c[name], value) for name, value in row.items()}
            for row in drawn.get(contract.name, [])
        ]
        if stored:
            names = list(dict.fromkeys(name for row in stored for name in row))
            marks = ", ".join(f"({', '.join('?' * len(names))})" for _ in stored)
            values = [row.get(name) for row in stored for name in names]
            snapshot.execute(f"INSERT INTO {contract.name} ({', '.join(names)}) VALUES {marks}", values)
    return snapshot


def _through(database: LoanDatabase, drawn: Mapping[str, Rows]) -> duckdb.DuckDBPyConnection:
    snapshot = duckdb.connect(config={"threads": 1})
    snapshot.execute("SET TimeZone = 'UTC'")
    create_tables(snapshot, "source_table")
    engine = database.write(drawn)
    with engine.connect() as connection:
        present = present_columns(connection, database.schema)
    with readers.opened(engine, database.schema) as reader:
        copying.copy(reader, present, snapshot, lambda stage, done: None)
    engine.dispose()
    return snapshot


def _content(snapshot: duckdb.DuckDBPyConnection) -> Content:
    """The rows of all copies, with the names and types of their columns."""
    return {
        name: [
            *snapshot.execute(f"DESCRIBE {name}").fetchall(),
            *snapshot.execute(f"FROM {name} ORDER BY ALL").fetchall(),
        ]
        for name in schema.metadata.tables
    }


def asked(snapshot: duckdb.DuckDBPyConnection, columns: str, table: str = "loan_state") -> dict[Any, Any]:
    """Some columns of a derived table by its first column; a single one without its tuple."""
    found = snapshot.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in found}


def _cell(text: str) -> Any:
    if text == "-":
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text.replace("_", " ", 1) if text[:4].isdecimal() else text


def _stored(column: Any, value: Any) -> Any:
    return round(value * 100) if copied.is_money(column) and value is not None else value


def _text_keys(drawn: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    keys = [column for table in schema.metadata.sorted_tables for column in table.columns if schema.is_key(column)]
    return {
        copied.referred(column)
        for column in keys
        for row in drawn.get(column.table.name, [])
        if isinstance(row.get(column.name), str)
    }
