"""A table on the screen as Excel: what it shows, in its units, with where it comes from, for who still may have it."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pandas as pd
import pytest
import streamlit as st

from components import access, cards, downloads, tables, view
from components.tables import Column, Kind
from components.view import View
from desk.staff import Role, Staff
from rules.book import Book, Evidence

BOOK = Book(
    snapshot_id="20261121", name="Drawn book", as_of=date(2026, 11, 20), built_at=datetime(2026, 11, 21, tzinfo=UTC),
    loans=1, evidence=frozenset({Evidence.INSTALMENTS}), imputed_dates=0, first_disbursed_on=None,
    last_disbursed_on=None, longest_term_months=12, values=(), varying=frozenset(), missing_tables=frozenset(),
)  # fmt: skip
LINK = "http://here/default_rates?snapshot=20261121&tables=rows"
ROWS = pd.DataFrame(
    {
        "name": ["=1+1", None],
        "loans": [3, 4],
        "fen": [123_450, 200],
        "rate": [0.125, None],
        "gap": [-0.01, 0.02],
        "day": pd.to_datetime(["2026-11-01", None]),
        "hidden": ["not shown", "not shown"],
    }
)
COLUMNS = {
    "name": Column("Name"),
    "loans": Column("Loans", Kind.COUNT),
    "fen": Column("Out", Kind.FEN),
    "rate": Column("Rate", Kind.RATIO),
    "gap": Column("Gap", Kind.POINTS),
    "day": Column("Day", Kind.DAY),
}


@pytest.fixture
def looking(monkeypatch):
    """Who looks, who may be changed meanwhile; the buttons that were drawn, and what went on record."""
    now = {"who": Staff("a@b", "A", Role.SENIOR_RISK_OFFICER)}
    drawn, recorded = [], []
    monkeypatch.setattr(access, "_asking", lambda: lambda: now["who"])
    monkeypatch.setattr(st, "download_button", lambda label, **options: drawn.append(options))
    monkeypatch.setattr(downloads, "_records", [lambda *told: recorded.append(told)])
    return now, drawn, recorded


def show(page="default_rates", *, filed=False, key="rows"):
    looked = View("a@b", "en", "light", "drawn", BOOK, None, None, None, None, link=LINK, page=page, words="Bronze")
    st.session_state[view._KEY] = looked
    card = cards.begin("drawn", title="Which?", definition="What it means.", tabular=False)
    card.answer(
        "**Two** rows.", height=100, filed=filed, figure=lambda: tables.show(ROWS, COLUMNS, key=key, height=100)
    )


def read(options):
    book = openpyxl.load_workbook(io.BytesIO(options["data"]()), read_only=True)
    cover = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    return cover, list(book.worksheets[1].iter_rows(values_only=True))


def test_a_file_holds_what_the_screen_shows_and_says_where_it_comes_from(looking):
    _now, drawn, recorded = looking
    show()
    [options] = drawn
    assert options["file_name"] == "default_rates-rows-20261121.xlsx"
    cover, rows = read(options)
    assert cover == {
        "Table": "Which?", "Definition": "What it means.", "Answer": "Two rows.", "Filters": "Bronze",
        "Book": "Drawn book", "As of": "2026-11-20", "Snapshot": "20261121",
        "Opens again at": LINK,
    }  # fmt: skip
    assert rows == [
        ("Name", "Loans", "Out, CNY", "Rate, %", "Gap, points", "Day"),
        ("=1+1", 3, 1234.5, 12.5, -1, datetime(2026, 11, 1)),
        (None, 4, 2, None, 2, None),
    ]
    assert [told[:2] for told in recorded] == [("a@b", "default_rates-rows")]


@pytest.mark.parametrize("later", [None, Staff("a@b", "A", Role.RISK_OFFICER), Staff("a@b", "A", Role.MARKETING)])
def test_whoever_is_not_in_their_role_any_more_gets_no_file(looking, later):
    now, drawn, recorded = looking
    show()
    now["who"] = later
    with pytest.raises(PermissionError):
        drawn[0]["data"]()
    assert recorded == []


def test_nothing_is_offered_where_the_card_has_a_file_of_these_rows_or_no_page_draws(looking):
    _now, drawn, _recorded = looking
    show(filed=True)
    show(page="", key="other")
    assert drawn == []
