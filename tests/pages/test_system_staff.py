"""The System page's staff list and record: administrators change the one, auditors search the other."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from components import downloads, view
from desk import audit, audit_search, operations, staff, staff_changes
from desk.audit_search import Wanted
from desk.staff import DEMO, Role, Staff
from desk.staff_desk import StaffDesk
from pages.parts import record
from tests import test_app
from tests.test_app import opened, publish, texts

own, started = test_app.own, test_app.started
ADMIN = DEMO[Role.ADMINISTRATOR].email
OFFICER = DEMO[Role.RISK_OFFICER]
NOW = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def engine(own):
    publish(own)
    opened_ = audit.open_state(own)
    staff.add_demo(opened_)
    yield opened_
    opened_.dispose()


def form_of(email):
    at = opened("system", Role.ADMINISTRATOR)
    at.session_state["_person_opened"] = email
    return at.run()


def test_an_entry_is_changed_after_what_changes_was_shown_once_more(engine):
    at = form_of(OFFICER.email)
    at.text_input(key=f"person-authority-{OFFICER.email}").set_value("120000.50").run()
    at.button(key="person-next").click().run()
    assert "May decide up to: ¥80,000 → **¥120,000.50**" in texts(at)
    assert staff.lookup(engine, OFFICER.email) == OFFICER  # nothing is written before it is confirmed
    at.button(key="person-confirm").click().run()
    assert staff.lookup(engine, OFFICER.email) == replace(OFFICER, authority_fen=12_000_050)
    assert [each.value for each in at.success] == ["Risk officer is on the list as shown."]
    [event] = audit_search.find(engine, Wanted(kind="staff.changed"), 9).newest
    assert (event.staff_email, event.subject) == (ADMIN, OFFICER.email)


def test_of_two_administrators_the_second_is_told_and_nothing_is_written(engine):
    at = form_of(OFFICER.email)
    at.text_input(key=f"person-name-{OFFICER.email}").set_value("Li Na").run()
    at.button(key="person-next").click().run()
    staff_changes.add(engine, ADMIN, Staff("second@x", "Second", Role.ADMINISTRATOR), NOW)
    staff_changes.change(engine, "second@x", OFFICER, replace(OFFICER, authority_fen=1), NOW)
    at.button(key="person-confirm").click().run()
    assert ["Look at it again" in each.value for each in at.error] == [True]
    assert staff.lookup(engine, OFFICER.email) == replace(OFFICER, authority_fen=1)


def test_somebody_is_added_and_what_is_no_entry_is_told(engine):
    at = form_of("")
    at.text_input(key="person-email").set_value(" Wang@Lender.example ").run()
    at.text_input(key="person-name-").set_value("Wang Wei").run()
    at.text_input(key="person-authority-").set_value("a lot").run()
    at.button(key="person-next").click().run()
    assert [each.value for each in at.error] == ["Write the authority as an amount of CNY, such as 80000."]
    at.selectbox(key="person-role-").set_value(Role.MARKETING).run()  # who decides nothing
    at.button(key="person-next").click().run()
    at.button(key="person-confirm").click().run()
    assert staff.lookup(engine, "wang@lender.example") == Staff("wang@lender.example", "Wang Wei", Role.MARKETING)


def test_access_is_taken_and_given_back_and_ones_own_entry_is_left_alone(engine):
    at = form_of(OFFICER.email)
    at.selectbox(key=f"person-act-{OFFICER.email}").set_value("take_access").run()
    assert "is signed out everywhere and can't sign in any more" in texts(at)
    at.button(key="person-do-take_access").click().run()
    assert staff.lookup(engine, OFFICER.email) is None
    desk = StaffDesk(engine, ADMIN, lambda: NOW, str)
    assert desk.act("give_access", OFFICER.email) is None
    assert staff.lookup(engine, OFFICER.email) == OFFICER
    assert [each.value for each in form_of(ADMIN).info] == [
        "Nobody changes their own entry; ask another administrator."
    ]
    assert desk.act("take_access", ADMIN) == "Nobody changes their own entry; ask another administrator."
    assert desk.act("end_sessions", "nobody@x") == "nobody@x is not on the staff list."


def test_a_right_taken_away_while_the_form_is_open_is_noticed(engine):
    at = form_of(OFFICER.email)
    staff_changes.add(engine, ADMIN, Staff("second@x", "Second", Role.ADMINISTRATOR), NOW)
    staff_changes.change(
        engine, "second@x", DEMO[Role.ADMINISTRATOR], replace(DEMO[Role.ADMINISTRATOR], role=Role.AUDITOR), NOW
    )
    at.button(key="person-next").click().run()
    assert not [each for each in at.button if each.key in {"person-next", "person-confirm"}]


def test_auditors_search_the_record_by_the_link_and_their_file_is_on_record(engine):
    staff_changes.set_active(engine, ADMIN, OFFICER.email, False, NOW)
    at = opened("system", Role.AUDITOR, event="staff.deactivated")
    assert "**1** event fits." in texts(at)
    rows = next(each.value for each in at.dataframe if "details" in each.value.columns)
    assert rows[["who", "what", "subject"]].values.tolist() == [["Administrator", "Access taken away", OFFICER.email]]
    at.selectbox(key="linked-event").set_value("").run()
    assert "event" not in at.query_params
    at.text_input(key="linked-about").set_value("nobody").run()
    assert at.query_params["about"] == "nobody" or at.query_params["about"] == ["nobody"]
    assert "No event fits these choices." in texts(at)
    shown = at.session_state[view._KEY]
    before = audit.newest(engine).sequence
    stream = partial(record._stream, Wanted(), lambda: None)
    text = downloads.file("csv", "audit-events", shown, list, audit_search.COLUMNS, stream, of_snapshot=False)
    assert "staff.deactivated" in text.decode("utf-8-sig")
    [event] = audit_search.find(engine, Wanted(kind="rows.exported"), 9).newest
    assert (event.staff_email, event.subject) == (DEMO[Role.AUDITOR].email, "audit-events")
    assert f"rows: {before}, " in audit_search.told(event.payload)


def test_the_app_puts_files_on_the_chain(engine):
    at = opened("system", Role.MANAGER)
    shown = at.session_state[view._KEY]
    downloads.file("csv", "rows-orphan", shown, list, ["key"], lambda: iter(()))
    [event] = audit_search.find(operations.served().engine, Wanted(kind="rows.exported"), 9).newest
    assert (event.staff_email, event.subject) == (DEMO[Role.MANAGER].email, "rows-orphan")
    assert f"snapshot: {shown.book.snapshot_id}" in audit_search.told(event.payload)
