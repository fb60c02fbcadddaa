"""Refreshes that the served process starts by itself: one at a time, when due, and at once where a snapshot is lost."""

import sys
import time
from datetime import timedelta

import pytest
from filelock import FileLock

from desk import background, locks, operations, refresh, runs, schedule, staff
from desk.operations import Operations
from desk.runs import Outcome
from loanbook import snapshots
from tests.desk.conftest import NOW


@pytest.fixture
def folder(installed):
    found = refresh.source(installed).folder
    found.mkdir(parents=True)
    return found


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What stands in for a refresh: a process that waits until it is let go; what each was told."""
    background._started.clear()
    go, told = tmp_path / "go", tmp_path / "told"
    told.touch()
    code = (
        "import sys, time, pathlib; go, told = map(pathlib.Path, sys.argv[1:3])\n"
        "told.open('a').write(' '.join(sys.argv[3:]) + '\\n')\n"
        "while not go.exists(): time.sleep(0.02)\n"
    )
    monkeypatch.setattr(background, "_COMMAND", (sys.executable, "-c", code, str(go), str(told)))

    class Stub:
        def let_go(self):
            go.touch()
            for each in background._started.values():
                each.process.wait(timeout=20)

        def told(self, count):
            until = time.monotonic() + 20
            while len(lines := told.read_text().splitlines()) < count and time.monotonic() < until:
                time.sleep(0.02)
            return lines

    stub = Stub()
    yield stub
    stub.let_go()
    background._started.clear()


def due(engine, installed, passed, built_at=None):
    return background.refresh_when_due(
        engine, refresh.source(installed).folder.name, built_at, NOW + timedelta(minutes=passed), 60
    )


def test_one_runs_at_a_time_and_knows_the_newest_run_of_when_it_was_asked_for(engine, installed, folder, started):
    runs.fail(engine, runs.start(engine, folder.name, NOW - timedelta(hours=1)), NOW, "No.")
    assert [due(engine, installed, 0), due(engine, installed, 600)] == [True, False]
    assert started.told(1) == ["--after-run 1"]
    started.let_go()
    assert due(engine, installed, 4) is False  # it has ended without a record: tried again, but not at every look
    assert due(engine, installed, 5) is True


def test_a_lost_snapshot_is_built_anew_at_once(engine, installed, folder, started):
    runs.succeed(engine, runs.start(engine, folder.name, NOW), NOW, snapshot_id="gone", rows=1)
    assert due(engine, installed, 0, built_at=NOW) is False
    assert due(engine, installed, 0) is True


def test_another_process_having_built_meanwhile_is_seen(engine, installed, folder, started):
    assert due(engine, installed, 0)
    runs.succeed(engine, runs.start(engine, folder.name, NOW), NOW, snapshot_id="theirs", rows=1)
    started.let_go()
    assert due(engine, installed, 1, built_at=NOW) is False
    assert due(engine, installed, 1) is True  # theirs is lost: no wait because of our own start


def test_a_person_asks_for_one_and_it_is_on_record_who(engine, installed, folder, started):
    staff.add_demo(engine)
    serving = Operations(installed, engine, lambda: NOW)
    assert serving.standing() == operations.Standing((), False)
    for nobody in ("marketing@demo.invalid", "stranger@demo.invalid"):
        with pytest.raises(PermissionError):
            serving.refresh(nobody)
    assert serving.refresh("manager@demo.invalid") is True
    assert started.told(1) == ["--asked-by manager@demo.invalid --after-run 0"]
    assert serving.standing().running
    assert serving.refresh("administrator@demo.invalid") is False
    started.let_go()
    assert not serving.standing().running
    with FileLock(folder / "lock"):  # somebody else's
        assert serving.refresh("manager@demo.invalid") is False
        assert serving.standing().running


def test_a_killed_refresh_is_told_as_stopped_as_soon_as_nobody_holds_its_lock(engine, installed, folder, started):
    number = runs.start(engine, folder.name, NOW)
    serving = Operations(installed, engine, lambda: NOW)
    with FileLock(folder / "lock"):
        standing = serving.standing()
        assert (standing.running, standing.now.id, standing.mark) == (True, number, (number, True))
    standing = serving.standing()
    assert (standing.running, standing.now, standing.runs[0].outcome) == (False, None, Outcome.STOPPED)
    assert runs.newest(engine, folder.name).outcome is None  # looking changes nothing


def test_a_look_records_the_killed_refresh_once_and_removes_what_it_left(engine, installed, folder, started):
    runs.start(engine, folder.name, NOW)
    left = [folder / "building-x.duckdb", folder / "building-x.duckdb.wal", folder / "current.new"]
    for file in left:
        file.touch()
    (folder / "building-x.spill").mkdir()
    (folder / "building-x.spill" / "spilled").touch()
    with FileLock(folder / "lock"):
        assert schedule.notice_killed(installed, engine, folder, NOW) is False
    assert schedule.notice_killed(installed, engine, folder, NOW) is True
    assert schedule.notice_killed(installed, engine, folder, NOW) is False
    assert schedule.look(installed, engine, NOW) is False  # the next one after five minutes
    assert runs.newest(engine, folder.name).outcome is Outcome.STOPPED
    assert [file.name for file in folder.iterdir()] == ["lock"]


def test_what_a_running_refresh_writes_is_left_alone(folder):
    (folder / "building-x.duckdb").touch()
    with locks.alone(folder / snapshots.LOCK):
        schedule.tidy(folder)
        assert (folder / "building-x.duckdb").exists()
    schedule.tidy(folder)
    assert not (folder / "building-x.duckdb").exists()


def test_looking_whether_a_lock_is_held_neither_takes_it_nor_makes_it(tmp_path):
    path = tmp_path / "lock"
    assert locks.is_held(path) is False
    assert not path.exists()
    with locks.alone(path):
        assert locks.is_held(path) is True
        with pytest.raises(locks.Held), locks.alone(path):
            pass
    with locks.shared(path), locks.shared(path):
        assert locks.is_held(path) is False
        with pytest.raises(locks.Held), locks.alone(path):
            pass
