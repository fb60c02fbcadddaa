"""The state database: migrated once, private, refused with a sentence; staff and refreshes as recorded."""

import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, update

from desk import passes, runs, staff, state, state_types
from desk.staff import Role

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'data' / 'state.sqlite'}"


@pytest.fixture
def engine(url):
    opened = state.open_engine(url)
    yield opened
    opened.dispose()


def test_the_migrations_make_the_tables_that_the_code_knows(engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), state_types.metadata) == []


def test_the_file_is_its_owners_alone_and_opens_again(engine, url, tmp_path):
    assert stat.S_IMODE((tmp_path / "data" / "state.sqlite").stat().st_mode) == 0o600
    staff.add_demo(engine)
    assert staff.lookup(state.open_engine(url), "manager@demo.invalid").role is Role.MANAGER


def test_several_starts_at_once_migrate_once(url):
    failures = []

    def start():
        try:
            state.open_engine(url).dispose()
        except state.StateError as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("nonsense", "LOANBOARD_STATE_URL"),
        ("oracle9://x", "LOANBOARD_STATE_URL"),
        ("sqlite:////proc/none/state.sqlite", "can't be created"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/x", "can't be opened"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(wrong, told):
    with pytest.raises(state.StateError, match=told) as raised:
        state.open_engine(wrong)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "state.sqlite"
    path.write_text("no database at all, but long enough to be read as one" * 10, encoding="utf-8")
    with pytest.raises(state.StateError, match="file is not a database"):
        state.open_engine(f"sqlite:///{path}")


def test_staff_are_found_by_address_while_they_are_active(engine):
    staff.add_demo(engine)
    assert staff.lookup(engine, "Risk.Officer@Demo.invalid").role is Role.RISK_OFFICER
    assert staff.lookup(engine, "nobody@demo.invalid") is None
    with engine.begin() as connection:
        connection.execute(update(state.staff).values(active=False).where(state.staff.c.role == "auditor"))
        connection.execute(insert(state.staff).values(email="x@y", name="X", role="emperor", active=True))
    assert staff.lookup(engine, "auditor@demo.invalid") is None
    assert staff.lookup(engine, "x@y") is None  # a role of a later version


def test_demo_staff_are_one_per_role_and_one_who_left_stays_away(engine):
    staff.add_demo(engine)
    with engine.begin() as connection:
        connection.execute(update(state.staff).values(active=False))
    staff.add_demo(engine)
    assert [staff.lookup(engine, person.email) for person in staff.DEMO.values()] == [None] * len(Role)
    assert set(staff.DEMO) == set(Role)


def test_runs_are_told_newest_first_and_by_book(engine):
    assert runs.latest(engine, "a") == ()
    assert runs.last_failure(engine, "a") is None
    first = runs.start(engine, "a", NOW)
    assert runs.last_failure(engine, "a") is None  # it has not ended
    runs.fail(engine, first, NOW + timedelta(seconds=2), "The disk is full.")
    assert runs.last_failure(engine, "a").message == "The disk is full."
    assert runs.last_failure(engine, "b") is None
    second = runs.start(engine, "a", NOW + timedelta(minutes=1))
    assert runs.last_failure(engine, "a").id == first  # the next one still runs
    runs.succeed(engine, second, NOW + timedelta(minutes=2), snapshot_id="s1", rows=7)
    assert runs.last_failure(engine, "a") is None
    newest, oldest = runs.latest(engine, "a")
    assert (newest.id, newest.outcome, newest.rows, newest.snapshot_id) == (second, runs.Outcome.SUCCEEDED, 7, "s1")
    assert (oldest.started_at, oldest.finished_at) == (NOW, NOW + timedelta(seconds=2))


def test_instants_are_stored_in_utc_and_never_without_a_zone(engine):
    shanghai = timezone(timedelta(hours=8))
    runs.start(engine, "a", datetime(2026, 11, 21, 16, 0, tzinfo=shanghai))
    assert runs.latest(engine, "a")[0].started_at == NOW
    with pytest.raises(Exception, match="no time zone"):
        runs.start(engine, "a", datetime(2026, 11, 21))


def test_a_pass_is_good_for_its_purpose_its_time_and_this_installation(tmp_path):
    secret = passes.key(tmp_path / "a")
    assert passes.key(tmp_path / "a") == secret
    assert stat.S_IMODE((tmp_path / "a" / passes.KEY_FILE).stat().st_mode) == 0o600
    text = passes.issue(secret, "stay", "manager@demo.invalid")
    assert passes.holder(secret, "stay", text, 60) == "manager@demo.invalid"
    assert passes.holder(secret, "enter", text, 60) is None
    assert passes.holder(secret, "stay", text, -1) is None
    assert passes.holder(secret, "stay", text[:-2] + "xx", 60) is None
    assert passes.holder(secret, "stay", "", 60) is None
    assert passes.holder(passes.key(tmp_path / "b"), "stay", text, 60) is None


def test_processes_that_start_at_once_share_one_key(tmp_path):
    code = "import sys; from pathlib import Path; from desk import passes; print(passes.key(Path(sys.argv[1])).hex())"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "k")], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1
