"""Working time: worked by hand around holidays, make-up days and closing times; held against counting minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.working_time import WorkingHours

HOURS = WorkingHours(time(9), time(18))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def hours(number):
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 18), True),  # a Friday
        (date(2026, 9, 19), False),
        (date(2026, 9, 20), True),  # a Sunday that is worked for the National Day holiday
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday
        (date(2031, 6, 2), True),  # not published yet: a Monday
        (date(2031, 6, 1), False),
    ],
)
def test_official_holidays_and_make_up_days(day, works):
    assert HOURS.is_working_day(day) is works


def test_days_of_the_lenders_own():
    own = WorkingHours(time(9), time(18), frozenset({date(2026, 9, 18)}), frozenset({date(2026, 10, 1)}))
    assert not own.is_working_day(date(2026, 9, 18))
    assert own.is_working_day(date(2026, 10, 1))
    assert own.is_working_day(date(2026, 9, 17))


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-09-16 10:00", 8, "2026-09-16 18:00"),  # to closing time itself
        ("2026-09-16 10:01", 8, "2026-09-17 09:01"),
        ("2026-09-16 06:00", 1, "2026-09-16 10:00"),
        ("2026-09-16 18:00", 1, "2026-09-17 10:00"),
        ("2026-09-18 17:00", 2, "2026-09-20 10:00"),  # Friday to the Sunday that is worked
        ("2026-09-30 17:30", 1, "2026-10-08 09:30"),  # over the holiday
        ("2026-10-01 12:00", 18, "2026-10-09 18:00"),
        ("2026-09-19 12:00", 0, "2026-09-19 12:00"),
    ],
)
def test_so_many_hours_on(start, span, end):
    assert HOURS.add(at(start), hours(span)) == at(end)


@pytest.mark.parametrize(
    ("first", "last", "passed"),
    [
        ("2026-09-16 10:00", "2026-09-16 12:00", 2),
        ("2026-09-16 17:00", "2026-09-17 10:00", 2),
        ("2026-09-19 00:00", "2026-09-19 23:00", 0),
        ("2026-09-30 17:00", "2026-10-08 10:00", 2),
        ("2026-09-17 10:00", "2026-09-16 17:00", -2),
    ],
)
def test_the_working_time_between_two_instants(first, last, passed):
    assert HOURS.between(at(first), at(last)) == hours(passed)


def test_a_deadline_waits_while_information_is_awaited():
    opened, span = at("2026-09-16 09:00"), hours(8)
    assert HOURS.deadline(opened, span, []) == at("2026-09-16 17:00")
    asked = (at("2026-09-16 11:00"), at("2026-09-17 15:00"))
    assert HOURS.deadline(opened, span, [asked]) == at("2026-09-18 12:00")  # 2 h used; 3 h and 3 h more
    assert HOURS.deadline(opened, span, [(asked[0], None)]) is None
    again = (at("2026-09-17 16:00"), at("2026-09-18 09:00"))
    assert HOURS.deadline(opened, span, [asked, again]) == at("2026-09-18 14:00")
    late = (at("2026-09-16 17:30"), None)  # asked after the deadline, which stays where it was
    assert HOURS.deadline(opened, span, [late]) == at("2026-09-16 17:00")


def test_a_span_before_the_start_is_refused():
    with pytest.raises(ValueError):
        HOURS.add(at("2026-09-16 09:00"), hours(-1))


_START = at("2026-09-10 00:00").astimezone(UTC)
_INSTANTS = st.integers(0, 30 * 24 * 60).map(lambda minute: _START + timedelta(minutes=minute))


@given(_INSTANTS, st.integers(0, 40 * 60))
def test_what_is_added_is_what_lies_between_and_no_less_would_do(start, minutes):
    span = timedelta(minutes=minutes)
    end = HOURS.add(start, span)
    assert HOURS.between(start, end) == span
    if minutes:
        assert HOURS.between(start, end - timedelta(seconds=1)) < span


@settings(deadline=None, max_examples=50)
@given(_INSTANTS, st.integers(0, 2 * 24 * 60))
def test_the_time_between_is_the_minutes_counted_one_by_one(first, minutes):
    last = first + timedelta(minutes=minutes)
    counted, minute = 0, first
    while minute < last:
        local = minute.astimezone(SHANGHAI)
        counted += HOURS.is_working_day(local.date()) and time(9) <= local.time() < time(18)
        minute += timedelta(minutes=1)
    assert HOURS.between(first, last) == timedelta(minutes=counted)


@given(_INSTANTS, st.integers(1, 24 * 60), st.lists(st.integers(0, 3 * 24 * 60), max_size=6))
def test_pauses_put_a_deadline_off_by_the_working_time_in_them(opened, minutes, gaps):
    span, moments, at_ = timedelta(minutes=minutes), [], opened
    for gap in gaps:
        at_ += timedelta(minutes=gap)
        moments.append(at_)
    pauses = list(zip(moments[::2], moments[1::2], strict=False))
    end = HOURS.deadline(opened, span, pauses)
    within = [(a, min(b, end)) for a, b in pauses if a < end]
    paused = sum((HOURS.between(a, b) for a, b in within), timedelta(0))
    assert HOURS.between(opened, end) - paused == span
