"""Drawn tables, as if the refresh had copied them, and what is derived from them. Drawn money is CNY."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook import copied, deriving, schema
from loanbook.constructs import compiled
from rules import policy

Drawing = str | list[dict[str, Any]]

POLICY = policy.load()[-1]

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


def derive(as_of: date, tables: Mapping[str, Drawing]) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with the drawn tables and all that is derived from them."""
    snapshot = copies(tables)
    deriving.derive(snapshot, frozenset(tables), as_of, POLICY, lambda stage, done: None)
    return snapshot


def copies(tables: Mapping[str, Drawing]) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with the drawn tables alone."""
    snapshot = duckdb.connect(config={"threads": 1})
    drawn = {name: rows(table) if isinstance(table, str) else table for name, table in tables.items()}
    text_keys = frozenset(_text_keys(drawn))
    for contract in schema.metadata.sorted_tables:
        target = copied.table(contract, text_keys)
        snapshot.execute(*compiled(CreateTable(target)))
        fillers = FILLERS.get(contract.name, {})
        stored = [
            {
                copied.name(contract.c[name]): _stored(contract.c[name], value)
                for name, value in {**fillers, **row}.items()
            }
            for row in drawn.get(contract.name, [])
        ]
        if stored:
            names = list(dict.fromkeys(name for row in stored for name in row))
            marks = ", ".join(f"({', '.join('?' * len(names))})" for _ in stored)
            values = [row.get(name) for row in stored for name in names]
            snapshot.execute(f"INSERT INTO {contract.name} ({', '.join(names)}) VALUES {marks}", values)
    return snapshot


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
