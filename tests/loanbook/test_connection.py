"""The loan database is opened read-only; what is wrong with its address is said in a sentence without the password."""

import os
import socket
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from loanbook import check, schema
from loanbook.books import address
from loanbook.connection import SourceError, connect, label, present_columns, reading
from tests.loanbook.drawn_book import draw
from tests.loanbook.engines import LoanDatabase


def refusal(url: str, schema_name: str | None = None) -> str:
    with pytest.raises(SourceError) as raised:
        connect(url, schema_name)
    return str(raised.value)


@pytest.mark.parametrize("url", ["", "loans", "/data/loans.sqlite", "postgresql://reader:se@cret@host:port/loans"])
def test_text_that_is_no_address_is_not_repeated(url: str) -> None:
    told = refusal(url)
    assert told.startswith("LOANBOARD_DATABASE_URL is not the address of a database; write one such as sqlite:////")
    assert "cret" not in told


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("dbase://reader:secret@host/loans", "the database type 'dbase', which is not known here"),
        ("oracle://reader:secret@host/loans", "pip install 'oracledb'"),
        ("mysql+mysqldb://reader:secret@host/loans", "pip install 'mysqlclient'"),
        ("postgresql+psycopg_async://reader:secret@host/loans", "write postgresql:// instead"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_to_do(url: str, words: str) -> None:
    told = refusal(url)
    assert words in told
    assert "secret" not in told


def test_a_host_that_answers_nothing_is_given_up_and_its_password_is_not_shown() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    told = refusal(f"postgresql://reader:s3cret@127.0.0.1:{port}/loans?application_name=s3cret")
    assert told.startswith(f"The loan database postgresql://reader:***@127.0.0.1:{port}/loans can't be read: ")
    assert "refused" in told
    assert "s3cret" not in told


def test_files_that_are_no_book(tmp_path: Path) -> None:
    assert "does not exist" in refusal(f"sqlite:///{tmp_path}/none.sqlite")
    assert "is a directory" in refusal(f"sqlite:///{tmp_path}")
    (tmp_path / "loans.csv").write_text("id,amount\n1,2\n")
    assert "is not a SQLite database" in refusal(f"sqlite:///{tmp_path}/loans.csv")
    (tmp_path / "empty.sqlite").touch()
    assert "is not a SQLite database" in refusal(f"sqlite:///{tmp_path}/empty.sqlite")


def test_a_file_that_was_cut_short(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    os.truncate(book, book.stat().st_size - 1)
    assert "is truncated: 49151 bytes of 49152" in refusal(f"sqlite:///{book}")


def test_a_file_with_damaged_pages_is_refused_when_it_is_read(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    with book.open("r+b") as file:
        file.seek(100)
        file.write(b"\x00" * 3000)
    url = f"sqlite:///{book}"
    with pytest.raises(SourceError, match=r"book\.sqlite can't be read: "), reading(url):
        check.run(connect(url, None), None, lambda table, share: None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    book.chmod(0)
    assert "Permission denied" in refusal(f"sqlite:///{book}")


def test_sqlite_has_no_schemas(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    assert "leave it unset" in refusal(f"sqlite:///{book}", "lender")
    assert connect(f"sqlite:///{book}", "main").connect()


def test_sqlite_is_never_written(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    for url in (f"sqlite:///{book}", f"sqlite:///file:{book}?mode=rwc&uri=true"):
        with connect(url, None).connect() as connection:
            for statement in ("delete from loan", "create table more (id int)", "pragma user_version = 3"):
                with pytest.raises(DBAPIError, match="readonly database"):
                    connection.execute(text(statement))


def test_a_files_name_may_hold_any_character(tmp_path: Path) -> None:
    book = draw(tmp_path / "贷款 #1%20?.sqlite")
    with connect(address(book), None).connect() as connection:
        assert "loan" in present_columns(connection, None)


def test_what_is_present_are_the_contracts_tables_views_and_columns(tmp_path: Path) -> None:
    book = tmp_path / "book.sqlite"
    with sqlite3.connect(book) as file:
        file.execute("create table Tier (CODE text, colour text)")
        file.execute("create table other (id int)")
        file.execute("create view product as select 1 as id, 'x' as name_en, 2 as extra")
        file.execute("create view loan as select * from gone")
    with connect(f"sqlite:///{book}", None).connect() as connection:
        assert present_columns(connection, None) == {
            "tier": frozenset({"code"}),
            "product": frozenset({"id", "name_en"}),
            "loan": frozenset(),
        }


def test_a_label_is_fit_to_be_shown() -> None:
    assert label("postgresql://reader:pw@host/loans?sslpassword=pw") == "postgresql://reader:***@host/loans"
    assert label("sqlite:////data/loans.sqlite") == "/data/loans.sqlite"


@pytest.fixture
def server(postgresql: LoanDatabase) -> str:
    """A real PostgreSQL with the contract's tables, each empty, in the schema "lender"."""
    postgresql.write({}).dispose()
    engine = create_engine(postgresql.url, execution_options={"schema_translate_map": {None: "lender"}})
    schema.metadata.create_all(engine)
    engine.dispose()
    return postgresql.url


def test_postgresql_is_read_in_one_state_and_never_written(server: str) -> None:
    engine = connect(server, "lender")
    with engine.connect() as connection:
        assert connection.execute(text("show transaction_isolation")).scalar_one() == "repeatable read"
        assert len(present_columns(connection, "lender")) == len(schema.metadata.tables)
        with pytest.raises(DBAPIError, match="read-only transaction"):
            connection.execute(text("create table lender.more (id int)"))
    engine.dispose()


def test_postgresql_is_checked_by_its_declared_types(server: str) -> None:
    changes = (
        "alter table lender.loan alter column principal type text",
        "alter table lender.loan alter column member_id type text",
        "alter table lender.instalment alter column due_on type timestamp",
    )
    engine = create_engine(server)
    with engine.begin() as connection:
        for change in changes:
            connection.execute(text(change))
        connection.execute(
            text("insert into lender.prime_rate (id, starts_on, one_year_rate) values (1, '2024-01-01', -0.03)")
        )
    engine.dispose()
    source = connect(server, "lender")
    assert [finding.sentence for finding in check.run(source, "lender", lambda table, share: None)] == [
        "loan.principal is of type text; it should be numbers.",  # keys may be texts, and a date may have hours
        "prime_rate.one_year_rate is negative in 1 row(s): id 1.",
    ]
    source.dispose()


def test_postgresql_without_the_schema_or_the_database(server: str) -> None:
    assert "has no schema 'borrower'" in refusal(server, "borrower")
    assert 'database "none" does not exist' in refusal(server.replace("/postgres?", "/none?"))


def test_mariadb_is_read_in_one_state_in_utc_and_never_written(mariadb: LoanDatabase) -> None:
    mariadb.write({"tier": []}).dispose()
    engine = connect(mariadb.url.replace("mysql+pymysql", "mysql"), None)
    with engine.connect() as connection:
        told = connection.execute(text("select @@tx_isolation, @@tx_read_only, @@time_zone")).one()
        assert told == ("REPEATABLE-READ", 1, "+00:00")
        assert present_columns(connection, None) == {"tier": frozenset(schema.tier.columns.keys())}
        with pytest.raises(DBAPIError, match="READ ONLY transaction"):
            connection.execute(text("create table more (id int)"))
    engine.dispose()


def test_mariadb_without_the_database_or_the_server(mariadb: LoanDatabase) -> None:
    assert refusal(mariadb.url.replace("/lender?", "/none?")).endswith(" can't be read: Unknown database 'none'.")
    assert "has no schema 'borrower'" in refusal(mariadb.url, "borrower")
    told = refusal("mariadb://reader:s3cret@127.0.0.1:1/loans")
    assert told.startswith("The loan database mariadb+pymysql://reader:***@127.0.0.1:1/loans can't be read: ")
    assert "s3cret" not in told
