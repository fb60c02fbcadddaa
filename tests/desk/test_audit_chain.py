"""Tampering by somebody who owns the database, on both kinds: each way is found, and its first event named."""

import pytest
from sqlalchemy import text

from desk import audit, audit_chain, audit_file, audit_guards
from desk.audit_chain import Broken, Fault
from desk.audit_file import Head
from tests.desk import states
from tests.desk.test_audit import append, event, rows, verified

_COLUMNS = "at, staff_email, kind, subject, payload, previous_hash, hash"


@pytest.fixture
def chain(both):
    """Six events."""
    append(both, *(event(number) for number in range(1, 7)))
    return both


def tamper(engine, *statements):
    """Run statements as the owner of the database, who takes the triggers away first and puts them back."""
    with engine.begin() as connection:
        audit_guards.remove(connection)
        for statement in statements:
            connection.execute(text(statement))
        audit_guards.install(connection)


def recompute(engine, keeper, first):
    """Compute all hashes anew from an event on, the head's too, as somebody would who knows how it is done."""
    with engine.begin() as connection:
        audit_guards.remove(connection)
        previous = "0" * 64
        for row in connection.execute(text("SELECT * FROM audit_event ORDER BY sequence")).all():
            if row.sequence >= first:
                at = audit_chain._instant(row.at)
                fields = (str(row.sequence), at, row.staff_email, row.kind, row.subject, row.payload, previous)
                made = {"p": previous, "h": keeper.hash_of(fields), "s": row.sequence}
                connection.execute(
                    text("UPDATE audit_event SET previous_hash = :p, hash = :h WHERE sequence = :s"), made
                )
                previous = made["h"]
            else:
                previous = row.hash
        connection.execute(text("UPDATE audit_head SET sequence = :s, hash = :h"), {"s": row.sequence, "h": previous})
        audit_guards.install(connection)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("subject = 'case 9'", (Fault.CHANGED, 3)),
        ("payload = '{}'", (Fault.CHANGED, 3)),
        ("staff_email = 'other@b'", (Fault.CHANGED, 3)),
        ("kind = 'case.opened'", (Fault.CHANGED, 3)),
        ("at = '2026-11-21 08:00:03.000006'", (Fault.CHANGED, 3)),
        ("hash = repeat_of", (Fault.CHANGED, 3)),
        ("previous_hash = repeat_of", (Fault.MOVED, 3)),
    ],
)
def test_an_edited_event_is_named(chain, tmp_path, change, broken):
    tamper(chain, f"UPDATE audit_event SET {change.replace('repeat_of', repr('a' * 64))} WHERE sequence = 3")
    assert verified(chain, tmp_path).broken == Broken(*broken)


@pytest.mark.parametrize(("gone", "named"), [("= 1", 1), ("= 3", 3), ("IN (3, 4)", 3), ("IN (2, 5)", 2)])
def test_a_deleted_event_is_named(chain, tmp_path, gone, named):
    tamper(chain, f"DELETE FROM audit_event WHERE sequence {gone}")
    assert verified(chain, tmp_path).broken == Broken(Fault.MISSING, named)


def test_a_deleted_event_whose_number_is_taken_by_the_next_is_named(chain, tmp_path):
    tamper(chain, "DELETE FROM audit_event WHERE sequence = 3",
           *(f"UPDATE audit_event SET sequence = {number - 1} WHERE sequence = {number}" for number in (4, 5, 6)),
           "UPDATE audit_head SET sequence = 5")  # fmt: skip
    assert verified(chain, tmp_path).broken == Broken(Fault.MOVED, 3)


def test_an_inserted_event_is_named(chain, tmp_path):
    tamper(chain, *(f"UPDATE audit_event SET sequence = {to} WHERE sequence = {to - 1}" for to in (7, 6, 5)),
           f"INSERT INTO audit_event SELECT 4, {_COLUMNS} FROM audit_event WHERE sequence = 2")  # fmt: skip
    assert verified(chain, tmp_path).broken == Broken(Fault.MOVED, 4)


