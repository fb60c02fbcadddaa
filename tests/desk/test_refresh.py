"""One refresh: recorded, logged, told to the webhook where it fails, and never twice for what was asked once."""

import logging
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from desk import refresh, runs, schedule, webhook
from desk.refresh import Order
from desk.reporting import Reporter
from desk.runs import Outcome
from loanbook import snapshot, snapshots
from loanbook.snapshots import SnapshotError
from tests.desk.conftest import NOW
from tests.desk.hook import listening

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def quick(monkeypatch, installed):
    """Stands in for what builds a snapshot: what it is told to do."""
    monkeypatch.setattr(webhook, "PAUSE_SECONDS", 0.01)
    folder = refresh.source(installed).folder

    def build(*_, progress, now, **__):
        progress("Reading loan", 0.5)
        progress("Writing", 0.25)
        if build.error is not None:
            raise build.error
        progress("Reading loan", 0.75)
        return snapshot.Built(snapshots.new_id(folder, now), folder, now.date(), 7, 1, 0, {})

    build.error = None
    monkeypatch.setattr(snapshot, "build", build)
    return build


class Clock:
    """Goes on by a second at every look."""

    def __init__(self):
        self.looks = 0

    def __call__(self):
        self.looks += 1
        return NOW + timedelta(seconds=self.looks)


def run(installed, engine, **order):
    seen = []
    built = refresh.run(installed, engine, Clock(), lambda *each: seen.append(each), wait=False, order=Order(**order))
    return built, seen


def test_stages_are_timed_and_never_go_back(installed, engine, quick):
    built, seen = run(installed, engine)
    assert seen == [("Reading loan", 0.5), ("Writing", 0.5), ("Reading loan", 0.75)]
    recorded = runs.newest(engine, refresh.source(installed).folder.name)
    assert (recorded.outcome, recorded.snapshot_id) == (Outcome.SUCCEEDED, built.snapshot_id)
    assert recorded.stages == {"Reading loan": 2.0, "Writing": 1.0}  # each look at the clock is a second


def test_what_was_asked_for_and_has_been_built_meanwhile_is_not_built_again(installed, engine, quick):
    source = refresh.source(installed).folder.name
    assert run(installed, engine, after_run=0)[0] is not None
    assert run(installed, engine, after_run=0) == (None, [])
    assert run(installed, engine, after_run=runs.newest(engine, source).id)[0] is not None
    assert len(runs.latest(engine, source)) == 2


def test_a_failure_is_on_record_in_the_log_and_told_to_the_webhook(installed, engine, quick, caplog):
    quick.error = SnapshotError("The disk is full.")
    with listening(503, 200) as (url, got), caplog.at_level(logging.INFO, "loanboard"):
        with pytest.raises(SnapshotError):
            run(replace(installed, webhook_url=url), engine)
        assert len(got) == 2  # the first was not taken
    path, kind, told = got[1]
    assert (path, kind) == ("/hook/a-secret", "application/json")
    assert told == {
        "event": "refresh_failed",
        "source": refresh.source(installed).folder.name,
        "run": 1,
        "message": "The disk is full.",
        "started_at": "2024-06-15T04:00:01+00:00",
        "finished_at": "2024-06-15T04:00:05+00:00",
        "snapshot_served": None,
        "snapshot_age_seconds": None,
    }
    assert runs.last_failure(engine, told["source"]).message == "The disk is full."
    assert [record.message for record in caplog.records if record.message != "refresh stage"] == [
        "refresh started", "refresh failed", "webhook sent",
    ]  # fmt: skip
    assert "a-secret" not in " ".join(str(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize(("answer", "tries", "said"), [(500, 3, "webhook refused"), (404, 1, "webhook refused"),
                                                       (302, 1, "webhook refused")])  # fmt: skip
def test_a_webhook_that_is_not_taken_changes_nothing(installed, engine, quick, caplog, answer, tries, said):
    quick.error = SnapshotError("The disk is full.")
    with listening(answer) as (url, got), pytest.raises(SnapshotError, match="The disk is full"):
        run(replace(installed, webhook_url=url), engine)
    assert (len(got), caplog.records[-1].message) == (tries, said)


def test_a_webhook_that_nobody_answers_changes_nothing(installed, engine, quick, caplog, monkeypatch):
    monkeypatch.setattr(webhook, "SECONDS", 0.2)
    quick.error = SnapshotError("The disk is full.")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a-secret"
        with pytest.raises(SnapshotError, match="The disk is full"):
            run(replace(installed, webhook_url=url), engine)
    assert caplog.records[-1].message == "webhook failed"
    assert "a-secret" not in caplog.text


def test_a_killed_refresh_is_told_to_the_webhook_too(installed, engine, quick):
    folder = refresh.source(installed).folder
    runs.start(engine, folder.name, NOW)
    with listening(200) as (url, got):
        assert schedule.notice_killed(replace(installed, webhook_url=url), engine, folder, NOW + timedelta(minutes=1))
    assert (got[0][2]["event"], got[0][2]["run"]) == ("refresh_stopped", 1)


def test_a_fault_of_ours_is_told_without_its_words(installed, engine, quick, caplog):
    quick.error = ZeroDivisionError("member 7")
    with pytest.raises(ZeroDivisionError):
        run(installed, engine)
    assert runs.newest(engine, refresh.source(installed).folder.name).message == (
        "Loanboard itself failed (ZeroDivisionError); the log of the refresh says where."
    )
    assert "member 7" not in caplog.text


def test_a_policy_that_can_not_be_read_is_a_failed_refresh(installed, engine, tmp_path):
    with pytest.raises(Exception, match="can't be read"):
        run(replace(installed, policy_path=tmp_path / "none.toml"), engine)
    assert "none.toml" in runs.last_failure(engine, refresh.source(installed).folder.name).message


def test_a_state_database_that_fails_meanwhile_does_not_hide_the_failure(installed, engine, quick, monkeypatch, caplog):
    def refuse(*_, **__):
        raise OperationalError("", None, Exception("database or disk is full"))

    monkeypatch.setattr(runs, "report", refuse)
    monkeypatch.setattr(runs, "fail", refuse)
    quick.error = SnapshotError("The disk is full.")
    with pytest.raises(SnapshotError):
        run(installed, engine)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        "progress not recorded", "progress not recorded", "refresh failed", "failure not recorded",
    ]  # fmt: skip


def test_a_reporter_without_stages_has_no_seconds(engine):
    assert Reporter(engine, 1, Clock(), lambda *_: None).finish() == {}


def test_of_two_processes_at_once_one_builds(installed, engine, environment):
    command = [sys.executable, "manage.py", "refresh", "--after-run", "0"]
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    [only] = runs.latest(engine, refresh.source(installed).folder.name)
    assert only.outcome is Outcome.SUCCEEDED
    assert only.process_id in {process.pid for process in both}
    told = sorted(output.splitlines()[-1].split()[0] for output, _ in said)
    assert told == ["Another", "Snapshot"]
