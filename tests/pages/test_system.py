"""The System page: who may refresh, what is said of refreshes that ran, run, failed, were killed or rolled back."""

from datetime import UTC, datetime, timedelta

import pytest
from filelock import FileLock

from desk import audit, audit_guards, background, operations, runs, state
from desk.staff import DEMO, Role
from queries.snapshots import SnapshotGone
from tests import test_app
from tests.test_app import opened, publish, snapshots_of, texts

NOW = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
own, started = test_app.own, test_app.started  # an installation of the test's own, and no refresh that is really run


@pytest.fixture
def asked(own, monkeypatch):
    """Who asked for refreshes that would have been started."""
    publish(own)
    people = []
    monkeypatch.setattr(background, "refresh_asked", lambda _engine, _folder, _now, by: bool(people.append(by)) or True)
    return people


@pytest.fixture
def engine(own):
    opened = state.open_engine(own.state_url)
    yield opened
    opened.dispose()


def button(at):
    return next((each for each in at.button if each.key == "refresh-now"), None)


def table(at, column):
    return next(each.value for each in at.dataframe if column in each.value.columns)


@pytest.mark.parametrize("role", list(Role))
def test_managers_and_administrators_may_refresh_and_the_others_see_the_age(asked, role):
    at = opened("system", role)
    assert "The copy is **" in texts(at)
    if role not in {Role.MANAGER, Role.ADMINISTRATOR}:
        assert button(at) is None
        return
    button(at).click().run()
    assert asked == [DEMO[role].email]
    assert not at.exception


def test_a_right_taken_away_is_noticed_when_the_button_is_pressed(asked, engine):
    at = opened("system", Role.MANAGER)
    pressed = button(at).click()
    with engine.begin() as connection:
        change = state.staff.update().where(state.staff.c.email == DEMO[Role.MANAGER].email)
        connection.execute(change.values(role=Role.AUDITOR.value))
    pressed.run()
    assert asked == []
    assert button(at) is None


def test_a_refresh_that_runs_shows_its_stage_and_share_and_can_not_be_asked_for_twice(asked, engine, own):
    folder = snapshots_of(own)
    number = runs.start(engine, folder.name, NOW)
    runs.report(engine, number, "Reading repayment", 0.42)
    with FileLock(folder / "lock"):
        at = opened("system", Role.MANAGER)
        shown = at.get("progress")[0].proto
        assert (shown.value, shown.text.replace("\u00a0", " ")) == (42, "Reading repayment · 42 %")
        assert button(at).disabled
        assert "A refresh runs; these figures stay until it is done." in texts(at)
        chinese = opened("system", Role.AUDITOR, lang="zh")
        assert chinese.get("progress")[0].proto.text.endswith("42%")
    at.run()
    assert not at.get("progress")
    assert "1 of the last 1 refreshes failed" in texts(at)  # its process has gone, so it was killed


def test_how_refreshes_ended_is_listed_with_who_asked(asked, engine, own):
    source = snapshots_of(own).name
    built = runs.start(engine, source, NOW, asked_by=DEMO[Role.MANAGER].email)
    stages = {"Measuring loan": 1.0, "Reading loan": 2.0, "Reading member": 4.0, "A new stage": 1.0}
    runs.succeed(engine, built, NOW + timedelta(seconds=9), snapshot_id="s", rows=1_234, stages=stages)
    runs.fail(engine, runs.start(engine, source, NOW), NOW + timedelta(seconds=3), "The disk is full.")
    runs.roll_back(engine, source, NOW, "s", "Instead of t.")
    at = opened("system", Role.AUDITOR)
    rows = table(at, "outcome")
    assert list(rows["outcome"]) == ["rolled back", "failed", "succeeded"]
    assert list(rows["message"])[:2] == ["Instead of t.", "The disk is full."]
    assert list(rows["asked_by"])[2] == "Manager"
    assert list(rows["seconds"]) == [0, 3, 9]
    assert "The newest copy took **8.0 s**; its longest stage was “Reading tables” (75 %)." in texts(at)
    at.button(key="stages-switch").click().run()
    spent = table(at, "stage")
    assert list(spent["stage"]) == ["Measuring tables", "Reading tables", "A new stage"]
    assert list(spent["seconds"]) == [1.0, 6.0, 1.0]


def test_before_any_refresh_is_on_record_the_page_stands(asked):
    at = opened("system", Role.MARKETING)
    assert "No refresh has recorded its stages yet." in texts(at)
    assert not at.exception


def test_a_newest_copy_that_is_gone_is_told_beside_what_an_earlier_one_shows(asked, monkeypatch):
    def gone(_snapshot_id):
        raise SnapshotGone

    monkeypatch.setattr("pages.system.facts", gone)
    at = opened("system", Role.AUDITOR)
    assert "This copy of the loan database is no longer kept." in texts(at)
    assert any("table" in each.value.columns or "name" in each.value.columns for each in at.dataframe)
    assert not at.exception


def test_the_record_of_what_staff_did_is_verified_and_its_first_broken_event_named(asked, own, monkeypatch):
    monkeypatch.setattr(operations, "RECORD_SECONDS", 0)
    assert "**1** event was verified" in texts(opened("system", Role.AUDITOR))  # of the policy in force
    engine = audit.open_state(own)
    with engine.begin() as connection:
        for number in range(3):
            audit.append(connection, audit.Event(NOW, "a@b", "case.noted", f"case {number}", {}))
    at = opened("system", Role.MARKETING)
    assert "**4** events were verified; all are as they were written." in texts(at)
    assert str(audit.newest(engine)) in [each.value for each in at.code]
    with engine.begin() as connection:
        audit_guards.remove(connection)
        connection.execute(state.audit_event.update().where(state.audit_event.c.sequence == 3).values(subject="x"))
    assert "**Event 3 was changed, or was not written by Loanboard.**" in texts(opened("system", Role.AUDITOR))
    engine.dispose()
