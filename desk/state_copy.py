"""Copies of the state database, consistent while it is written: a file of SQLite's own, or rows for any database."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    String,
    Table,
    column,
    delete,
    func,
    insert,
    select,
    table,
)

from desk import audit_guards
from desk.state import MIGRATIONS
from desk.state_types import Instant, metadata

_REVISION = select(column("version_num", String)).select_from(table("alembic_version"))


class Kind(StrEnum):
    """What a copy is."""

    SQLITE = "sqlite"
    ROWS = "rows"  # one JSON object a line: {"table": ..., "row": {...}}


def copy(engine: Engine, target: Path) -> Kind:
    """Write a copy of the state database as it is at one moment."""
    if engine.dialect.name != "sqlite":
        rows(engine, target)
        return Kind.ROWS
    with closing(engine.raw_connection()) as source, closing(sqlite3.connect(target)) as copied:
        driver: Any = source.driver_connection
        driver.backup(copied)
        copied.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    return Kind.SQLITE


def rows(engine: Engine, target: Path) -> None:
    """Write all rows of the state database as they are at one moment."""
    steady = engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
    with steady.connect() as connection, target.open("w", encoding="utf-8") as file:
        for each in metadata.sorted_tables:
            for row in connection.execute(select(each)).mappings():
                line = {"table": each.name, "row": {name: _plain(value) for name, value in row.items()}}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def load(engine: Engine, source: Path) -> None:
    """Put the rows of a copy in the place of those that are there, in one transaction.

    The audit chain is guarded against that, so this takes the rights of the tables' owner.
    """
    with engine.begin() as connection:
        audit_guards.remove(connection)
        for each in reversed(metadata.sorted_tables):
            connection.execute(delete(each))
        for name, row in _lines(source):
            target = metadata.tables[name]
            connection.execute(insert(target).values({key: _typed(target.c[key], each) for key, each in row.items()}))
        audit_guards.install(connection)
        if connection.dialect.name == "postgresql":
            _continue_numbers(connection)


def revision(engine: Engine) -> str:
    """Which migration the state database has come to."""
    with engine.connect() as connection:
        return str(connection.execute(_REVISION).scalar_one())


def is_whole(file: Path) -> bool:
    """Whether a copy of Kind.SQLITE is a database without faults."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copied:
            return bool(copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
    except sqlite3.DatabaseError:
        return False


def known(revision: str, kind: Kind) -> bool:
    """Whether this version of Loanboard can go on from a copy: files are migrated, rows must be of this very one."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    if kind is Kind.ROWS:
        return revision == scripts.get_current_head()
    return revision in {each.revision for each in scripts.walk_revisions()}


def _lines(source: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with source.open(encoding="utf-8") as file:
        for line in file:
            read = json.loads(line)
            yield read["table"], read["row"]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # instants are dates too


def _typed(target: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(target.type, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(target.type, Date) else value


def _continue_numbers(connection: Connection) -> None:
    """Let numbers that the database gives go on after the largest that was put in."""
    for each in metadata.sorted_tables:
        for numbered in _numbered(each):
            newest = select(func.coalesce(func.max(numbered), 0) + 1).scalar_subquery()
            sequence = func.pg_get_serial_sequence(each.name, numbered.name)
            connection.execute(select(func.setval(sequence, newest, False)))


def _numbered(each: Table) -> list[Column[Any]]:
    return [key for key in each.primary_key if isinstance(key.type, Integer) and key.autoincrement is True]
