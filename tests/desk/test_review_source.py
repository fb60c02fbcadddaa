"""The cases of a book that is made anew: nothing that was decided of an earlier one holds for it."""

from datetime import UTC, date, datetime

import pytest

from desk import audit, review_look, review_queue, review_source
from desk.review_queue import Show
from desk.review_tables import review_case
from loanbook import books, demo
from rules import settings
from tests.desk.reviewing import rows

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
MEMBERS = 600


@pytest.fixture
def installed(tmp_path):
    built(tmp_path, 7)
    books.serve(tmp_path, "demo")
    return settings.read({"LOANBOARD_DATA_DIR": str(tmp_path)})


@pytest.fixture
def engine(installed):
    opened = audit.open_state(installed)
    yield opened
    opened.dispose()


def built(data_dir, seed):
    demo.build(books.path(data_dir, "demo"), members=MEMBERS, seed=seed, as_of=date(2026, 11, 19))


def waiting(engine, source):
    return review_queue.tally(engine, source, NOW, None, "a@x").of(Show.WAITING)


def test_a_book_made_anew_has_its_own_cases_and_the_same_book_keeps_them(installed, engine, tmp_path):
    review_look.look(installed, engine, NOW)
    first = review_source.of(installed)
    count = waiting(engine, first)
    assert count > 0
    with engine.begin() as connection:
        connection.execute(review_case.update().values(state="closed"))
    built(tmp_path, 7)
    assert review_source.of(installed) == first
    built(tmp_path, 8)
    second = review_source.of(installed)
    assert second != first
    review_look.look(installed, engine, NOW)
    assert waiting(engine, second) > 0
    assert waiting(engine, first) == 0
    assert {row.state for row in rows(engine, review_case) if row.source == first} == {"closed"}


def test_what_is_no_book_of_ours_is_named_by_its_snapshots(tmp_path):
    named = settings.read({"LOANBOARD_DATA_DIR": str(tmp_path), "LOANBOARD_DATABASE_URL": "postgresql://h/loans"})
    assert "." not in review_source.of(named)