def test_an_inserted_event_that_is_linked_and_followed_is_named(chain, tmp_path):
    tamper(chain, *(f"UPDATE audit_event SET sequence = {to} WHERE sequence = {to - 1}" for to in (7, 6, 5)),
           f"INSERT INTO audit_event SELECT 4, {_COLUMNS} FROM audit_event WHERE sequence = 2")  # fmt: skip
    recompute(chain, states.keeper(tmp_path, b"not the key"), 4)
    assert verified(chain, tmp_path).broken == Broken(Fault.CHANGED, 4)


def test_an_event_put_before_the_first_or_after_the_last_is_named(chain, tmp_path):
    tamper(chain, f"INSERT INTO audit_event SELECT 0, {_COLUMNS} FROM audit_event WHERE sequence = 1")
    assert verified(chain, tmp_path).broken == Broken(Fault.CHANGED, 0)
    tamper(chain, "DELETE FROM audit_event WHERE sequence = 0",
           "INSERT INTO audit_event SELECT 7, at, staff_email, kind, subject, payload, hash, hash FROM audit_event "
           "WHERE sequence = 6")  # fmt: skip
    assert verified(chain, tmp_path).broken == Broken(Fault.CHANGED, 7)


def test_reordered_events_are_named(chain, tmp_path):
    tamper(chain, *(f"UPDATE audit_event SET sequence = {to} WHERE sequence = {number}"
                    for number, to in ((2, 99), (4, 2), (99, 4))))  # fmt: skip
    assert verified(chain, tmp_path).broken == Broken(Fault.MOVED, 2)


def test_an_event_whose_content_changed_places_is_named(chain, tmp_path):
    tamper(chain, "UPDATE audit_event SET subject = 'case 3' WHERE sequence = 2",
           "UPDATE audit_event SET subject = 'case 2' WHERE sequence = 3")  # fmt: skip
    assert verified(chain, tmp_path).broken == Broken(Fault.CHANGED, 2)


def test_a_chain_that_was_cut_off_is_named_by_the_head_in_the_database(chain, tmp_path):
    tamper(chain, "DELETE FROM audit_event WHERE sequence > 4")
    (tmp_path / "audit.head").unlink()
    assert verified(chain, tmp_path).broken == Broken(Fault.HEAD, 4)


def cut(engine, last):
    tamper(engine, f"DELETE FROM audit_event WHERE sequence > {last}",
           f"UPDATE audit_head SET sequence = {last}",
           f"UPDATE audit_head SET hash = (SELECT hash FROM audit_event WHERE sequence = {last})")  # fmt: skip


def test_a_chain_that_was_cut_off_with_its_head_is_named_by_the_head_that_went_out(chain, tmp_path):
    cut(chain, 4)
    assert verified(chain, tmp_path).broken == Broken(Fault.CUT, 5)
    (tmp_path / "audit.head").unlink()
    assert verified(chain, tmp_path).broken is None  # nothing tells any more, unless a head was deposited elsewhere
    assert verified(chain, tmp_path, Head(5, "a" * 64)).broken == Broken(Fault.CUT, 5)


def test_a_chain_that_was_emptied_is_named(chain, tmp_path):
    tamper(chain, "DELETE FROM audit_event", "UPDATE audit_head SET sequence = 0, key_check = NULL")
    assert verified(chain, tmp_path).broken == Broken(Fault.CUT, 1)


def test_a_chain_that_was_cut_off_and_written_on_is_named_for_the_head_that_went_out_stays(chain, tmp_path, caplog):
    went_out = audit_file.read(tmp_path / "audit.head")
    cut(chain, 4)
    append(chain, event(15))
    assert verified(chain, tmp_path).broken == Broken(Fault.CUT, 6)
    append(chain, event(16), event(17), event(18))
    assert verified(chain, tmp_path).broken == Broken(Fault.REWRITTEN, 6)
    assert audit_file.read(tmp_path / "audit.head") == went_out
    assert {each.message for each in caplog.records} == {"audit chain cut or rewritten"}


