"""The audit chain on both kinds of state database: one event after another, and nothing else."""

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from desk import audit, audit_chain, audit_file, state
from desk.audit import Event
from desk.audit_file import Head
from rules import settings
from tests.desk import states

NOW = datetime(2026, 11, 21, 8, 0, 0, 5, tzinfo=UTC)


def event(number=1, **changes):
    values = {
        "at": NOW + timedelta(seconds=number), "staff_email": "a@b", "kind": "case.noted", "subject": f"case {number}",
        "payload": {"number": number, "note": "电话 “回” \n", "amounts_fen": [1, 2], "none": None},
    }  # fmt: skip
    return Event(**values | changes)


def append(engine, *events):
    with engine.begin() as connection:
        return [audit.append(connection, each) for each in events]


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(select(state.audit_event).order_by("sequence")).all()


def verified(engine, folder, *heads):
    return audit_chain.verify(engine, states.keeper(folder), heads)


def test_events_follow_one_another_and_are_read_as_they_were_written(both, tmp_path):
    assert verified(both, tmp_path).broken is None  # before the first
    assert append(both, event(1), event(2)) == [1, 2]
    assert append(both, event(3)) == [3]
    first, second, third = rows(both)
    assert (first.previous_hash, second.previous_hash, third.previous_hash) == ("0" * 64, first.hash, second.hash)
    assert (first.at, first.staff_email, first.kind, first.subject) == (NOW + timedelta(seconds=1), "a@b", "case.noted",
                                                                        "case 1")  # fmt: skip
    assert first.payload == '{"amounts_fen":[1,2],"none":null,"note":"电话 “回” \\n","number":1}'
    found = verified(both, tmp_path)
    assert (found.head.sequence, found.broken) == (3, None)
    assert found.head == audit.newest(both) == Head(3, third.hash) == audit_file.read(tmp_path / "audit.head")
    assert stat.S_IMODE((tmp_path / "audit.head").stat().st_mode) == 0o600


def test_the_hash_of_an_event_is_the_one_worked_by_hand(both):
    import hashlib
    import hmac

    append(both, event(1, payload={"b": 1, "a": "é"}))
    fields = ["1", "2026-11-21T08:00:01.000005+00:00", "a@b", "case.noted", "case 1", '{"a":"é","b":1}', "0" * 64]
    message = b"".join(len(each.encode()).to_bytes(8, "big") + each.encode() for each in fields)
    assert rows(both)[0].hash == hmac.new(states.KEY, b"loanboard audit 1" + message, hashlib.sha256).hexdigest()


def test_nothing_can_move_from_one_field_to_the_next(tmp_path):
    keeper = states.keeper(tmp_path)
    one, other = event(staff_email="ab", kind="c", subject="d"), event(staff_email="a", kind="bc", subject="d")
    assert keeper.hash(1, one, "0") != keeper.hash(1, other, "0")
    assert keeper.hash(1, one, "0") != states.keeper(tmp_path, b"x" * 32).hash(1, one, "0")


def test_what_is_rolled_back_leaves_no_event_and_no_head(both, tmp_path):
    append(both, event(1))
    fails = text("SELECT nothing FROM nowhere WHERE :number > 0")
    with pytest.raises(DBAPIError), both.begin() as connection:
        connection.execute(fails, {"number": audit.append(connection, event(2))})
    with both.connect() as connection:
        audit.append(connection, event(2))  # never committed
    with both.begin() as connection:
        nested = connection.begin_nested()
        audit.append(connection, event(2))
        nested.rollback()
    assert audit_file.read(tmp_path / "audit.head").sequence == 1
    assert append(both, event(2)) == [2]
    assert verified(both, tmp_path).broken is None
    assert audit_file.read(tmp_path / "audit.head").sequence == 2


def test_many_at_once_make_one_chain(both, tmp_path):
    def work(worker):
        for number in range(12):
            append(both, event(number, staff_email=f"w{worker}"))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verified(both, tmp_path)
    assert (found.head.sequence, found.broken) == (96, None)
    assert len({(row.staff_email, row.subject) for row in rows(both)}) == 96
    assert audit_file.read(tmp_path / "audit.head") == found.head


