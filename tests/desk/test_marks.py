"""Marks: recorded whole with their audit event or not at all, the newest verdict holds, on both kinds of database."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, func, insert, select, update

from desk import marks, rights, staff
from desk.mark_desk import MarkDesk
from desk.marks import Judged, MarkError, Verdict
from desk.staff import DEMO, Role
from desk.state import audit_event
from desk.state import mark as table
from desk.state import staff as staff_table

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MARKETING = DEMO[Role.MARKETING].email


@pytest.fixture
def state(both):
    staff.add_demo(both)
    return both


def judged(email=MARKETING, at=NOW, source="demo"):
    return Judged(source, "20261122T000000Z-0000", email, at)


def counted(engine):
    """How many marks and how many audit events there are."""
    with engine.connect() as connection:
        return tuple(
            connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (table, audit_event)
        )


def test_a_ring_is_marked_in_one_transaction_with_one_event(state):
    marks.mark(state, ["17", "18", "19", "18"], Verdict.FARMED, "  one device,\n one evening ", judged())
    assert marks.farmed_members(state, "demo") == {"17", "18", "19"}
    assert counted(state) == (3, 1)
    with state.connect() as connection:
        event = connection.execute(select(audit_event)).one()
    assert (event.kind, event.subject, event.staff_email) == ("abuse.marked", "17 +2", MARKETING)
    assert '"members":["17","18","19"]' in event.payload
    assert '"reason":"one device, one evening"' in event.payload


def test_a_mark_is_stamped_with_the_policy_by_which_it_was_judged(state):
    stamped = replace(judged(), policy_from=date(2026, 1, 1))
    marks.mark(state, ["17"], Verdict.FARMED, "one device", stamped)
    with state.connect() as connection:
        assert connection.execute(select(table.c.policy_from)).scalar_one() == date(2026, 1, 1)
        assert '"policy_from":"2026-01-01"' in connection.execute(select(audit_event.c.payload)).scalar_one()


def test_the_newest_verdict_holds_and_the_one_before_is_kept(state):
    marks.mark(state, ["17", "18"], Verdict.FARMED, "one device", judged())
    marks.mark(state, ["18"], Verdict.CLEARED, "a family, seen in person", judged(DEMO[Role.MANAGER].email))
    assert marks.farmed_members(state, "demo") == {"17"}
    newest = {each.member_id: each for each in marks.listed(state, "demo")}
    assert (newest["18"].verdict, newest["18"].staff_email) == (Verdict.CLEARED, DEMO[Role.MANAGER].email)
    assert newest["17"].at == NOW
    assert counted(state) == (3, 2)
    marks.mark(state, ["18"], Verdict.FARMED, "they were not", judged())
    assert marks.farmed_members(state, "demo") == {"17", "18"}


def test_marks_belong_to_a_book(state):
    marks.mark(state, ["17"], Verdict.FARMED, "one device", judged())
    assert marks.farmed_members(state, "other") == frozenset()
    assert marks.listed(state, "other") == ()


@pytest.mark.parametrize(
    ("members", "reason", "said"),
    [
        ([], "one device", "Choose whom"),
        (["17"], "   ", "Write the reason"),
        (["17"], "bad ", "Write the reason"),
        (["17"], "x" * 501, "Write the reason"),
        ([str(number) for number in range(marks.MOST_MEMBERS + 1)], "one device", "at most 5,000"),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_is_stored(state, members, reason, said):
    with pytest.raises(MarkError, match=said):
        marks.mark(state, members, Verdict.FARMED, reason, judged())
    assert counted(state) == (0, 0)


@pytest.mark.parametrize("role", [role for role in Role if not rights.may(role, "mark_abuse")])
def test_only_who_may_marks(state, role):
    with pytest.raises(PermissionError):
        marks.mark(state, ["17"], Verdict.FARMED, "one device", judged(DEMO[role].email))
    assert counted(state) == (0, 0)


def test_a_right_that_was_taken_away_is_noticed_in_the_write(state):
    with state.begin() as connection:
        connection.execute(update(staff_table).where(staff_table.c.email == MARKETING).values(active=False))
    desk = MarkDesk(state, "demo", "s", MARKETING, lambda: NOW)
    assert desk.mark(["17"], "farmed", "one device") == "Your role may not judge this any more."
    with pytest.raises(PermissionError):
        marks.mark(state, ["17"], Verdict.FARMED, "one device", judged("nobody@demo.invalid"))
    assert counted(state) == (0, 0)


def test_what_the_page_is_told(state):
    desk = MarkDesk(state, "demo", "s", MARKETING, lambda: NOW)
    assert desk.rows() == []
    assert desk.mark(["17"], "farmed", "no") == "Write the reason in 5 to 500 characters."
    assert desk.mark(["17"], "farmed", "one device") is None
    assert desk.rows() == [("17", "farmed", "one device", datetime(2026, 11, 22, 12), "Marketing")]
    with state.begin() as connection:  # who has left is named by their address
        connection.execute(delete(staff_table).where(staff_table.c.email == MARKETING))
        connection.execute(insert(staff_table).values(email="a@b.c", name="A", role="manager", active=True))
    assert desk.rows()[0][4] == MARKETING


def test_many_members_are_marked_at_once(state):
    members = [str(number) for number in range(1_201)]
    marks.mark(state, members, Verdict.FARMED, "one device", judged())
    assert marks.farmed_members(state, "demo") == set(members)
