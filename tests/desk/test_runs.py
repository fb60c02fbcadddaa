"""Refreshes as recorded: how they end, which are noticed as killed, and when the next is due."""

from datetime import timedelta

import pytest

from desk import runs
from desk.runs import Outcome
from tests.desk.conftest import NOW


def minutes(number):
    return timedelta(minutes=number)


def test_a_run_keeps_its_process_its_progress_and_its_stages(engine):
    number = runs.start(engine, "a", NOW, process=runs.Process(41, "host"), asked_by="manager@demo.invalid")
    runs.report(engine, number, "Reading loan", 0.25)
    running = runs.newest(engine, "a")
    assert (running.process_id, running.host, running.asked_by) == (41, "host", "manager@demo.invalid")
    assert (running.stage, running.done, running.outcome, running.stages) == ("Reading loan", 0.25, None, None)
    runs.succeed(
        engine, number, NOW + minutes(1), snapshot_id="s", rows=7, stages={"Reading loan": 1.5, "Writing": 0.5}
    )
    ended = runs.newest(engine, "a")
    assert (ended.outcome, ended.done, ended.stages) == (Outcome.SUCCEEDED, 1.0, {"Reading loan": 1.5, "Writing": 0.5})
    assert runs.newest(engine, "b") is None


def test_who_starts_next_records_what_was_left_running_as_stopped(engine):
    killed, other = runs.start(engine, "a", NOW), runs.start(engine, "b", NOW)
    runs.start(engine, "a", NOW + minutes(1))
    newest, before = runs.latest(engine, "a")
    assert (newest.outcome, before.id, before.outcome, before.finished_at) == (None, killed, Outcome.STOPPED, None)
    assert runs.latest(engine, "b")[0].outcome is None  # of another book
    assert [runs.stop(engine, number) for number in (killed, other, other)] == [False, True, False]


def test_only_a_later_success_makes_a_refresh_needless(engine):
    first = runs.start(engine, "a", NOW)
    runs.succeed(engine, first, NOW, snapshot_id="s", rows=1)
    assert runs.succeeded_since(engine, "a", first - 1)
    assert not runs.succeeded_since(engine, "a", first)
    runs.fail(engine, runs.start(engine, "a", NOW), NOW, "The disk is full.", {"Writing": 1.0})
    assert not runs.succeeded_since(engine, "a", first)
    assert not runs.succeeded_since(engine, "b", 0)
    assert runs.newest(engine, "a").stages == {"Writing": 1.0}


def test_a_rollback_is_no_failure_and_says_what_it_replaced(engine):
    runs.fail(engine, runs.start(engine, "a", NOW), NOW, "The disk is full.")
    runs.roll_back(engine, "a", NOW, "s1", "Instead of s2.")
    newest = runs.newest(engine, "a")
    assert (newest.outcome, newest.snapshot_id, newest.message) == (Outcome.ROLLED_BACK, "s1", "Instead of s2.")
    assert runs.last_failure(engine, "a") is None


@pytest.mark.parametrize(
    ("built", "started", "ended_well", "due"),
    [
        (59, None, False, False),
        (60, None, False, True),
        (600, 59, False, False),  # it runs, or has just failed
        (600, 59, True, False),  # it was rolled back
        (600, 60, False, True),
        (5, 600, True, False),
        (None, None, False, True),
        (None, 0, True, True),  # what it built is gone or damaged
        (None, 4, False, False),  # it runs, or has just failed: there is nothing to serve, so it is tried again soon
        (None, 5, False, True),
    ],
)
def test_a_refresh_is_due_an_hour_after_the_last_and_at_once_where_its_snapshot_is_lost(
    built, started, ended_well, due
):
    def ago(passed):
        return None if passed is None else NOW - minutes(passed)

    assert runs.is_due(ago(built), ago(started), ended_well, NOW, 60) is due


@pytest.mark.parametrize(("passed", "due"), [(0, False), (1, True)])
def test_the_wait_after_a_failure_is_never_longer_than_the_age_of_a_refresh(passed, due):
    assert runs.is_due(None, NOW - minutes(passed), False, NOW, 1) is due
