"""Books that Loanboard wrote itself (the demo book, imported files): where they lie, how written, which is served."""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout
from sqlalchemy import (
    URL,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Row,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

from loanbook import schema
from loanbook.connection import SourceError, connect
from loanbook.durable import sync
from rules.filters import Definition
from rules.settings import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_BATCH_ROWS = 50_000
_REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}


class BookError(RuntimeError):
    """A book can't be written or served. The message is a sentence for people."""


@dataclass(frozen=True)
class Note:
    """What a book says of itself."""

    name: str
    as_of: date
    public: bool  # nobody's private data: the demo book or published data
    source: str
    definition: Definition | None = None  # of default, with which the pages open; None: the policy's


def path(data_dir: Path, name: str) -> Path:
    """Where the book of a name lies."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} can't be a book's name")
    return data_dir / "books" / f"{name}.sqlite"


def serve(data_dir: Path, name: str) -> None:
    """Make a book the one that is served while LOANBOARD_DATABASE_URL is unset."""
    pointer = data_dir / "books" / "current"
    new = pointer.with_name("current.new")
    new.write_text(f"{name}\n", encoding="utf-8")
    new.replace(pointer)


def current(data_dir: Path) -> Path | None:
    """The book that is served; None where none has been named or the named one is gone."""
    try:
        name = (data_dir / "books" / "current").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    if not _NAME.fullmatch(name):
        return None
    served = path(data_dir, name)
    return served if served.is_file() else None


def url(settings: Settings) -> str | None:
    """The loan database's address: the setting, else the book that is served; None where there is neither."""
    if settings.database_url is not None:
        return settings.database_url
    served = current(settings.data_dir)
    return None if served is None else address(served)


def address(book: Path) -> str:
    """The address of a book's file."""
    return URL.create("sqlite", database=str(book)).render_as_string()


def note(book: Path) -> Note | None:
    """What a book says of itself; None where it says nothing or can't be read."""
    noted = schema.book_note.c
    try:
        row = _noted(address(book), noted.name, noted.as_of, noted.public, noted.source, noted.definition)
        if row is None:
            return None
        return Note(row.name, row.as_of, bool(row.public), row.source, row.definition and Definition(row.definition))
    except ValueError:  # no date or no definition in it: not a book of ours
        return None


def edition(url: str) -> str | None:
    """What tells a book from another one that was at the same address before; None where nothing has to.

    A book that is made anew gives the ids of earlier applications to others, so what was decided of those stays apart.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return None
    row = _noted(url, schema.book_note.c.edition)
    return None if row is None else row.edition


def _noted(url: str, *columns: Column[Any]) -> Row[Any] | None:
    """The note of a book; None where it has none of this kind or can't be read."""
    try:
        engine = connect(url, None)
    except SourceError:
        return None
    try:
        with engine.connect() as connection:
            return connection.execute(select(*columns)).first()
    except DBAPIError:  # no such table or column
        return None
    finally:
        engine.dispose()


def is_public(settings: Settings) -> bool:
    """Whether what is served is a book in the data folder that says it is public."""
    served = url(settings)
    if served is None:
        return False
    parsed = make_url(served)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return False
    book = Path(parsed.database).resolve()
    said = note(book) if book.parent == (settings.data_dir / "books").resolve() else None
    return said is not None and said.public


@contextmanager
def writable(book: Path) -> Iterator[Engine]:
    """An engine on a new, empty book that takes the place of the earlier one when the block ends without an error.

    It is written beside its place, synced and renamed: a build that fails or is killed leaves the earlier book as it
    was, and what it left behind is removed by the next build. `BookError` where the disk is full or another build of
    the same book is running. The engine holds one connection.
    """
    part = book.with_name(f".{book.name}.part")
    try:
        book.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(book.with_name(f".{book.name}.lock"), timeout=0):
            _remove(part)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            engine = _unsynced(part)
            try:
                yield engine
                engine.dispose()
                sync(part)
                part.replace(book)
                sync(book.parent)
            finally:
                engine.dispose()
                _remove(part)
    except Timeout:
        raise BookError(f"The book {book} is being built by another process; wait until it is done.") from None
    except OperationalError as error:
        if "full" not in str(error.orig) and "disk I/O" not in str(error.orig):
            raise
        raise _unwritable(book, "the disk is full") from None
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise _unwritable(book, error.strerror or str(error)) from None


def append(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    """Add rows to a table of a book. Columns that the frame lacks stay null.

    Instants come as naive UTC, money and rates as numbers; missing values (None, NaN, NaT) are stored as null.
    """
    columns = [column for column in table.columns if column.name in rows.columns]
    if unknown := set(rows.columns) - {column.name for column in columns}:
        raise ValueError(f"{table.name} has no columns {sorted(unknown)}")
    statement = str(insert(table).compile(connection.engine, column_keys=[column.name for column in columns]))
    for start in range(0, len(rows), _BATCH_ROWS):
        batch = rows.iloc[start : start + _BATCH_ROWS]
        stored = [_stored(batch[column.name], column.type) for column in columns]
        connection.exec_driver_sql(statement, list(zip(*stored, strict=True)))


def _stored(values: "pd.Series[Any]", type_: object) -> list[object]:
    """Values as SQLite keeps them and SQLAlchemy reads them back."""
    missing = values.isna()
    if isinstance(type_, DateTime):
        values = pd.to_datetime(values).dt.strftime("%Y-%m-%d %H:%M:%S.%f")
    elif isinstance(type_, Date):
        values = pd.to_datetime(values).dt.strftime("%Y-%m-%d")
    elif isinstance(type_, Boolean):
        values = values.astype("boolean").astype("Int8")
    stored = values.astype(object)
    return stored.where(~missing, None).tolist()


def _unsynced(part: Path) -> Engine:
    """Nothing is kept of a build that dies, so it needs neither a journal nor syncs before its end."""
    engine = create_engine(f"sqlite:///{part}", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def fast(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _remove(part: Path) -> None:
    for leftover in (part, part.with_name(f"{part.name}-journal")):
        with suppress(FileNotFoundError):
            leftover.unlink()


def _unwritable(book: Path, reason: str) -> BookError:
    return BookError(
        f"The book {book} could not be written: {reason}. The earlier book, if there was one, is unchanged."
    )
