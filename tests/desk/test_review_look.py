"""The served process by itself: cases come and go with the loan database's applications, decisions go to lending."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from desk import refresh, review_look, service
from desk.review_tables import decision_outbox, review_case
from loanbook.evidence import ReviewBook
from loanbook.live_book import LiveBook
from tests.desk.conftest import NOW
from tests.desk.hook import listening
from tests.desk.reviewing import OFFICER, Desk, kinds, rows, staffed


@pytest.fixture
def book(installed):
    """Changes the loan database: one large open application, one small one."""

    def change(*statements):
        with closing(sqlite3.connect(installed.database_url.removeprefix("sqlite:///"))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    first = "id = (SELECT min(id) FROM application)"
    change("UPDATE application SET status = 'disbursed'",
           f"UPDATE application SET status = 'open', amount = 80000 WHERE {first}")  # fmt: skip
    return change


def cases(engine):
    return [(row.application_id, row.state) for row in rows(engine, review_case)]


def test_cases_are_opened_decided_sent_and_closed(installed, engine, book):
    review_look.look(installed, engine, NOW)
    review_look.look(installed, engine, NOW)
    (number, state), = cases(engine)  # fmt: skip
    assert (state, kinds(engine)) == ("waiting", ["case.opened"])
    live = LiveBook(installed.database_url, None)
    desk = Desk(staffed(engine), number, ReviewBook(live))
    desk.case = (refresh.source(installed).folder.name, number)
    desk.decide(OFFICER, NOW)
    with listening(503, 200) as (url, got):
        told = replace(installed, lending_url=url)
        review_look.look(told, engine, NOW)
        review_look.look(told, engine, NOW)  # too soon to try again
        later = NOW.replace(minute=1)
        review_look.look(told, engine, later)
    assert [body["application_id"] for _, _, body in got] == [number, number]
    assert [row.state for row in rows(engine, decision_outbox)] == ["acknowledged"]
    live.close()


def test_what_the_applicant_withdraws_is_closed(installed, engine, book):
    review_look.look(installed, engine, NOW)
    book("UPDATE application SET status = 'withdrawn'")
    review_look.look(installed, engine, NOW)
    assert [state for _, state in cases(engine)] == ["withdrawn"]


def test_the_served_process_looks_after_cases(environment, engine, book):
    service.Service(environment, lambda: NOW).look()
    assert [state for _, state in cases(engine)] == ["waiting"]


def test_without_a_book_there_is_nothing_to_do(installed, engine, tmp_path):
    review_look.look(replace(installed, database_url=None, data_dir=tmp_path / "empty"), engine, NOW)
    assert cases(engine) == []
