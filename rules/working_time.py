"""Working time: hours of Chinese working days, with official holidays and the weekend days worked in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar

from rules.calendar import BUSINESS_ZONE

_MONDAY_TO_FRIDAY = range(5)


@dataclass(frozen=True)
class WorkingHours:
    """The hours of a working day in Shanghai, and days that differ from the official calendar."""

    starts_at: time
    ends_at: time
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether people work; in years whose holidays are not published yet, from Monday to Friday."""
        if day in self.make_up_days or day in self.holidays:
            return day in self.make_up_days
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() in _MONDAY_TO_FRIDAY

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The first instant by which so much working time has passed since a start; the start itself for none."""
        if span < timedelta(0):
            raise ValueError(f"{span} is before the start")
        if not span:
            return start
        day = start.astimezone(BUSINESS_ZONE).date()
        while True:
            opens, closes = self._hours_of(day)
            begins = max(opens, start)
            if begins < closes:
                if span <= closes - begins:
                    return begins + span
                span -= closes - begins
            day += timedelta(days=1)

    def between(self, first: datetime, last: datetime) -> timedelta:
        """The working time from one instant to another; negative where the last is earlier."""
        if last < first:
            return -self.between(last, first)
        passed = timedelta(0)
        day, end = first.astimezone(BUSINESS_ZONE).date(), last.astimezone(BUSINESS_ZONE).date()
        while day <= end:
            opens, closes = self._hours_of(day)
            passed += max(timedelta(0), min(closes, last) - max(opens, first))
            day += timedelta(days=1)
        return passed

    def deadline(
        self, opened_at: datetime, span: timedelta, pauses: Sequence[tuple[datetime, datetime | None]]
    ) -> datetime | None:
        """When so much working time has passed outside of pauses; None while the last pause lasts and time is left.

        Pauses follow one another in time; the last may be without an end.
        """
        since = opened_at
        for begins, ends in pauses:
            passed = self.between(since, begins)
            if passed >= span:
                break
            if ends is None:
                return None
            span, since = span - passed, ends
        return self.add(since, span)

    def _hours_of(self, day: date) -> tuple[datetime, datetime]:
        """From when to when people work on a day, in UTC; nothing on a day off."""
        opens = datetime.combine(day, self.starts_at, BUSINESS_ZONE).astimezone(UTC)
        if not self.is_working_day(day):
            return opens, opens
        return opens, datetime.combine(day, self.ends_at, BUSINESS_ZONE).astimezone(UTC)
