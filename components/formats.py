"""Numbers, money, dates and ages as staff read them: one format for each, in both languages."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from components import language
from components.language import _, ngettext
from rules.calendar import BUSINESS_ZONE

MINUS = "\u2212"
_REMEMBERED = 20_000  # texts; Babel takes 20 to 60 microseconds for one, and a page writes thousands
_SPACE = "\u00a0"  # keeps a unit on the line of its number
_STEPS = {
    "en": ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k")),
    "zh": ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
}


def count(number: int) -> str:
    """42,535."""
    return _signed(_written(number, None, language.current()))


def money(fen: int) -> str:
    """An amount to three digits: ¥342m, ¥1.19bn, ¥201; 3.42 hundred million in Chinese as ¥3.42亿."""
    cny = Decimal(fen) / 100
    size, unit = abs(cny), ""
    steps = _STEPS[language.current()]
    for step, name in steps:
        # What would round up to the step is shown in it: 999,950 is 1m, not 1,000k.
        if (round(size) if step == steps[-1][0] else _three_digits(size)) >= step:
            size, unit = size / step, name
            break
    digits = _three_digits(size) if unit or size < 100 else round(size)
    text = _written(digits, "#,##0.##", language.current())
    return f"{MINUS if cny < 0 and digits else ''}¥{text}{unit}"


def money_exact(fen: int) -> str:
    """An amount to the fen, without decimals where there are none: ¥460,296,150."""
    pattern = "#,##0" if fen % 100 == 0 else "#,##0.00"
    text = _written(Decimal(abs(fen)) / 100, pattern, language.current())
    return f"{MINUS if fen < 0 else ''}¥{text}"


def percent(ratio: float, digits: int = 1) -> str:
    """6.1 %, in Chinese without the space."""
    return f"{_fixed(ratio * 100, digits)}{'' if language.current() == 'zh' else _SPACE}%"


def interval(low: float, high: float, digits: int = 1) -> str:
    """The two ends of an interval of ratios, in percent without the sign: 5.6–6.7."""
    return f"{_fixed(low * 100, digits)}–{_fixed(high * 100, digits)}"


def points(difference: float, digits: int = 1) -> str:
    """A difference of two ratios with arrow and sign: ▲ +1.4 points, ▼ −0.3 points, ≈ 0.0 points."""
    text = points_signed(difference, digits)
    arrow = "▲" if text.startswith("+") else "▼" if text.startswith(MINUS) else "≈"
    return _("{arrow} {number} points").format(arrow=arrow, number=text).replace(" ", _SPACE)


def percent_number(ratio: float, digits: int = 1) -> str:
    """A ratio in percent where the unit is said elsewhere: 6.1."""
    return _fixed(ratio * 100, digits)


def points_signed(difference: float, digits: int = 1) -> str:
    """A difference of two ratios in points with its sign, where the unit is said elsewhere: +1.4, −0.3, 0.0."""
    text = _fixed(abs(difference) * 100, digits)
    sign = "" if not text.strip("0.") else "+" if difference > 0 else MINUS
    return f"{sign}{text}"


def points_size(difference: float, digits: int = 1) -> str:
    """How large a difference of two ratios is, without sign: 1.4 points."""
    return _("{number} points").format(number=_fixed(abs(difference) * 100, digits)).replace(" ", _SPACE)


def index(number: float, digits: int = 2) -> str:
    """A plain number, such as a coefficient: 0.35."""
    return _fixed(number, digits)


def seconds(spent: float) -> str:
    """How long something took: 0.4 s, 12.3 s, 1,204 s."""
    return _("{seconds} s").format(seconds=_fixed(spent, 1 if spent < 100 else 0)).replace(" ", _SPACE)


def duration(spent: float) -> str:
    """How long people take, to two digits or three: 14 min, 3.6 h, 12 days."""
    if spent < 3600:
        return _("{minutes} min").format(minutes=_fixed(max(1, spent / 60), 0)).replace(" ", _SPACE)
    if spent < 48 * 3600:
        hours = spent / 3600
        return (
            _("{hours} h")
            .format(hours=_fixed(hours, 0 if hours >= 10 or hours == int(hours) else 1))
            .replace(" ", _SPACE)
        )
    days = spent / 86400
    text = _fixed(days, 0 if days >= 10 or days == int(days) else 1)
    return ngettext("{days} day", "{days} days", round(days)).format(days=text).replace(" ", _SPACE)


def span(passed: timedelta) -> str:
    """Working time as of a deadline, in hours and minutes: 40 min, 5 h 20 min, 14 h."""
    minutes = max(0, int(passed.total_seconds())) // 60
    hours = minutes // 60
    if hours < 1:
        text = _("{minutes} min").format(minutes=minutes)
    elif minutes % 60 and hours < 10:
        text = _("{hours} h {minutes} min").format(hours=hours, minutes=minutes % 60)
    else:
        text = _("{hours} h").format(hours=count(hours))
    return text.replace(" ", _SPACE)


def day(when: date) -> str:
    """21 Nov 2026, 2026-11-21 in Chinese."""
    return _dated(when, "yyyy-MM-dd" if language.current() == "zh" else "d MMM y", language.current())


def day_alone(when: date) -> str:
    """A day where the year is said elsewhere: 21 Nov, 11-21 in Chinese."""
    return _dated(when, "MM-dd" if language.current() == "zh" else "d MMM", language.current())


def moment(instant: datetime) -> str:
    """An instant as the lender's clock shows it: 20 Nov 2026, 18:05; 2026-11-20 18:05 in Chinese."""
    local = instant.astimezone(BUSINESS_ZONE)
    return f"{day(local.date())}{' ' if language.current() == 'zh' else ', '}{local:%H:%M}"