def test_an_edit_with_all_later_hashes_recomputed_is_named_for_the_key_is_not_known(chain, tmp_path):
    tamper(chain, "UPDATE audit_event SET subject = 'case 9' WHERE sequence = 3")
    recompute(chain, states.keeper(tmp_path, b"not the key"), 3)
    assert verified(chain, tmp_path).broken == Broken(Fault.CHANGED, 3)


def test_an_edit_by_somebody_who_knows_the_key_is_named_by_the_head_that_went_out(chain, tmp_path):
    deposited = audit.newest(chain)
    tamper(chain, "UPDATE audit_event SET subject = 'case 9' WHERE sequence = 3")
    recompute(chain, states.keeper(tmp_path), 3)
    assert verified(chain, tmp_path).broken == Broken(Fault.REWRITTEN, 6)
    (tmp_path / "audit.head").unlink()
    assert verified(chain, tmp_path).broken is None
    assert verified(chain, tmp_path, deposited).broken == Broken(Fault.REWRITTEN, 6)


def test_a_head_that_is_not_the_newest_event_is_named(chain, tmp_path):
    tamper(chain, "UPDATE audit_head SET sequence = 5")
    assert verified(chain, tmp_path).broken == Broken(Fault.HEAD, 6)
    tamper(chain, "UPDATE audit_head SET sequence = 6, key_check = NULL")
    assert verified(chain, tmp_path).broken == Broken(Fault.HEAD, 6)
    tamper(chain, "DELETE FROM audit_head")
    assert verified(chain, tmp_path).broken == Broken(Fault.HEAD, 6)


def test_tables_that_are_gone_and_a_torn_file_are_told(chain, tmp_path):
    (tmp_path / "audit.head").write_text("nothing")
    assert verified(chain, tmp_path).broken == Broken(Fault.FILE, 6)
    tamper(chain, "UPDATE audit_event SET subject = 'case 9' WHERE sequence = 3")
    assert verified(chain, tmp_path).broken == Broken(Fault.CHANGED, 3)  # what the events show comes first
    with chain.begin() as connection:
        connection.execute(text("DROP TABLE audit_event"))
    assert verified(chain, tmp_path).broken == Broken(Fault.GONE, 0)


@pytest.mark.parametrize("held", ["'no instant'", "x'00'", "7", "'2026-11-21'"])
def test_values_of_another_type_are_named_and_no_fault_of_ours(tmp_path, held):
    engine = states.opened(states.Sqlite().new(tmp_path), tmp_path)
    append(engine, event(1), event(2))
    for column in ("at", "payload", "subject", "kind", "staff_email"):
        before = rows(engine)[1]
        tamper(engine, f"UPDATE audit_event SET {column} = {held} WHERE sequence = 2")
        assert verified(engine, tmp_path).broken == Broken(Fault.CHANGED, 2)
        with engine.begin() as connection:
            audit_guards.remove(connection)
            connection.execute(text("DELETE FROM audit_event WHERE sequence = 2"))
            connection.execute(audit.insert(audit.audit_event).values(before._asdict()))
            audit_guards.install(connection)
    assert verified(engine, tmp_path).broken is None


def test_each_fault_has_a_sentence(chain, tmp_path):
    assert set(audit_chain.SENTENCES) == set(Fault)
    tamper(chain, "DELETE FROM audit_event WHERE sequence = 3")
    assert str(verified(chain, tmp_path).broken) == "Event 3 is missing."


def test_a_verification_while_events_come_in_is_clean(chain, tmp_path, monkeypatch):
    read = audit_file.read

    def late(path):
        found = read(path)
        monkeypatch.undo()
        append(chain, event(7))  # after the file was read, before the events are
        return found

    monkeypatch.setattr(audit_file, "read", late)
    found = verified(chain, tmp_path)
    assert (found.head.sequence, found.broken) == (7, None)
