"""Filters in the link and in words, on a small book."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components import language
from components.filters import address, words
from components.markdown import plain
from rules import dimensions
from rules.book import Book, Evidence
from rules.filters import Comparison, Definition, Filters, Horizon, Period, resolve

TIERS = ("ordinary", "bronze", "silver", "gold", "platinum")
BOOK = Book(
    snapshot_id="s",
    name="Drawn",
    as_of=date(2026, 11, 20),
    built_at=datetime(2026, 11, 21, tzinfo=UTC),
    loans=1,
    evidence=frozenset({Evidence.INSTALMENTS}),
    imputed_dates=0,
    first_disbursed_on=date(2023, 1, 3),
    last_disbursed_on=date(2026, 11, 20),
    longest_term_months=36,
    values=(("tier", TIERS), ("province", ("A:B~C%", "Guangdong")), ("term", ("12", "24"))),
    varying=frozenset(),
    missing_tables=frozenset(),
)
OPENING = Filters()
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
MONTHS = st.dates(date(2000, 1, 1), date(2040, 1, 1)).map(lambda day: day.replace(day=1))


@st.composite
def filters(draw):
    period = draw(st.sampled_from(Period))
    custom = period is Period.CUSTOM
    chosen = []
    for code in ("tier", "province"):
        held = BOOK.values_of(code)
        kept = draw(st.sets(st.sampled_from(held)))
        if kept:
            chosen.append((code, tuple(value for value in held if value in kept)))
    made = Filters(
        period=period,
        first_month=draw(MONTHS) if custom else None,
        last_month=draw(st.none() | MONTHS) if custom else None,
        compare_to=draw(st.sampled_from(Comparison)),
        definition=draw(st.sampled_from(Definition)),
        horizon=draw(st.sampled_from(Horizon)),
        choices=tuple(chosen),
    )
    for code in draw(st.lists(st.sampled_from(["tier", "province", "term"]), unique=True)):
        made = made.drilled(code, draw(st.sampled_from(BOOK.values_of(code))))
    return made


@relaxed
@given(chosen=filters(), opening=filters())
def test_what_is_written_is_read_again(chosen, opening):
    written = address.write(chosen, opening)
    assert set(written) <= set(address.KEYS)
    assert address.read(written, opening, BOOK) == chosen


def test_codes_and_what_is_default_stand_in_the_link_and_nothing_else_that_is_usual():
    assert address.write(OPENING, OPENING) == {"definition": ["90"], "horizon": ["12"]}
    chosen = Filters(horizon=Horizon.M6, choices=(("tier", ("bronze", "silver")),), drill=(("term", "12"),))
    assert address.write(chosen, OPENING) == {
        "definition": ["90"],
        "horizon": ["6"],
        "tier": ["bronze", "silver"],
        "drill": ["term:12"],
    }


HOSTILE = st.text(alphabet="at:~%<>'-_01 \u0000中", max_size=40) | st.sampled_from(
    [
        "custom",
        "0000-01",
        "0001-01",
        "1900-01",
        "2099-12",
        "9999-12",
        "2026-13",
        "tier:bronze~tier:gold",
        "~:~%",
        "9" * 5000,
    ]
)


@relaxed
@given(parameters=st.dictionaries(st.sampled_from(address.KEYS), st.lists(HOSTILE, max_size=3)))
def test_hostile_parameters_are_read_without_error(parameters):
    read = address.read(parameters, OPENING, BOOK)
    resolve(read, BOOK, 91)
    for code, values in read.choices:
        assert set(values) <= set(BOOK.values_of(code))
    for code, value in read.drill:
        assert code in dimensions.BY_CODE
        assert value in BOOK.values_of(code)
    assert address.read(address.write(read, OPENING), OPENING, BOOK) == read


@pytest.mark.parametrize(
    "parameters",
    [
        {"period": ["yesterday"]},
        {"period": ["custom"]},  # chosen months, but none named
        {"period": ["custom"], "from": ["2026-13"], "to": ["x"]},
        {"period": ["custom"], "from": ["0001-01"], "to": ["9999-12"]},  # months at the ends of the calendar
        {"from": ["2026-01"]},  # months without being asked to choose them
        {"horizon": ["7"], "definition": ["; drop table loan"], "compare": [""]},
        {"tier": ["obsidian"], "channel": ["organic"]},  # a value, and a dimension, that the book lacks
        {"drill": ["tier:obsidian~nonsense:1~loan_no:1"]},
        {"tier": []},
    ],
)
def test_what_does_not_fit_is_the_opening_value(parameters):
    assert address.read(parameters, OPENING, BOOK) == OPENING


def said(chosen, spoken="en"):
    with language.speaking(spoken):
        return words.in_words(resolve(chosen, BOOK, 91), chosen, BOOK)


def test_in_words():
    chosen = Filters(
        period=Period.CUSTOM,
        first_month=date(2026, 1, 1),
        last_month=date(2026, 6, 1),
        choices=(("tier", ("bronze", "silver")),),
    )
    assert said(chosen) == (
        "Disbursed Jan–Jun 2026 · Bronze, Silver · default = 90+ days within 12 months · against Jul–Dec 2025"
    )
    assert said(chosen, "zh") == "放款 2026年1–6月 · 青铜, 白银 · 违约 = 12 个月内逾期 90 天以上 · 对比 2025年7–12月"


def test_in_words_of_everything_names_the_books_months():
    chosen = Filters(period=Period.ALL, horizon=Horizon.FINAL, definition=Definition.CHARGE_OFF)
    assert said(chosen) == "Disbursed Jan 2023–Nov 2026 · default = charge-off, final outcome"


def test_in_words_of_the_lenders_own_definition():
    chosen = Filters(period=Period.ALL, definition=Definition.RECORDED)
    assert said(chosen) == "Disbursed Jan 2023–Nov 2026 · default = recorded by the lender within 12 months"


def test_in_words_counts_many_values_and_names_each_step_down():
    chosen = Filters(period=Period.ALL, choices=(("tier", TIERS[:4]),), compare_to=Comparison.NONE)
    assert said(chosen.drilled("term", "12")) == (
        "Disbursed Jan 2023–Nov 2026 · Tier at origination: 4 of 5 · Term: 12 months · "
        "default = 90+ days within 12 months"
    )


def test_markdown_shows_a_lenders_name_as_it_is():
    assert plain("*Gold* [x](y) :red[no] $1") == "\\*Gold\\* \\[x\\]\\(y\\) \\:red\\[no\\] \\$1"
