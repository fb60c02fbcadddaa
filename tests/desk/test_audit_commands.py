"""`manage.py audit`, the head that the webhook is told, and the rights of an account that owns nothing."""

from dataclasses import replace

import click.testing
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

import manage
from desk import audit, audit_chain, audit_guards, schedule, service, webhook
from tests.desk import states
from tests.desk.conftest import NOW
from tests.desk.hook import listening
from tests.desk.reviewing import OFFICER, Desk, opened
from tests.desk.test_audit import append, event
from tests.desk.test_audit_chain import tamper


@pytest.fixture
def run(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(manage, "_now", lambda: NOW)

    def invoke(*words, code=0):
        result = click.testing.CliRunner().invoke(manage.cli, ("audit", *words))
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    return invoke


def test_a_whole_chain_is_told_with_its_head_and_a_broken_one_by_its_first_event(run, engine):
    assert run("verify") == f"The audit chain is whole: 0 event(s), head 0:{'0' * 64}\n"
    append(engine, *(event(number) for number in range(1, 5)))
    head = str(audit.newest(engine))
    assert run("verify") == f"The audit chain is whole: 4 event(s), head {head}\n"
    assert run("head") == f"{head} 2024-06-15T04:00:00+00:00\n"
    assert "whole" in run("verify", "--head", head)
    tamper(engine, "UPDATE audit_event SET subject = 'x' WHERE sequence = 3")
    told = "Error: Event 3 was changed, or was not written by Loanboard. Up to it, 2 event(s) are whole.\n"
    assert run("verify", code=1) == told


def test_a_deposited_head_that_the_chain_does_not_hold_is_told(run, engine, installed):
    append(engine, event(1), event(2))
    (installed.data_dir / "audit.head").unlink()
    told = run("verify", "--head", f"5:{'a' * 64}", "--head", str(audit.newest(engine)), code=1)
    assert told.startswith("Error: Event 3 and all after it were cut off: a head that went out names a later event.")
    assert "is not the one whose head went out" in run("verify", "--head", f"2:{'a' * 64}", code=1)
    two = run("verify", "--head", str(audit.newest(engine)), "--head", f"2:{'a' * 64}", code=1)
    assert "Event 2 is not the one" in two
    assert "'2:x' is no head; give it as `audit head` printed it" in run("verify", "--head", "2:x", code=2)


def test_a_decision_that_was_changed_behind_the_chain_is_told(run, engine):
    Desk(opened(engine)).decide(OFFICER)
    assert "The audit chain is whole: 3 event(s)" in run("verify")
    with engine.begin() as connection:
        connection.execute(text("UPDATE review_decision SET outcome = 'declined'"))
    told = "The decision on application 1 (round 1, stage 1) is not what event 3 tells.\n"
    assert run("verify", code=1) == f"Error: The audit chain is whole, but: {told}"


def test_only_the_newest_events_are_verified_where_that_is_asked(both, tmp_path):
    append(both, *(event(number) for number in range(1, 7)))
    keeper = states.keeper(tmp_path)
    assert [audit_chain.verify(both, keeper, newest=count).first for count in (None, 9, 6, 2, 1)] == [1, 1, 1, 5, 6]
    tamper(both, "UPDATE audit_event SET subject = 'x' WHERE sequence = 4")
    broken = [audit_chain.verify(both, keeper, newest=count).broken for count in (2, 3)]
    assert broken == [None, audit_chain.Broken(audit_chain.Fault.CHANGED, 4)]
    tamper(both, "DELETE FROM audit_event WHERE sequence = 6")
    assert audit_chain.verify(both, keeper, newest=1).broken == audit_chain.Broken(audit_chain.Fault.CUT, 6)


def test_the_webhook_is_told_each_new_head_once_and_again_where_it_was_not_taken(installed, engine, monkeypatch):
    monkeypatch.setattr(webhook, "PAUSE_SECONDS", 0.01)
    assert schedule.tell_head(installed, engine, NOW, None) is None  # nobody to tell
    with listening(200, 404, 200) as (url, got):
        told = replace(installed, webhook_url=url)
        assert schedule.tell_head(told, engine, NOW, None) is None  # nothing to tell
        append(engine, event(1))
        first = schedule.tell_head(told, engine, NOW, None)
        assert first == audit.newest(engine) == schedule.tell_head(told, engine, NOW, first)
        append(engine, event(2))
        assert schedule.tell_head(told, engine, NOW, first) == first
        second = schedule.tell_head(told, engine, NOW, first)
    assert [(body["event"], body["sequence"]) for _, _, body in got] == [
        ("audit_head", 1), ("audit_head", 2), ("audit_head", 2)
    ]  # fmt: skip
    assert got[2][2] == {"event": "audit_head", "sequence": 2, "hash": second.hash, "at": NOW.isoformat()}


def test_the_served_process_tells_the_head_by_itself(environment, engine, monkeypatch):
    monkeypatch.setattr(schedule, "look", lambda *_: False)
    append(engine, event(1))
    with listening(200) as (url, got):
        served = service.Service(environment | {"LOANBOARD_WEBHOOK_URL": url}, lambda: NOW)
        served.look()  # which itself records the policy in force
        served.look()
    assert [body["sequence"] for _, _, body in got] == [audit.newest(engine).sequence]


def test_an_account_with_the_granted_rights_appends_and_can_do_no_more(server, tmp_path, run):
    url = server.new(tmp_path)
    owner = states.opened(url, tmp_path)
    append(owner, event(1), event(2))
    account = make_url(url).database + "_app"
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {account} LOGIN"))
        printed = run("grants", account)
        assert printed.strip() == audit_guards.grants(account, "public")
        for statement in printed.splitlines():
            connection.execute(text(statement))
    app = states.opened(make_url(url).set(username=account).render_as_string(), tmp_path)
    assert append(app, event(3)) == [3]
    refused = (
        "UPDATE audit_event SET subject = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event",
        "DELETE FROM audit_head", "INSERT INTO audit_head VALUES (2, 3, 'x')", "TRUNCATE audit_head",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL", "DROP TRIGGER audit_event_never ON audit_event",
        "DROP TABLE audit_event", "SET session_replication_role = replica", "DROP FUNCTION audit_never CASCADE",
        "CREATE OR REPLACE FUNCTION audit_never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    )  # fmt: skip
    for statement in refused:
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), app.begin() as connection:
            connection.execute(text(statement))
    assert audit_chain.verify(app, states.keeper(tmp_path)).broken is None
    app.dispose()
    owner.dispose()


def test_a_table_of_a_sessions_own_does_not_stand_in_for_the_chain(server, tmp_path):
    engine = states.opened(server.new(tmp_path), tmp_path)
    append(engine, event(1), event(2))
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE audit_event AS SELECT * FROM public.audit_event LIMIT 1"))
        row = "SELECT 2, at, staff_email, kind, subject, payload, hash, hash FROM audit_event"
        with pytest.raises(DBAPIError, match="does not follow the newest"):
            connection.execute(text(f"INSERT INTO public.audit_event {row}"))
    engine.dispose()
