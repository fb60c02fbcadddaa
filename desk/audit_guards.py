"""What the state database itself refuses of the audit chain, whoever asks: triggers on SQLite and PostgreSQL.

Events are only added, each after the newest; the head only follows. That leaves an owner of the database, who may take
the triggers away: what they change then is found by `desk.audit_chain.verify`.
"""

from sqlalchemy import Connection, text

GENESIS = "0" * 64  # stands for the hash before the first event
_CHANGED = "events of the audit chain are never changed"
_OUT_OF_ORDER = "this event does not follow the newest one of the audit chain"
_NOT_NEWEST = "the head of the audit chain is its newest event"

_SQLITE_NEWEST = "(SELECT hash FROM audit_event ORDER BY sequence DESC LIMIT 1)"
_SQLITE = {
    "audit_event_update": f"BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
    "audit_event_delete": f"BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
    "audit_event_insert": f"""BEFORE INSERT ON audit_event
        WHEN NEW.sequence IS NOT (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit_event)
          OR NEW.previous_hash IS NOT COALESCE({_SQLITE_NEWEST}, '{GENESIS}')
        BEGIN SELECT RAISE(ABORT, '{_OUT_OF_ORDER}'); END""",  # noqa: S608 (constants, here and below)
    "audit_head_update": f"""BEFORE UPDATE ON audit_head
        WHEN NEW.id IS NOT OLD.id OR NEW.sequence IS NOT (SELECT MAX(sequence) FROM audit_event)
          OR NEW.hash IS NOT {_SQLITE_NEWEST}
          OR (OLD.key_check IS NOT NULL AND NEW.key_check IS NOT OLD.key_check)
        BEGIN SELECT RAISE(ABORT, '{_NOT_NEWEST}'); END""",  # noqa: S608
    "audit_head_delete": f"BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
    "audit_head_insert": f"""BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
        BEGIN SELECT RAISE(ABORT, '{_NOT_NEWEST}'); END""",  # noqa: S608
}

# The schema is named, so that no table of a session's own can stand in for the event that is looked up.
_POSTGRESQL_NEWEST = """EXECUTE format('SELECT sequence, hash FROM %I.audit_event ORDER BY sequence DESC LIMIT 1',
        TG_TABLE_SCHEMA) INTO newest, newest_hash;"""
_POSTGRESQL_FUNCTIONS = {
    "audit_never": f"BEGIN RAISE EXCEPTION '{_CHANGED}'; END",
    "audit_follows": f"""DECLARE newest bigint; newest_hash text;
    BEGIN
        {_POSTGRESQL_NEWEST}
        IF NEW.sequence IS DISTINCT FROM COALESCE(newest, 0) + 1
            OR NEW.previous_hash IS DISTINCT FROM COALESCE(newest_hash, '{GENESIS}') THEN
            RAISE EXCEPTION '{_OUT_OF_ORDER}';
        END IF;
        RETURN NEW;
    END""",
    "audit_head_follows": f"""DECLARE newest bigint; newest_hash text;
    BEGIN
        {_POSTGRESQL_NEWEST}
        IF NEW.id <> OLD.id OR NEW.sequence IS DISTINCT FROM newest OR NEW.hash IS DISTINCT FROM newest_hash
            OR (OLD.key_check IS NOT NULL AND NEW.key_check IS DISTINCT FROM OLD.key_check) THEN
            RAISE EXCEPTION '{_NOT_NEWEST}';
        END IF;
        RETURN NEW;
    END""",
}
_POSTGRESQL = {
    "audit_event_never": ("audit_event", "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "audit_never"),
    "audit_event_insert": ("audit_event", "BEFORE INSERT", "ROW", "audit_follows"),
    "audit_head_never": ("audit_head", "BEFORE INSERT OR DELETE OR TRUNCATE", "STATEMENT", "audit_never"),
    "audit_head_update": ("audit_head", "BEFORE UPDATE", "ROW", "audit_head_follows"),
}


def install(connection: Connection) -> None:
    """Put the triggers in place; on PostgreSQL they hold for replicated changes too."""
    remove(connection)
    if connection.dialect.name == "sqlite":
        for name, body in _SQLITE.items():
            connection.execute(text(f"CREATE TRIGGER {name} {body}"))
        return
    for name, body in _POSTGRESQL_FUNCTIONS.items():
        connection.execute(
            text(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$")
        )
    for name, (table, when, each, function) in _POSTGRESQL.items():
        connection.execute(
            text(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()")
        )
        connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))


def remove(connection: Connection) -> None:
    """Take the triggers away, which on PostgreSQL only the tables' owner may: for putting a backup in place."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    for name, (table, *_) in _POSTGRESQL.items():
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))


def grants(account: str, schema: str) -> str:
    """The rights on PostgreSQL of an account that serves Loanboard but owns nothing: SQL for the tables' owner.

    Migrations need the owner: after an update of Loanboard, `audit head` under that account does them.
    """
    to, place = _quoted(account), _quoted(schema)
    return "\n".join(
        [
            f"GRANT USAGE ON SCHEMA {place} TO {to};",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place} TO {to};",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {place} TO {to};",
            f"REVOKE UPDATE, DELETE ON {place}.audit_event FROM {to};",
            f"REVOKE INSERT, DELETE ON {place}.audit_head FROM {to};",
            f"REVOKE INSERT, UPDATE, DELETE ON {place}.alembic_version FROM {to};",
        ]
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