def test_reading_is_of_one_moment_and_waits_for_nobody(both, tmp_path):
    append(both, event(1))
    with both.begin() as writing:
        audit.append(writing, event(2))
        with state.reading(both) as reading:
            assert len(reading.execute(select(state.audit_event)).all()) == 1
    with state.reading(both) as reading:
        assert len(reading.execute(select(state.audit_event)).all()) == 2
        append(both, event(3))
        assert len(reading.execute(select(state.audit_event)).all()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET subject = 'x' WHERE sequence = 2",
        "UPDATE audit_event SET sequence = 9 WHERE sequence = 3",
        "DELETE FROM audit_event WHERE sequence = 3",
        "DELETE FROM audit_event",
        "INSERT INTO audit_event SELECT 3, at, staff_email, kind, subject, payload, previous_hash, hash "
        "FROM audit_event WHERE sequence = 2",
        "INSERT INTO audit_event SELECT 5, at, staff_email, kind, subject, payload, hash, hash "
        "FROM audit_event WHERE sequence = 3",
        "INSERT INTO audit_event SELECT 4, at, staff_email, kind, subject, payload, previous_hash, hash "
        "FROM audit_event WHERE sequence = 3",
        "INSERT INTO audit_event SELECT 0, at, staff_email, kind, subject, payload, previous_hash, hash "
        "FROM audit_event WHERE sequence = 1",
        "UPDATE audit_head SET sequence = 2",
        "UPDATE audit_head SET hash = previous_hash FROM audit_event WHERE audit_event.sequence = 3",
        "UPDATE audit_head SET key_check = NULL",
        "UPDATE audit_head SET id = 2",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head SELECT 2, sequence, hash, key_check FROM audit_head",
    ],
)
def test_the_database_itself_refuses_it(both, tmp_path, statement):
    append(both, event(1), event(2), event(3))
    with pytest.raises(DBAPIError), both.begin() as connection:
        connection.execute(text(statement))
    assert verified(both, tmp_path).broken is None
    assert append(both, event(4)) == [4]


_COPY = "INTO audit_event SELECT {}, at, staff_email, kind, 'x', payload, previous_hash, hash FROM audit_event"


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT OR REPLACE {_COPY.format(2)} WHERE sequence = 2",
        f"REPLACE {_COPY.format(3)} WHERE sequence = 3",
        "UPDATE OR REPLACE audit_event SET sequence = 1 WHERE sequence = 2",
        "INSERT OR REPLACE INTO audit_head SELECT 1, 2, hash, key_check FROM audit_head",
        f"INSERT {_COPY.format(2)} WHERE sequence = 2 ON CONFLICT (sequence) DO UPDATE SET subject = 'x'",
    ],
)
def test_sqlite_refuses_replacing_too_with_and_without_recursive_triggers(tmp_path, statement, recursive):
    engine = states.opened(states.Sqlite().new(tmp_path), tmp_path)
    append(engine, event(1), event(2), event(3))
    with engine.connect() as connection:
        connection.connection.driver_connection.execute(f"PRAGMA recursive_triggers = {recursive}")
        with pytest.raises(DBAPIError):
            connection.execute(text(statement))
    assert verified(engine, tmp_path).broken is None


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE audit_event",
        "TRUNCATE audit_head",
        "TRUNCATE audit_event, audit_head, staff CASCADE",
        f"INSERT {_COPY.format(2)} WHERE sequence = 2 ON CONFLICT (sequence) DO UPDATE SET subject = 'x'",
        "MERGE INTO audit_event a USING staff ON true WHEN NOT MATCHED BY SOURCE THEN DELETE",
        "SET session_replication_role = replica; DELETE FROM audit_event",
    ],
)
def test_postgresql_refuses_truncating_and_merging_too(server, tmp_path, statement):
    engine = states.opened(server.new(tmp_path), tmp_path)
    append(engine, event(1), event(2), event(3))
    with engine.connect() as connection:
        *before, last = statement.split("; ")
        for each in before:
            connection.execute(text(each))
        with pytest.raises(DBAPIError):
            connection.execute(text(last))
    assert verified(engine, tmp_path).broken is None
    engine.dispose()


