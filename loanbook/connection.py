"""The one door to the loan database: opened read-only, with a sentence for whatever is wrong with its address."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool

from loanbook import schema as contract

CONNECT_SECONDS = 5
MYSQL = frozenset({"mysql", "mariadb"})
_PURE_DRIVER = "pymysql"  # for them, where the address names none
_EXAMPLES = "such as sqlite:////data/loans.sqlite or postgresql://reader:password@host/loans"
_PACKAGES = {"psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient"}  # where a package is not named like its module
_SQLITE_MAGIC = b"SQLite format 3\x00"


class SourceError(RuntimeError):
    """The loan database can't be used. The message is a sentence for people; it never holds a password."""


def connect(url: str, schema: str | None) -> Engine:
    """A read-only engine on the loan database, tried once; `SourceError` where the address or the database is wrong.

    Where `schema` is given, the contract's tables are looked for in it.
    """
    address = _parsed(url)
    if address.get_backend_name() == "sqlite":
        engine = _sqlite(address, schema)
    else:
        engine = _server(address).execution_options(schema_translate_map={None: schema})
    with reading(url), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA schema_version"))
        elif schema is not None and not inspect(connection).has_schema(schema):
            raise SourceError(
                f"The loan database {label(url)} has no schema {schema!r}; LOANBOARD_SCHEMA names the schema with the "
                "contract's tables or views, and the account needs the right to use it."
            )
    return engine


@contextmanager
def reading(url: str) -> Iterator[None]:
    """What the database refuses inside the block becomes a `SourceError` that names the database."""
    try:
        yield
    except DBAPIError as error:
        raise SourceError(
            f"The loan database {label(url)} can't be read: {_reason(error, _parsed(url).password)}."
        ) from None


def said(error: DBAPIError) -> str:
    """What the database said; MySQL's drivers put a number before it."""
    arguments = error.orig.args if error.orig else ()
    return str(arguments[-1] if arguments else "").strip() or type(error.orig).__name__


def label(url: str) -> str:
    """An address fit to be shown: without password and without parameters."""
    address = _parsed(url)
    if address.get_backend_name() == "sqlite":
        return str(_file_of(address))
    return address.set(query={}).render_as_string(hide_password=True)


def present_columns(connection: Connection, schema: str | None) -> dict[str, frozenset[str]]:
    """Which of the contract's tables the source has, as tables or views, and which of their columns."""
    source = inspect(connection)
    fold = str.lower if connection.dialect.name == "sqlite" else str
    names = {fold(name): name for name in [*source.get_table_names(schema), *source.get_view_names(schema)]}
    return {
        name: frozenset(table.columns.keys()) & {fold(column) for column in _columns(source, names[name], schema)}
        for name, table in contract.metadata.tables.items()
        if name in names
    }


def _columns(source: Any, name: str, schema: str | None) -> list[str]:
    """The columns of a table; none for a view that no longer works, so that all of them are missing."""
    try:
        return [column["name"] for column in source.get_columns(name, schema)]
    except OperationalError:
        return []


def _parsed(url: str) -> URL:
    try:
        address = make_url(url)
        if address.drivername in MYSQL:
            address = address.set(drivername=f"{address.drivername}+{_PURE_DRIVER}")
        asynchronous = address.get_dialect().is_async and address.get_backend_name() != "sqlite"
    except NoSuchModuleError:
        name = urlsplit(url).scheme
        raise SourceError(
            f"The loan database's address names the database type {name!r}, which is not known here; "
            f"write an address {_EXAMPLES}."
        ) from None
    except ModuleNotFoundError as error:
        raise _driver_missing(error) from None
    except (ArgumentError, ValueError):  # the text is not repeated: it may hold a password
        raise SourceError(
            f"LOANBOARD_DATABASE_URL is not the address of a database; write one {_EXAMPLES}, "
            "and percent-encode the characters @ : / in a password."
        ) from None
    if asynchronous:
        raise SourceError(
            f"The loan database's address asks for the asynchronous driver {address.drivername!r}; "
            f"write {address.get_backend_name()}:// instead."
        )
    return address


def _driver_missing(error: ModuleNotFoundError) -> SourceError:
    package = _PACKAGES.get(error.name or "", error.name)
    return SourceError(
        f"The driver {error.name!r} for this type of loan database is not installed; "
        f"install it with: pip install '{package}'"
    )


def _file_of(address: URL) -> Path:
    database = address.database or ""
    return Path(unquote(urlsplit(database).path) if database.startswith("file:") else database)


def _sqlite(address: URL, schema: str | None) -> Engine:
    if schema not in {None, "main"}:
        raise SourceError(f"LOANBOARD_SCHEMA is {schema!r}, but SQLite files have no schemas; leave it unset.")
    if not address.database or address.database == ":memory:":
        raise SourceError("The loan database's address names no file; write one such as sqlite:////data/loans.sqlite.")
    path = _file_of(address).absolute()
    _refuse_unless_sqlite(path)

    def opened() -> sqlite3.Connection:
        uri = f"file:{quote(str(path))}?mode=ro"
        return sqlite3.connect(uri, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)

    # Connections are not kept: a book that is built anew takes the place of the file that they would hold on to.
    engine = create_engine(f"sqlite:///{path}", creator=opened, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def only_query(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA query_only = ON")

    return engine


def _refuse_unless_sqlite(path: Path) -> None:
    """What SQLite itself would say late or obscurely: no file, a directory, another kind of file, a truncated one."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
            size = file.seek(0, 2)
    except FileNotFoundError:
        raise SourceError(f"The loan database {path} does not exist; check LOANBOARD_DATABASE_URL.") from None
    except IsADirectoryError:
        raise SourceError(f"The loan database {path} is a directory; name the SQLite file in it.") from None
    except OSError as error:
        raise SourceError(f"The loan database {path} can't be opened: {error.strerror}.") from None
    if header[:16] != _SQLITE_MAGIC:
        raise SourceError(f"The file {path} is not a SQLite database.")
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    pages = int.from_bytes(header[28:32], "big")
    counted = header[24:28] == header[92:96]  # older writers leave the page count stale and say so here
    if counted and size < pages * page_bytes:
        raise SourceError(
            f"The loan database {path} is truncated: {size} bytes of {pages * page_bytes}; copy it again."
        )


def _server(address: URL) -> Engine:
    if address.get_backend_name() in MYSQL:
        return _mysql(address)
    if address.get_backend_name() != "postgresql":
        return _created(address, {})
    options = f"{address.query.get('options', '')} -c default_transaction_read_only=on".strip()
    given = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS}
    engine = _created(address, {**given, "options": options})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _mysql(address: URL) -> Engine:
    """MySQL and MariaDB; TIMESTAMP columns are handed over in UTC."""
    engine = _created(address, {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS})

    @event.listens_for(engine, "connect")
    def only_read(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET SESSION time_zone = '+00:00'")

    return engine


def _created(address: URL, arguments: dict[str, Any]) -> Engine:
    try:
        return create_engine(address, connect_args=arguments, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise _driver_missing(error) from None


def _reason(error: DBAPIError, password: Any) -> str:
    """The first line of what the driver said, without the password."""
    first = said(error).splitlines()[0].rstrip(".: ")
    return first.replace(str(password), "***") if password else first
