"""Months and business days on their edges."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import calendar

DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 1, 15), -13, date(2023, 12, 15)),
    ],
)
def test_add_months_keeps_the_day_or_takes_the_months_last(day, months, expected):
    assert calendar.add_months(day, months) == expected


@given(DAYS, DAYS)
def test_whole_months_is_the_most_that_fit(first, last):
    months = calendar.whole_months(first, last)
    assert calendar.add_months(first, months) <= last < calendar.add_months(first, months + 1)


@given(DAYS)
def test_a_month_ends_the_day_before_the_next_begins(day):
    assert calendar.add_days(calendar.last_of_month(day), 1) == calendar.add_months(calendar.first_of_month(day), 1)


@pytest.mark.parametrize("zone", [None, UTC])
def test_the_business_day_turns_at_midnight_in_shanghai(zone):
    assert calendar.business_date(datetime(2026, 6, 30, 15, 59, 59, tzinfo=zone)) == date(2026, 6, 30)
    assert calendar.business_date(datetime(2026, 6, 30, 16, 0, 0, tzinfo=zone)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 2, 29), date(2024, 2, 29)),
        (date(2024, 2, 28), date(2024, 1, 31)),
        (date(2025, 1, 1), date(2024, 12, 31)),
    ],
)
def test_the_newest_month_end_that_a_day_has_reached(day, expected):
    assert calendar.newest_month_end(day) == expected
