from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from desk import staff, state
from desk.attention import AttentionDesk, NoteError
from desk.staff import DEMO, Role
from desk.state import attention_note, audit_event
from rules.attention import LONGEST_KEY
from tests.demo_snapshot import NOW
from tests.desk import states


@pytest.fixture
def engine(tmp_path):
    opened = states.opened(f"sqlite:///{tmp_path / 'state.sqlite'}", tmp_path)
    staff.add_demo(opened)
    yield opened
    opened.dispose()


def desk(engine, role=Role.MANAGER, now=NOW, source="demo"):
    return AttentionDesk(engine, source, "snapshot", DEMO[role].email, now)


def test_the_newest_note_holds_and_each_is_on_record(engine):
    desk(engine).acknowledge("goal:reserve_cover", 2.5, "  The board\n has it on Monday ")
    desk(engine, now=NOW + timedelta(hours=1)).acknowledge("goal:reserve_cover", 3.5, "It has grown since")
    known = desk(engine).known()
    assert known["goal:reserve_cover"].size == 3.5
    assert known["goal:reserve_cover"].at == NOW + timedelta(hours=1)
    with state.reading(engine) as connection:
        kinds = connection.execute(select(audit_event.c.kind, audit_event.c.subject)).all()
        notes = connection.execute(select(attention_note.c.note)).scalars().all()
    assert kinds == [("attention.acknowledged", "goal:reserve_cover")] * 2
    assert notes == ["The board has it on Monday", "It has grown since"]


def test_books_are_apart(engine):
    desk(engine).acknowledge("broken", 59, "Lending mends it")
    assert desk(engine, source="other").known() == {}


@pytest.mark.parametrize("note", ["", "   ok  ", "x" * 501])
def test_a_note_says_something(engine, note):
    with pytest.raises(NoteError):
        desk(engine).acknowledge("broken", 1, note)
    assert desk(engine).known() == {}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_may_not(engine, role):
    with pytest.raises(PermissionError):
        desk(engine, role).acknowledge("broken", 1, "I have seen it")
    with state.reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(audit_event)).scalar_one() == 0


def test_a_right_taken_away_counts_at_once(engine):
    with engine.begin() as connection:
        connection.execute(update(state.staff).values(active=False))
    with pytest.raises(PermissionError):
        desk(engine).acknowledge("broken", 1, "I have seen it")


def test_keys_are_cut_to_what_the_table_holds(engine):
    desk(engine).acknowledge("segment:" + "x" * 400, 0.1, "A long name indeed")
    assert [len(key) for key in desk(engine).known()] == [LONGEST_KEY]
