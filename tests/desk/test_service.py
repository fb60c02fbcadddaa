"""What a served process tells of its health, and that nothing ends its looks."""

import logging
from contextlib import ExitStack

import pytest

from desk import background, locks, refresh, schedule
from desk.service import Service
from loanbook import connection, snapshots
from tests.desk.conftest import NOW
from tests.queries import drawn


@pytest.fixture
def service(environment):
    return Service(environment, lambda: NOW)


def test_a_process_with_all_that_pages_need_is_ready(service, installed, engine):
    folder = refresh.source(installed).folder
    folder.mkdir(parents=True)
    drawn.snapshot(folder, [])
    served = refresh.snapshot_served(folder)
    told = service.readiness().told()
    assert told == {
        "ready": True,
        "missing": {},
        "snapshot": {
            "id": snapshots.current(folder),
            "as_of": served.as_of.isoformat(),
            "age_seconds": round((NOW - served.built_at).total_seconds()),
        },
    }
    file = snapshots.path(folder, snapshots.current(folder))
    file.write_bytes(file.read_bytes()[:20_000])
    assert set(service.readiness().missing) == {"snapshot"}


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        ("LOANBOARD_REFRESH_MINUTES", "soon", {"settings"}),
        ("LOANBOARD_STATE_URL", "postgresql+psycopg://u:a-secret@127.0.0.1:1/x", {"state_database", "snapshot"}),
        ("LOANBOARD_DATABASE_URL", "nonsense a-secret", {"loan_database"}),
        ("LOANBOARD_DATABASE_URL", "", {"loan_database"}),
        ("LOANBOARD_DATA_DIR", "/dev/null/here", {"state_database", "snapshot"}),
    ],
)
def test_what_is_missing_is_named_without_addresses_and_looks_go_on(environment, name, value, missing, caplog):
    service = Service({**environment, name: value}, lambda: NOW)
    told = service.readiness()
    assert (told.ready, set(told.missing)) == (False, missing)
    assert "a-secret" not in str(told.told())
    assert "127.0.0.1" not in str(told.told())
    with caplog.at_level(logging.INFO):
        assert service.look() is False
    assert "a-secret" not in caplog.text


def test_a_look_starts_what_is_due(service, installed, monkeypatch):
    asked = []
    monkeypatch.setattr(background, "refresh_when_due", lambda *words: bool(asked.append(words)) or True)
    assert service.look() is True
    assert asked[0][1:] == (refresh.source(installed).folder.name, None, NOW, 60)


@pytest.mark.parametrize(
    ("error", "reason"), [(connection.SourceError("It is gone."), "It is gone."), (ZeroDivisionError("member 7"), None)]
)
def test_what_goes_wrong_in_a_look_is_logged(service, monkeypatch, caplog, error, reason):
    def fail(*_):
        raise error

    monkeypatch.setattr(schedule, "look", fail)
    assert service.look() is False
    [record] = [each for each in caplog.records if each.name == "loanboard.service"]
    assert getattr(record, "reason", None) == reason
    assert (record.exc_info is None) is (reason is not None)  # a fault of ours keeps its traceback


def test_a_data_folder_that_is_served_is_held(service, installed):
    with ExitStack() as until:
        service.hold(until)
        with pytest.raises(locks.Held), locks.alone(installed.data_dir / locks.SERVING):
            pass
    with locks.alone(installed.data_dir / locks.SERVING):
        pass