def month(when: date) -> str:
    """Nov 2026, 2026年11月."""
    return _dated(when, "y年M月" if language.current() == "zh" else "MMM y", language.current())


def month_alone(when: date) -> str:
    """A month where the year is said elsewhere: Nov, 11月."""
    return _dated(when, "M月" if language.current() == "zh" else "MMM", language.current())


def months(first: date, last: date) -> str:
    """The months from one to another: Jan–Jun 2026, Jul 2025–Jun 2026, 2026年1–6月."""
    if (first.year, first.month) == (last.year, last.month):
        return month(first)
    if first.year != last.year:
        return f"{month(first)}–{month(last)}"
    if language.current() == "zh":
        return f"{first.year}年{first.month}–{last.month}月"
    return f"{_dated(first, 'MMM', language.current())}–{month(last)}"


def age(passed: timedelta) -> str:
    """How long ago: under 1 min old, 12 min old, 3 h old, 2 days old."""
    minutes = max(0, int(passed.total_seconds())) // 60
    if minutes < 1:
        return _("under 1 min old")
    if minutes < 60:
        return _("{minutes} min old").format(minutes=minutes)
    if minutes < 48 * 60:
        return _("{hours} h old").format(hours=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("{days} day old", "{days} days old", days).format(days=days)


def _three_digits(size: Decimal) -> Decimal:
    if not size:
        return size
    return round(size, 2 - size.adjusted())


def _fixed(number: float, digits: int) -> str:
    rounded = round(number, digits) + 0.0  # no "-0.0"
    return _signed(_written(rounded, f"#,##0.{'0' * digits}", language.current()))


@lru_cache(maxsize=_REMEMBERED)
def _written(number: float | Decimal, pattern: str | None, spoken: str) -> str:
    """A number by a pattern, by the language's own one without. Equal numbers are written alike."""
    return format_decimal(number, format=pattern, locale=language.locale_of(spoken))


@lru_cache(maxsize=_REMEMBERED)
def _dated(when: date, pattern: str, spoken: str) -> str:
    return format_date(when, pattern, locale=language.locale_of(spoken))


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
