"""A refresh that is killed, or runs out of disk or source, leaves the old snapshot serving and the folder clean."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from desk import refresh, runs, schedule, state
from desk.runs import Outcome
from loanbook import snapshots
from rules import settings
from tests.desk import refresher
from tests.loanbook.drawn_book import draw

ROOT = Path(__file__).parent.parent.parent
BLOCK = 256 * 1024  # bytes by which a snapshot grows


class Refresher:
    """Real refreshes of one installation."""

    def __init__(self, environment):
        command = [sys.executable, "-m", "tests.desk.refresher"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def run(self, word, number=0):
        """How a refresh with this end ended, and what it said."""
        self.process.stdin.write(f"{word} {number}\n")
        self.process.stdin.flush()
        said = []
        while not (line := self.process.stdout.readline()).startswith("="):
            said.append(line.strip())
        return int(line[1:]), " ".join(said).strip()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One installation for all ends: each begins with what the one before it has left."""
    home = tmp_path_factory.mktemp("killed")
    environment = {
        "LOANBOARD_DATABASE_URL": f"sqlite:///{draw(home / 'book.sqlite')}",
        "LOANBOARD_DATA_DIR": str(home / "data"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    installed = settings.read(environment)
    refresher = Refresher(environment)
    engine = state.open_engine(installed.state_url)
    yield installed, refresher, engine
    engine.dispose()
    refresher.process.stdin.close()
    refresher.process.wait(timeout=20)


@pytest.fixture
def folder(shared):
    return refresh.source(shared[0]).folder


@pytest.fixture
def served(shared, folder):
    """A snapshot that is served when the end comes."""
    if refresh.snapshot_served(folder) is None:
        assert shared[1].run(refresher.DONE) == (0, "")
    return snapshots.current(folder)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def look(shared, folder):
    """What the served process does at its start and every minute after it."""
    installed, _, engine = shared
    schedule.notice_killed(installed, engine, folder, datetime.now(UTC))
    schedule.tidy(folder)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        (refresher.KILL, 0.0),
        (refresher.KILL, 0.3),
        (refresher.KILL, 0.95),
        (refresher.BEFORE_NAMED, 0),
    ],
)
def test_killed_at_any_stage(shared, folder, served, word, number):
    _, processes, engine = shared
    assert processes.run(word, number) == (-9, "")
    assert any(snapshots.leftovers(folder))  # there is something to remove
    assert runs.newest(engine, folder.name).outcome is None
    assert refresh.snapshot_served(folder).snapshot_id == served
    look(shared, folder)
    assert names(folder) == ["current", "lock", f"snapshot-{served}.duckdb"]
    assert refresh.snapshot_served(folder).snapshot_id == served
    assert runs.newest(engine, folder.name).outcome is Outcome.STOPPED


def test_killed_before_the_new_snapshot_is_served_the_old_one_is(shared, folder, served):
    assert shared[1].run(refresher.BEFORE_SERVED) == (-9, "")
    look(shared, folder)
    assert refresh.snapshot_served(folder).snapshot_id == served
    [other] = set(snapshots.ids(folder)) - {served}
    assert refresh.opened(folder, other).snapshot_id == other  # whole, and kept or discarded as the policy says


def test_killed_when_the_new_snapshot_is_served_it_is_whole(shared, folder, served):
    assert shared[1].run(refresher.AFTER_SERVED) == (-9, "")
    look(shared, folder)
    now_served = refresh.snapshot_served(folder)
    assert now_served is not None
    assert now_served.snapshot_id != served
    assert runs.newest(shared[2], folder.name).outcome is Outcome.STOPPED


def test_after_a_kill_the_next_refresh_cleans_up_and_builds(shared, folder, served):
    assert shared[1].run(refresher.KILL, 0.8)[0] == -9
    assert shared[1].run(refresher.DONE) == (0, "")
    newest, killed = runs.latest(shared[2], folder.name, count=2)
    assert (newest.outcome, killed.outcome) == (Outcome.SUCCEEDED, Outcome.STOPPED)
    assert names(folder) == ["current", "lock", f"snapshot-{newest.snapshot_id}.duckdb"]


@pytest.mark.parametrize("blocks", [1])
def test_a_full_disk_is_told_and_leaves_nothing(shared, folder, served, blocks):
    with closing(sqlite3.connect(make_url(shared[0].state_url).database)) as own:
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the state database, which is on that disk too, is small
    code, said = shared[1].run(refresher.FULL, blocks * BLOCK)
    assert code == 1
    assert "The snapshot can't be written to" in said
    assert names(folder) == ["current", "lock", f"snapshot-{served}.duckdb"]
    assert refresh.snapshot_served(folder).snapshot_id == served


def test_a_source_that_goes_meanwhile_is_told_and_leaves_nothing(shared, folder, served):
    book = Path(shared[0].database_url.removeprefix("sqlite:///"))
    whole = book.read_bytes()
    try:
        code, said = shared[1].run(refresher.GONE, 0.1)
    finally:
        book.write_bytes(whole)
    assert (code, "can't be read" in said) == (1, True), said
    assert names(folder) == ["current", "lock", f"snapshot-{served}.duckdb"]
    failed = runs.last_failure(shared[2], folder.name)
    assert failed is not None
    assert failed.message == said
