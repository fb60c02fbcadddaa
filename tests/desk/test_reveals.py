"""Reveals: for whom, what for, how long; on record before anything is read, and when they are refused too."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from desk import reveals, review_history, rights, state
from desk.reveal_tables import review_reveal
from desk.reveals import Asked
from desk.review_tables import review_note
from desk.staff import Role
from rules.refusal import Refused
from rules.reveals import FIELDS
from rules.review_case import Outcome
from tests.desk.reviewing import BOOK, JUNIOR, MANAGER, NOW, OFFICER, Desk, Lending, key, kinds, opened, rows

CASE = (BOOK, "1")
SECRET = "15400000000"
WHY = "Calls back about the income"


class Door:
    """Holds the identifiers of an applicant and counts who asks."""

    def __init__(self, engine):
        self.engine, self.reads = engine, []

    def value(self, field, application_id, member_id):
        self.reads.append((field, application_id, member_id, kinds(self.engine)[-1]))
        return SECRET

    def has(self, field):
        return field != "guarantor"


class Book(Lending):
    """A loan database with a door to direct identifiers."""

    def __init__(self, engine):
        super().__init__()
        self.personal = Door(engine)
        self.referrers = {}

    def referrer(self, member_id):
        return self.referrers.get(member_id)


@pytest.fixture
def engine(both):
    return opened(both)


@pytest.fixture
def book(engine):
    return Book(engine)


def asked(**changes):
    wish = {"key": key(), "case": CASE, "by": OFFICER, "field": "phone", "purpose": "call", "words": WHY}
    return Asked(**wish | changes)


def grant(engine, book, now=NOW, **changes):
    return reveals.grant(engine, asked(**changes), book, 5, now)


def events(engine):
    with state.reading(engine) as connection:
        wanted = select(state.audit_event).where(state.audit_event.c.kind.like("case.reveal%")).order_by("sequence")
        return [(row.kind, row.staff_email, json.loads(row.payload)) for row in connection.execute(wanted)]


def test_a_reveal_is_on_record_before_the_value_is_read(engine, book):
    granted = grant(engine, book)
    assert book.personal.reads == []
    assert granted.until == NOW + timedelta(minutes=5)
    assert reveals.value(engine, granted, book, NOW) == SECRET
    assert book.personal.reads == [("phone", "1", "70", "case.revealed")]
    ((kind, by, payload),) = events(engine)
    assert (kind, by) == ("case.revealed", OFFICER)
    assert (payload["field"], payload["purpose"]) == ("phone", "call")
    (row,) = rows(engine, review_reveal)
    assert (row.staff_email, row.field, row.until) == (OFFICER, "phone", granted.until)


def test_a_wish_that_is_sent_again_is_one_reveal(engine, book):
    first = grant(engine, book, key="wish")
    assert grant(engine, book, key="wish", now=NOW + timedelta(minutes=1)) == first
    assert len(rows(engine, review_reveal)) == len(events(engine)) == 1
    with pytest.raises(ValueError, match="used for another action"):
        grant(engine, book, key="wish", field="full_name")
    assert grant(engine, book).id != first.id


def test_the_record_holds_the_words_by_their_hash_and_nowhere_the_value(engine, book):
    reveals.value(engine, grant(engine, book), book, NOW)
    told = str(events(engine)) + str(rows(engine, review_reveal))
    assert SECRET not in told
    assert WHY not in told
    assert [row.words for row in rows(engine, review_note)] == [WHY]
    assert review_history.read(engine, CASE).events[-1].words == WHY


def test_it_lasts_to_the_minute(engine, book):
    granted = grant(engine, book)
    assert reveals.value(engine, granted, book, granted.until - timedelta(seconds=1)) == SECRET
    with pytest.raises(Refused, match="time of this reveal is over"):
        reveals.value(engine, granted, book, granted.until)
    assert len(book.personal.reads) == 1


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("field", list(FIELDS))
def test_each_role_reveals_what_the_table_of_rights_says(engine, book, role, field):
    with engine.begin() as connection:
        connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(role=role.value))
    if rights.may_reveal(role, field):
        assert reveals.value(engine, grant(engine, book, field=field), book, NOW) == SECRET
        return
    with pytest.raises(Refused, match="role may not reveal"):
        grant(engine, book, field=field)
    assert [(kind, payload["field"]) for kind, _, payload in events(engine)] == [("case.reveal_refused", field)]
    assert (book.personal.reads, rows(engine, review_reveal), rows(engine, review_note)) == ([], [], [])
    assert field not in reveals.offered(role, book)


def test_what_the_loan_database_does_not_hold_is_not_offered(engine, book):
    assert reveals.offered(Role.RISK_OFFICER, book) == ("full_name", "phone", "id_number")
    assert reveals.offered(Role.MARKETING, book) == ()


def test_a_right_that_was_taken_away_meanwhile_ends_the_reveal(engine, book):
    granted = grant(engine, book)
    with engine.begin() as connection:
        connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(active=False))
    with pytest.raises(Refused, match="role may not reveal"):
        reveals.value(engine, granted, book, NOW)
    assert book.personal.reads == []


def test_a_conflict_of_interest_is_refused_and_told(engine, book):
    with engine.begin() as connection:  # the officer has referred the applicant
        connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(member_id="69"))
    with pytest.raises(Refused, match="may not see their data"):
        grant(engine, book)
    ((kind, _by, payload),) = events(engine)
    assert (kind, payload["why"][:8]) == ("case.reveal_refused", "You are,")
    with engine.begin() as connection:  # the applicant has referred the officer
        connection.execute(update(state.staff).where(state.staff.c.email == OFFICER).values(member_id="5"))
    book.referrers["5"] = "70"
    with pytest.raises(Refused, match="may not see their data"):
        grant(engine, book)


def test_a_decided_case_shows_nothing_any_more(engine, book):
    granted = grant(engine, book)
    Desk(engine).decide(OFFICER, NOW, outcome=Outcome.DECLINED)
    with pytest.raises(Refused, match="decided or closed"):
        reveals.value(engine, granted, book, NOW)
    with pytest.raises(Refused, match="decided or closed"):
        grant(engine, book)


def test_one_persons_reveal_is_no_one_elses(engine, book):
    granted = grant(engine, book)
    for other in ({"by": JUNIOR}, {"case": (BOOK, "2")}, {"field": "id_number"}, {"id": granted.id + 1}):
        forged = reveals.Reveal(**{**granted.__dict__, **other})
        with pytest.raises(Refused, match="time of this reveal is over"):
            reveals.value(engine, forged, book, NOW)
    assert book.personal.reads == []


@pytest.mark.parametrize("words", ["", "call", " c  a ", "x" * 501])
def test_words_have_to_say_something(engine, book, words):
    with pytest.raises(Refused, match="5 to 500 characters"):
        grant(engine, book, words=words)
    assert events(engine) == []  # nobody has tried to see anything yet


def test_only_what_is_known_can_be_asked_for(engine, book):
    for wrong in ({"field": "address"}, {"purpose": "curiosity"}):
        with pytest.raises(ValueError, match="for"):
            grant(engine, book, **wrong)
    with pytest.raises(Refused, match="no case"):
        grant(engine, book, case=(BOOK, "99"))
    assert [kind for kind, *_ in events(engine)] == ["case.reveal_refused"]


def test_a_manager_sees_names_alone(engine, book):
    assert reveals.offered(Role.MANAGER, book) == ("full_name",)
    assert reveals.value(engine, grant(engine, book, by=MANAGER, field="full_name"), book, NOW) == SECRET