@pytest.mark.parametrize(
    "changes",
    [
        {"at": datetime(2026, 11, 21)}, {"staff_email": ""}, {"subject": "x" * 201}, {"subject": "a\x00b"},
        {"kind": "Two words"}, {"kind": "x" * 61}, {"staff_email": "x" * 321},
    ],
)  # fmt: skip
def test_what_one_database_would_keep_otherwise_than_another_is_no_event(changes):
    with pytest.raises(ValueError):
        event(**changes)


@pytest.mark.parametrize("payload", [{"a": float("nan")}, {"a": {1, 2}}, {"a": "\ud800"}])
def test_a_payload_that_is_no_json_is_not_appended(both, payload):
    with pytest.raises((ValueError, TypeError)), both.begin() as connection:
        audit.append(connection, event(payload=payload))
    assert rows(both) == []


def test_instants_of_any_zone_are_hashed_alike(tmp_path):
    shanghai = event().at.astimezone(timezone(timedelta(hours=8)))
    keeper = states.keeper(tmp_path)
    assert keeper.hash(1, event(), "") == keeper.hash(1, event(at=shanghai), "")


def test_another_key_than_the_first_is_refused_with_a_sentence(state_url, tmp_path):
    append(states.opened(state_url, tmp_path), event(1))
    other = states.opened(state_url, tmp_path, key=b"x" * 32)
    with pytest.raises(state.StateError, match="begun with another key; set LOANBOARD_AUDIT_KEY"):
        append(other, event(2))
    found = audit_chain.verify(other, states.keeper(tmp_path, b"x" * 32))
    assert found.broken.fault is audit_chain.Fault.OTHER_KEY
    other.dispose()


def test_the_key_is_the_settings_or_lies_in_the_data_folder(tmp_path):
    read = settings.read({"LOANBOARD_DATA_DIR": str(tmp_path / "data")})
    engine = audit.open_state(read)
    append(engine, event(1))
    file = tmp_path / "data" / "audit.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert audit.keeper(read).key == file.read_bytes()
    assert verified(engine, tmp_path).broken is not None  # with another key
    assert audit_chain.verify(engine, audit.keeper(read)).broken is None
    given = settings.read({"LOANBOARD_DATA_DIR": str(tmp_path / "other"), "LOANBOARD_AUDIT_KEY": "s" * 32})
    assert audit.keeper(given).key == b"s" * 32
    assert not (tmp_path / "other").exists()
    assert "s" * 32 not in repr(audit.keeper(given))


def test_without_what_keeps_the_chain_nothing_is_appended(state_url):
    engine = state.open_engine(state_url)
    with pytest.raises(RuntimeError, match=r"audit\.open_state"), engine.begin() as connection:
        audit.append(connection, event(1))
    engine.dispose()


def test_a_head_that_can_not_go_out_is_logged_and_the_event_stands(both, tmp_path, caplog):
    (tmp_path / "audit.head").mkdir()
    assert append(both, event(1)) == [1]
    assert [(each.message, each.sequence) for each in caplog.records] == [("audit head not written", 1)]


def test_a_head_never_goes_back_and_a_torn_one_is_told(tmp_path):
    file = tmp_path / "audit.head"
    assert audit_file.read(file) is None
    audit_file.write(file, Head(7, "a" * 64))
    audit_file.write(file, Head(6, "b" * 64))
    assert audit_file.read(file) == Head(7, "a" * 64)
    for torn in (file.read_bytes()[:50], file.read_bytes() + b"x", b"\xff" * 86):
        file.write_bytes(torn)
        with pytest.raises(audit_file.DamagedHead):
            audit_file.read(file)
        with pytest.raises(audit_file.DamagedHead):
            audit_file.write(file, Head(8, "c" * 64))


def test_a_connection_that_is_lost_says_so_and_its_head_never_goes_out(server, tmp_path):
    engine = states.opened(server.new(tmp_path), tmp_path)
    append(engine, event(1))
    with engine.connect() as connection:
        audit.append(connection, event(2))  # begins a transaction, which ends where the connection does
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with engine.begin() as other:
            other.execute(text(f"SELECT pg_terminate_backend({pid})"))
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    assert audit_file.read(tmp_path / "audit.head").sequence == 1
    assert append(engine, event(2)) == [2]
    assert verified(engine, tmp_path).broken is None
    engine.dispose()
