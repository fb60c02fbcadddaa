"""A small, clean loan database to break: every table that rules look at, drawn, without any constraint of its own."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Numeric, String

from loanbook import schema

# What is not drawn of a table is filled in: the contract's first code, 1, 2024-01-01.
CLEAN = {
    "tier": """
        code
        gold
        """,
    "member": """
        id  registered_at        referred_by_id  referral_code  campaign_id
        1   2024-01-01_08:00:00  -               A1             1
        2   2024-01-02_08:00:00  1               A2             -
        3   2024-01-03_08:00:00  2               -              -
        4   2024-01-04_08:00:00  -               -              -
        """,
    "membership": """
        id  member_id  tier_code  started_at           ended_at
        1   1          gold       2024-01-01_08:00:00  2024-02-01_00:00:00
        2   1          gold       2024-02-01_00:00:00  -
        3   2          gold       2024-01-15_00:00:00  -
        """,
    "campaign": """
        id
        1
        """,
    "product": """
        id
        1
        """,
    "reward_rule": """
        id
        1
        """,
    "reward": """
        id  side      beneficiary_id  referee_id  level
        1   referrer  1               2           1
        2   referrer  2               3           1
        3   referrer  1               3           2
        4   invitee   3               3           -
        """,
    "application": """
        id  member_id  amount  approved_amount  status
        11  1          1000    900              disbursed
        12  2          501     -                approved
        13  4          200     -                declined
        """,
    "loan": """
        id  application_id  member_id  disbursed_at         principal  term_months  status    closed_at
        21  11              1          2024-03-01_02:00:00  900        2            paid_off  2024-05-01_02:00:00
        22  12              2          2024-03-05_02:00:00  500.01     1            active    -
        """,
    "instalment": """
        loan_id  number  due_on      principal_due
        21       1       2024-04-01  449.99
        21       2       2024-05-01  450.01
        22       1       2024-04-05  500.01
        """,
    "repayment": """
        id  loan_id  paid_at              amount
        31  21       2024-04-01_02:00:00  450
        32  21       2024-05-01_02:00:00  450.5
        """,
}


def draw(path: Path, *changes: str, tables: dict[str, str] | None = None) -> Path:
    """Write a drawn book as SQLite and change it by SQL."""
    connection = sqlite3.connect(path)
    for name, drawn in rows(CLEAN if tables is None else tables).items():
        columns = schema.metadata.tables[name].columns
        connection.execute(f"create table {name} ({', '.join(f'{c.name} {_affinity(c)}' for c in columns)})")
        for row in drawn:
            connection.execute(f"insert into {name} values ({', '.join('?' * len(columns))})", list(row.values()))
    for change in changes:
        connection.execute(change)
    connection.commit()
    connection.close()
    return path


def rows(tables: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of drawn tables, whole."""
    return {name: list(_rows(name, drawing)) for name, drawing in tables.items()}


def _rows(name: str, drawing: str) -> Iterator[dict[str, Any]]:
    header, *lines = [line.split() for line in drawing.strip().splitlines()]
    for line in lines:
        drawn = {column: _cell(text) for column, text in zip(header, line, strict=True)}
        yield {each.name: drawn.get(each.name, _filler(each)) for each in schema.metadata.tables[name].columns}


def _cell(text: str) -> Any:
    if text == "-":
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text.replace("_", " ", 1) if text[:4].isdecimal() else text


def _affinity(column: Column[Any]) -> str:
    """No affinity for keys, so that they may be texts."""
    if schema.is_key(column) or isinstance(column.type, Boolean):
        return ""
    if isinstance(column.type, (String, Date, DateTime)):
        return "text"
    return "numeric" if isinstance(column.type, Numeric) else "integer"


def _filler(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if codes := column.info.get("codes"):
        return codes[0]
    if isinstance(column.type, DateTime):
        return "2024-01-01 00:00:00"
    if isinstance(column.type, Date):
        return "2024-01-01"
    return "x" if isinstance(column.type, String) else 1
