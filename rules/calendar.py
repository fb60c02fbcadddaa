"""Months and business days, in the lender's time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or that month's last day where it is shorter (31 January + 1 = 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, last_of_month(first).day))


def add_days(day: date, days: int) -> date:
    """So many days on."""
    return day + timedelta(days=days)


def first_of_month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def newest_month_end(as_of: date) -> date:
    """The newest month end that a day has reached."""
    return as_of if last_of_month(as_of) == as_of else add_days(first_of_month(as_of), -1)


def months_between(first: date, last: date) -> int:
    """Calendar months from one date's month to another's, whatever the days."""
    return (last.year - first.year) * 12 + last.month - first.month


def whole_months(first: date, last: date) -> int:
    """The most months that can be added to the first date without passing the last."""
    months = months_between(first, last)
    return months if add_months(first, months) <= last else months - 1


def business_date(instant: datetime) -> date:
    """The Asia/Shanghai date of a UTC instant."""
    return (
        instant.replace(tzinfo=UTC).astimezone(BUSINESS_ZONE).date()
        if instant.tzinfo is None
        else (instant.astimezone(BUSINESS_ZONE).date())
    )
