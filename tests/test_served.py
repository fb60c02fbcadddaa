"""Two served processes on one data folder: one refreshes, both follow, and neither disturbs the other."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from desk import refresh, runs, state
from desk.commands.serving import UVICORN
from desk.runs import Outcome
from loanbook import snapshots
from rules import settings
from tests.loanbook.drawn_book import draw

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 90


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def asked(port, path):
    """The status and the JSON of an answer; None while nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "probe.example"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        body = error.read()
        return error.code, json.loads(body) if body.startswith(b"{") else None
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def until(found):
    ends = time.monotonic() + PATIENCE_SECONDS
    while not (answer := found()):
        assert time.monotonic() < ends
        time.sleep(0.2)
    return answer


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    home = tmp_path_factory.mktemp("served")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LOANBOARD_")}
    return outside | {
        "LOANBOARD_DATABASE_URL": f"sqlite:///{draw(home / 'book.sqlite')}",
        "LOANBOARD_DATA_DIR": str(home / "data"),
        "LOANBOARD_LOG": "json",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture(scope="module")
def installed(environment):
    return settings.read(environment)


@pytest.fixture(scope="module")
def servers(environment, installed):
    """Two processes, started at once on an empty data folder; their ports and logs."""
    ports, logs, processes = [free_port(), free_port()], [], []
    installed.data_dir.mkdir()
    for port in ports:
        logs.append(installed.data_dir.parent / f"{port}.log")
        command = [sys.executable, *UVICORN, "--host", "127.0.0.1", "--port", str(port)]
        with logs[-1].open("wb") as log:
            processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
    try:
        for port in ports:
            until(lambda port=port: asked(port, "/healthz"))
        yield ports, logs
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


@pytest.fixture
def engine(installed):
    opened = state.open_engine(installed.state_url)
    yield opened
    opened.dispose()


def test_without_a_visitor_the_first_copy_is_built_once_and_both_become_ready(servers, installed, engine):
    ports, _ = servers
    assert [asked(port, "/healthz") for port in ports] == [(200, {"alive": True})] * 2
    told = [until(lambda port=port: (found := asked(port, "/readyz")) and found[0] == 200 and found) for port in ports]
    folder = refresh.source(installed).folder
    [only] = runs.latest(engine, folder.name)
    assert (only.outcome, only.asked_by) == (Outcome.SUCCEEDED, None)
    assert [body["snapshot"]["id"] for _, body in told] == [only.snapshot_id] * 2


def test_both_follow_to_the_next_snapshot(servers, environment, installed, engine):
    ports, _ = servers
    folder = refresh.source(installed).folder
    before = snapshots.current(folder)
    built = subprocess.run([sys.executable, "manage.py", "refresh"], cwd=ROOT, env=environment, capture_output=True)
    assert built.returncode == 0, built.stderr
    after = snapshots.current(folder)
    assert after != before
    assert [asked(port, "/readyz")[1]["snapshot"]["id"] for port in ports] == [after] * 2
    assert len(runs.latest(engine, folder.name)) == 2  # no process built one more


def test_a_snapshot_that_is_lost_makes_both_unready_and_names_it(servers, installed):
    ports, _ = servers
    pointer = refresh.source(installed).folder / "current"
    named = pointer.read_bytes()
    pointer.write_bytes(b"\xff\xfe")
    try:
        answers = [asked(port, "/readyz") for port in ports]
    finally:
        pointer.write_bytes(named)
    for status, body in answers:
        assert (status, list(body["missing"]), body["snapshot"]) == (503, ["snapshot"], None)


def test_metrics_stay_closed_and_restoring_is_refused_while_served(servers, environment, tmp_path):
    ports, _ = servers
    assert asked(ports[0], "/_stcore/metrics")[0] == 404
    assert asked(ports[0], "/lending/decisions")[0] == 404  # there is no token
    restored = subprocess.run(
        [sys.executable, "manage.py", "restore", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert restored.returncode == 1
    assert "stop it, then restore" in restored.stderr


def test_the_log_is_objects_and_names_no_visitor(servers):
    for log in servers[1]:
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]
        assert "http started" in [line["event"] for line in lines]
        assert not re.search(r"127\.0\.0\.1|@", log.read_text(encoding="utf-8"))
