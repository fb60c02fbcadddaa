"""The door to direct identifiers: one value of one person at a time, a single character for the mask, nothing else."""

import pytest
from sqlalchemy import event

from loanbook import schema
from loanbook.personal import FIELDS
from tests.loanbook.test_evidence import BOOK, PERSONAL, opened, texts

GUARANTOR = "Zhang Wei"


@pytest.fixture
def tables():
    asked = [row | {"guarantor": GUARANTOR if row["id"] == 7 else None} for row in BOOK["application"]]
    return BOOK | {"application": asked}


def test_every_direct_identifier_that_a_case_has_is_reached_by_this_door_alone():
    personal = {
        column for table in (schema.member, schema.application) for column in table.c if column.info.get("personal")
    }
    assert set(FIELDS.values()) == personal


def test_a_value_is_read_as_it_is(database, tables):
    door = opened(database, tables).personal
    assert door.initial("2") == "L"
    assert [door.value(field, "7", "2") for field in FIELDS] == [*PERSONAL, GUARANTOR]
    assert door.value("guarantor", "8", "1") is None
    assert (door.value("phone", "7", "1000"), door.initial("1000")) == (None, None)
    assert all(door.has(field) for field in FIELDS)


def test_keys_may_be_texts(sqlite, tables):
    door = opened(sqlite, texts(tables)).personal
    assert (door.value("phone", "k7", "k2"), door.initial("k2")) == (PERSONAL[1], "L")


def test_a_book_without_identifiers_has_none(sqlite):
    door = opened(sqlite, {"application": BOOK["application"]}).personal
    assert not any(door.has(field) for field in FIELDS if field != "guarantor")
    assert (door.initial("2"), door.value("phone", "7", "2")) == (None, None)


def test_the_mask_asks_the_database_for_one_character(sqlite, tables):
    book = opened(sqlite, tables)
    asked = []
    event.listen(book._book._engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    book.personal.initial("2")
    book.seen("7")
    named = [text for text in asked if any(column.name in text for column in FIELDS.values())]
    assert len(named) == 1
    assert "substr(" in named[0].lower()
