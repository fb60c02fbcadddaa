"""The state database: what Loanboard itself records. SQLite beside the books, or PostgreSQL; migrated at the start."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    URL,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from desk import (  # noqa: F401 (their tables are among those of the metadata)
    blind_tables,
    pack_tables,
    reveal_tables,
    review_tables,
)
from desk.state_types import Instant, metadata

BUSY_SECONDS = 30
CONNECT_SECONDS = 5
KEPT_CONNECTIONS, MOST_CONNECTIONS = 10, 40  # of one process to a server: more people than that decide one by one
MIGRATIONS = Path(__file__).with_name("migrations")
_READS = "loanboard_reads"

_served: list[Engine] = []


class StateError(RuntimeError):
    """The state database can't be used. The message is a sentence for people; it never holds a password."""


# One row per member of staff. Whoever has no active row has no access.
staff = Table(
    "staff",
    metadata,
    Column("email", String(320), primary_key=True),  # lower case
    Column("name", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("authority_fen", BigInteger),  # the largest amount this person may approve; none for who decides nothing
    Column("active", Boolean, nullable=False),
    Column("member_id", String(64)),  # their own membership at the lender, for conflicts of interest
    Column("issuer", String(500)),  # who vouches for them, and as whom: bound at their first sign-in
    Column("subject", String(255)),
    Column("sessions_ended_at", Instant),  # a sign-in of before is over, in whichever browser
    Index("staff_identity", "issuer", "subject", unique=True),
)

# One row per refresh of the snapshot, written when it starts and completed when it ends.
snapshot_run = Table(
    "snapshot_run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False, index=True),  # the folder of the book's snapshots
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", String(20)),  # of desk.runs.Outcome; none while it runs, or until a kill is noticed
    Column("rows", BigInteger),
    Column("source_watermark", Instant),
    Column("snapshot_id", String(64)),
    Column("message", String(2000)),  # why it failed, for people
    Column("stage", String(100)),  # what it does, or was doing when it ended
    Column("done", Float),  # 0-1
    Column("stages", JSON(none_as_null=True)),  # seconds by stage
    Column("process_id", Integer),
    Column("host", String(255)),  # of that process
    Column("asked_by", String(320)),  # the address of the member of staff who asked for it; none for the schedule
)

# One row per event, in an unbroken sequence from 1: only added to, which the database itself sees to (audit_guards).
# Without rowids and other unique columns, so that SQLite can replace no row in passing.
audit_event = Table(
    "audit_event",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("payload", Text, nullable=False),  # JSON as it was hashed
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_event_subject", "subject"),
    Index("audit_event_kind", "kind", "at"),
    sqlite_with_rowid=False,
)

# One row: the newest event. Whoever appends locks it, so that events come one after another.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("key_check", String(64)),  # tells another key from the one that the chain was begun with
    sqlite_with_rowid=False,
)

# One row per file of spend that was taken in.
spend_upload = Table(
    "spend_upload",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the folder of the book's snapshots
    Column("digest", String(64), nullable=False),  # SHA-256 of the file, by which the same file is known again
    Column("name", String(200), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Index("ux_spend_upload_digest", "source", "digest", unique=True),
)

# One row per entry of spend, those that were replaced too: of one thing on one day a single row is in force.
spend_entry = Table(
    "spend_entry",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the folder of the book's snapshots
    Column("day", Date, nullable=False),  # Asia/Shanghai
    Column("campaign", String(64), nullable=False),  # its id in the book; empty where only a creator is named
    Column("creator", String(100), nullable=False),  # empty where none
    Column("post", String(200), nullable=False),  # likewise
    Column("code", String(64), nullable=False),  # likewise
    Column("kind", String(20), nullable=False),  # media, agency, production, bonus
    Column("stage", String(20), nullable=False),  # estimated, invoiced
    Column("amount_fen", BigInteger, nullable=False),
    Column("clicks", BigInteger),
    Column("at", Instant, nullable=False),  # when it was entered
    Column("staff_email", String(320), nullable=False),
    Column("upload_id", Integer, ForeignKey("spend_upload.id")),  # null where it was typed
    Column("replaced_at", Instant),  # null while it is in force
    Index(
        "ux_spend_entry_in_force",
        *("source", "day", "campaign", "creator", "post", "code", "kind"),
        unique=True,
        sqlite_where=text("replaced_at IS NULL"),
        postgresql_where=text("replaced_at IS NULL"),
    ),
)


# What staff judged of a member's rewards, each time they did: the newest one of a member holds.
mark = Table(
    "mark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the folder of the book's snapshots
    Column("member_id", String(64), nullable=False),
    Column("verdict", String(20), nullable=False),  # of desk.marks.Verdict
    Column("reason", String(500), nullable=False),
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("snapshot_id", String(64), nullable=False),  # on which it was judged
    Column("policy_from", Date),  # the version of the policy by which it was; null before that was recorded
    Index("ix_mark_member", "source", "member_id", "id"),
)


# What somebody has said that they know of, each time they did: the newest one of a key holds.
attention_note = Table(
    "attention_note",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),  # the folder of the book's snapshots
    Column("key", String(200), nullable=False),  # of rules.attention.Item
    Column("size", Float, nullable=False),  # how bad it was
    Column("note", String(500), nullable=False),
    Column("at", Instant, nullable=False),
    Column("staff_email", String(320), nullable=False),
    Column("snapshot_id", String(64), nullable=False),
    Index("ix_attention_note_key", "source", "key", "id"),
)


def open_engine(url: str) -> Engine:
    """An engine on the state database, migrated to this version; `StateError` where that can't be done.

    Transactions of SQLite take the write lock when they begin, so that two of them never wait for each other's end.
    """
    try:
        address = make_url(url)
        sqlite = address.get_backend_name() == "sqlite"
        engine = _sqlite(url, Path(address.database or "")) if sqlite else _server(address)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StateError(
            "LOANBOARD_STATE_URL is not an address that can be opened; write one such as sqlite:////data/state.sqlite "
            "or postgresql+psycopg://name:password@host/database."
        ) from error
    except OSError as error:
        raise StateError(f"The state database can't be created at {address.database}: {error.strerror}.") from error
    try:
        upgrade(engine)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StateError(
            f"The state database {address.render_as_string(hide_password=True)} can't be opened or migrated: {reason}."
        ) from error
    return engine


def use(engine: Engine) -> None:
    """Serve this state database to the pages of this process."""
    _served[:] = [engine]


def served() -> Engine:
    """The state database that this process serves."""
    if not _served:
        raise RuntimeError("desk.state.use(engine) was not called")
    return _served[0]


def upgrade(engine: Engine) -> None:
    """Bring the tables to this version, in one transaction; of several processes that start at once, one does it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('loanboard migrations'))")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, all of it as it is at one moment, and waits for nobody who writes."""
    if engine.dialect.name == "sqlite":
        options: dict[str, Any] = {_READS: True}
    else:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _server(address: URL) -> Engine:
    waits = {"connect_timeout": CONNECT_SECONDS} if address.get_backend_name() == "postgresql" else {}
    return create_engine(
        address,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args=waits,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS - KEPT_CONNECTIONS,
    )


def _sqlite(url: str, path: Path) -> Engine:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepared(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say: Python would begin late and without the lock
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")

    @event.listens_for(engine, "begin")
    def immediate(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
