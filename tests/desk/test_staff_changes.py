"""The staff list as administrators change it, and sign-in by an identity, on both kinds of state database."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click.testing
import pytest
from sqlalchemy import insert, select

import manage
from desk import audit, audit_chain, sign_in, staff, staff_changes, state
from desk.sign_in import Denied, Identity
from desk.staff import Role, Staff
from rules.refusal import Refused
from tests.desk import states

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ADMIN = "admin@lender.example"
WANG = Staff("wang@lender.example", "Wang Wei", Role.RISK_OFFICER, 5_000_000, "17")


@pytest.fixture
def listed(both):
    """A staff list with one administrator."""
    staff_changes.add_first_administrator(both, ADMIN, "An Administrator", NOW)
    return both


def events(engine):
    with state.reading(engine) as connection:
        rows = connection.execute(select(state.audit_event).order_by("sequence")).all()
    return [(row.kind, row.staff_email, row.subject, json.loads(row.payload)) for row in rows]


def identity(**changes):
    values = {"issuer": "https://id.example", "subject": "s-1", "email": WANG.email, "email_verified": True,
              "signed_in_at": NOW}  # fmt: skip
    values |= changes
    return Identity(**{"issued_at": values["signed_in_at"], **values})


def test_each_change_is_made_with_its_event(listed, tmp_path):
    staff_changes.add(listed, ADMIN, replace(WANG, email=" Wang@Lender.example "), NOW)
    assert staff.lookup(listed, WANG.email) == WANG
    senior = replace(WANG, role=Role.SENIOR_RISK_OFFICER, authority_fen=90_000_000)
    staff_changes.change(listed, ADMIN, WANG, senior, NOW)
    staff_changes.change(listed, ADMIN, senior, senior, NOW)  # nothing changes, nothing is recorded
    assert staff.lookup(listed, WANG.email) == senior
    staff_changes.set_active(listed, ADMIN, WANG.email, False, NOW)
    staff_changes.set_active(listed, ADMIN, WANG.email, False, NOW)
    assert staff.lookup(listed, WANG.email) is None
    staff_changes.set_active(listed, ADMIN, WANG.email, True, NOW)
    told = events(listed)
    assert [(kind, by, of) for kind, by, of, _ in told] == [
        ("staff.added", "manage.py", ADMIN), ("staff.added", ADMIN, WANG.email), ("staff.changed", ADMIN, WANG.email),
        ("staff.deactivated", ADMIN, WANG.email), ("staff.activated", ADMIN, WANG.email),
    ]  # fmt: skip
    assert told[2][3] == {
        "role": {"before": "risk_officer", "after": "senior_risk_officer"},
        "authority_fen": {"before": 5_000_000, "after": 90_000_000},
    }
    assert audit_chain.verify(listed, states.keeper(tmp_path)).broken is None


def refused(match, act, *arguments):
    with pytest.raises(Refused, match=match):
        act(*arguments)


def test_nobody_changes_their_own_entry_and_only_administrators_change_others(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    before = events(listed)
    own = Staff(ADMIN, "An Administrator", Role.MANAGER)
    refused("own entry", staff_changes.change, listed, ADMIN, own, own, NOW)
    refused("own entry", staff_changes.set_active, listed, ADMIN, ADMIN, False, NOW)
    refused("own entry", staff_changes.change, listed, WANG.email, WANG, replace(WANG, authority_fen=10**9), NOW)
    for by in (WANG.email, "nobody@lender.example"):
        refused("Only administrators", staff_changes.add, listed, by, Staff("x@y", "X", Role.MANAGER), NOW)
        refused("Only administrators", staff_changes.change, listed, by, own, own, NOW)
        refused("Only administrators", staff_changes.end_sessions, listed, by, ADMIN, NOW)
        refused("Only administrators", staff_changes.set_active, listed, by, ADMIN, False, NOW)
        refused("Only administrators", staff_changes.unbind, listed, by, ADMIN, NOW)
    assert events(listed) == before


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"email": "no address"}, "is no e-mail address"),
        ({"email": "a" * 320 + "@b"}, "is no e-mail address"),
        ({"name": "  "}, "Write the person's name"),
        ({"name": "x" * 201}, "Write the person's name"),
        ({"role": Role.MANAGER}, "Only risk officers decide"),
        ({"authority_fen": -1}, "amount of zero or more"),
        ({"authority_fen": 10**16}, "amount of zero or more"),
        ({"member_id": "x" * 65}, "member's number"),
    ],
)
def test_what_can_not_stand_on_the_list_is_refused(listed, changes, match):
    refused(match, staff_changes.add, listed, ADMIN, replace(WANG, **changes), NOW)
    assert len(events(listed)) == 1


def test_somebody_is_added_once_and_changed_only_where_they_are_listed(listed):
    refused("is not on the staff list", staff_changes.change, listed, ADMIN, WANG, WANG, NOW)
    refused("is not on the staff list", staff_changes.set_active, listed, ADMIN, WANG.email, True, NOW)
    staff_changes.add(listed, ADMIN, WANG, NOW)
    refused("is on the staff list already", staff_changes.add, listed, ADMIN, WANG, NOW)
    refused("an administrator already", staff_changes.add_first_administrator, listed, "b@c", "B", NOW)


def test_of_two_administrators_who_take_each_others_access_one_keeps_theirs(listed):
    other = Staff("other@lender.example", "Other", Role.ADMINISTRATOR)
    staff_changes.add(listed, ADMIN, other, NOW)
    outcomes = []

    def take(by, of):
        try:
            staff_changes.set_active(listed, by, of, False, NOW)
            outcomes.append("done")
        except Refused:
            outcomes.append("refused")

    pairs = ((ADMIN, other.email), (other.email, ADMIN))
    threads = [threading.Thread(target=take, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert [staff.lookup(listed, email) is None for email in (ADMIN, other.email)].count(True) == 1


def test_the_first_sign_in_binds_and_later_ones_are_found_by_issuer_and_subject(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    assert sign_in.enter(listed, identity(email="WANG@lender.example"), NOW) == WANG
    moved = identity(email="new.name@lender.example", email_verified=False)
    assert sign_in.enter(listed, moved, NOW) == WANG  # found by whom the provider says they are
    assert [event for event in events(listed) if event[0] == "staff.bound"] == [
        ("staff.bound", WANG.email, WANG.email, {"issuer": "https://id.example", "subject": "s-1"})
    ]
    assert sign_in.enter(listed, identity(subject="s-2"), NOW) is Denied.OTHER_PERSON
    assert sign_in.enter(listed, identity(issuer="https://other.example"), NOW) is Denied.OTHER_PERSON
    staff_changes.unbind(listed, ADMIN, WANG.email, NOW)
    later = NOW + timedelta(seconds=1)
    assert sign_in.enter(listed, identity(subject="s-2", signed_in_at=later), later) == WANG


def test_unknown_unverified_and_inactive_people_are_not_let_in(listed):
    assert sign_in.enter(listed, identity(), NOW) is Denied.UNKNOWN
    staff_changes.add(listed, ADMIN, WANG, NOW)
    assert sign_in.enter(listed, identity(email_verified=False), NOW) is Denied.UNVERIFIED
    staff_changes.set_active(listed, ADMIN, WANG.email, False, NOW)
    assert sign_in.enter(listed, identity(), NOW) is Denied.UNKNOWN  # and not bound
    staff_changes.set_active(listed, ADMIN, WANG.email, True, NOW)
    later = NOW + timedelta(seconds=1)
    assert sign_in.enter(listed, identity(signed_in_at=later), later) == WANG
    staff_changes.set_active(listed, ADMIN, WANG.email, False, later)
    assert sign_in.enter(listed, identity(signed_in_at=later), later) is Denied.UNKNOWN
    with listed.begin() as connection:
        values = {"email": "e@lender.example", "name": "E", "role": "emperor", "active": True}
        connection.execute(insert(state.staff).values(**values, issuer="i", subject="s"))
    assert sign_in.enter(listed, identity(issuer="i", subject="s"), NOW) is Denied.UNKNOWN


@pytest.mark.parametrize(
    ("passed", "entered"),
    [(timedelta(0), True), (timedelta(hours=12), False), (timedelta(hours=12, seconds=-1), True),
     (timedelta(minutes=-5), True), (timedelta(minutes=-5, seconds=-1), False)],
)  # fmt: skip
def test_a_session_is_over_after_twelve_hours(listed, passed, entered):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    found = sign_in.enter(listed, identity(signed_in_at=NOW - passed), NOW)
    assert found == (WANG if entered else Denied.ENDED)


def test_a_sign_out_ends_every_session_that_was_begun_before(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    assert sign_in.enter(listed, identity(), NOW) == WANG
    sign_in.sign_out(listed, identity(), NOW)
    sign_in.sign_out(listed, identity(), NOW + timedelta(milliseconds=1))  # of a session that is over
    later = NOW + timedelta(seconds=1)
    assert sign_in.enter(listed, identity(), later) is Denied.ENDED
    assert sign_in.enter(listed, identity(signed_in_at=later), later) == WANG
    assert events(listed)[-1][:3] == ("staff.sessions_ended", WANG.email, WANG.email)


def test_a_session_whose_provider_is_ahead_of_us_ends_with_its_own_sign_out(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    ahead = identity(signed_in_at=NOW + timedelta(minutes=2))
    sign_in.sign_out(listed, ahead, NOW)
    assert sign_in.enter(listed, ahead, NOW + timedelta(minutes=3)) is Denied.ENDED


def test_a_sign_in_long_ago_at_the_provider_is_no_reason_to_end_what_came_after_a_sign_out(listed):
    """Who stays signed in at the provider signs out here and comes back: they were asked there in the morning."""
    staff_changes.add(listed, ADMIN, WANG, NOW)
    morning = NOW - timedelta(hours=3)
    sign_in.sign_out(listed, identity(signed_in_at=morning), NOW)
    assert sign_in.enter(listed, identity(signed_in_at=morning), NOW) is Denied.ENDED
    later = NOW + timedelta(seconds=5)
    assert sign_in.enter(listed, identity(signed_in_at=morning, issued_at=later), later) == WANG


def test_an_administrator_ends_somebodys_sessions(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    assert sign_in.enter(listed, identity(), NOW) == WANG
    staff_changes.end_sessions(listed, ADMIN, WANG.email, NOW)
    assert sign_in.enter(listed, identity(), NOW) is Denied.ENDED
    assert events(listed)[-1][:3] == ("staff.sessions_ended", ADMIN, WANG.email)
    refused("own entry", staff_changes.end_sessions, listed, ADMIN, ADMIN, NOW)
    refused("is not on the staff list", staff_changes.end_sessions, listed, ADMIN, "nobody@x", NOW)


def test_of_two_administrators_who_change_one_entry_the_second_is_told(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    staff_changes.change(listed, ADMIN, WANG, replace(WANG, authority_fen=1_000_000), NOW)
    before = events(listed)
    refused("Look at it again", staff_changes.change, listed, ADMIN, WANG, replace(WANG, name="Wang Fang"), NOW)
    assert events(listed) == before
    assert staff.lookup(listed, WANG.email).authority_fen == 1_000_000


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email_verified": True}, {}),
        ({"email_verified": "true"}, {}),
        ({"email_verified": "false"}, {"email_verified": False}),
        ({"email_verified": 1}, {}),
        ({}, {"email_verified": False}),
        ({"email": None, "email_verified": True}, {"email": "", "email_verified": False}),
        ({"email_verified": True, "auth_time": NOW.timestamp() - 60}, {"signed_in_at": NOW - timedelta(minutes=1)}),
    ],
)  # fmt: skip
def test_an_identity_is_read_from_the_claims_of_a_token(claims, expected):
    token = {"iss": "https://id.example", "sub": "s-1", "email": WANG.email, "iat": int(NOW.timestamp())}
    assert sign_in.identity(token | claims) == identity(**expected, issued_at=NOW)


def test_two_first_sign_ins_at_once_bind_once(listed):
    staff_changes.add(listed, ADMIN, WANG, NOW)
    found = []
    both = [identity(), identity(subject="s-2")] * 3
    threads = [threading.Thread(target=lambda i=i: found.append(sign_in.enter(listed, i, NOW))) for i in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == sorted([str(WANG)] * 3 + ["other_person"] * 3)
    assert [kind for kind, *_ in events(listed)].count("staff.bound") == 1


def test_the_command_line_adds_the_first_administrator_only(environment, installed, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(manage, "_now", lambda: NOW)
    run = click.testing.CliRunner().invoke
    assert "is an administrator now" in run(manage.cli, ["add-administrator", ADMIN, "An Administrator"]).output
    again = run(manage.cli, ["add-administrator", "b@c", "B"])
    assert (again.exit_code, again.output.startswith("Error: There is an administrator already")) == (1, True)
    engine = audit.open_state(installed)
    assert [person.email for person, active in staff.listed(engine) if active] == [ADMIN]
    engine.dispose()
