"""Numbers, money, dates and ages in both languages, against texts written by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components import formats, language

NBSP = "\u00a0"


def said(name, *values, spoken="en", **options):
    with language.speaking(spoken):
        return getattr(formats, name)(*values, **options)


@pytest.mark.parametrize(
    ("fen", "english", "chinese"),
    [
        (0, "¥0", "¥0"),
        (1, "¥0.01", "¥0.01"),
        (20_100, "¥201", "¥201"),
        (99_950, "¥1k", "¥1,000"),  # 999.50 shown in three digits is a thousand
        (890_000, "¥8.9k", "¥8,900"),
        (999_949, "¥10k", "¥9,999"),
        (1_234_567, "¥12.3k", "¥1.23万"),
        (34_200_000_000, "¥342m", "¥3.42亿"),
        (119_000_000_000, "¥1.19bn", "¥11.9亿"),
        (99_999_999_999, "¥1bn", "¥10亿"),
        (-34_200_000_000, "−¥342m", "−¥3.42亿"),
    ],
)
def test_money_to_three_digits(fen, english, chinese):
    assert said("money", fen) == english
    assert said("money", fen, spoken="zh") == chinese


@settings(deadline=None)
@given(fen=st.integers(-(10**16), 10**16))
def test_money_is_off_by_less_than_half_of_its_third_digit(fen):
    units = {"": 1, "k": 10**3, "m": 10**6, "bn": 10**9}
    text = said("money", fen).replace(",", "").replace("−", "-").replace("¥", "")
    number = text.rstrip("kmbn")
    shown = float(number) * units[text[len(number) :]]
    assert abs(shown - fen / 100) <= max(0.005, abs(fen) / 100 * 0.005 + 0.005)


def test_exact_money_keeps_the_fen():
    assert said("money_exact", 46_029_615_000) == "¥460,296,150"
    assert said("money_exact", 46_029_615_001) == "¥460,296,150.01"
    assert said("money_exact", -5) == "−¥0.05"


def test_percent_has_a_space_in_english_alone():
    assert said("percent", 0.061) == f"6.1{NBSP}%"
    assert said("percent", 0.061, spoken="zh") == "6.1%"
    assert said("percent", 0.142512, digits=2) == f"14.25{NBSP}%"
    assert said("interval", 0.0562, 0.0671) == "5.6–6.7"


def test_points_carry_arrow_and_sign_and_none_where_they_round_to_nothing():
    assert said("points", 0.014).replace(NBSP, " ") == "▲ +1.4 points"
    assert said("points", -0.003).replace(NBSP, " ") == "▼ −0.3 points"
    assert said("points", -0.0004).replace(NBSP, " ") == "≈ 0.0 points"
    assert said("points", 0.014, spoken="zh").replace(NBSP, " ") == "▲ +1.4 个百分点"
    assert said("points_size", -0.014).replace(NBSP, " ") == "1.4 points"


def test_counts_are_grouped():
    assert said("count", 42_535) == said("count", 42_535, spoken="zh") == "42,535"
    assert said("count", -1_000) == "−1,000"


@pytest.mark.parametrize(
    ("first", "last", "english", "chinese"),
    [
        (date(2026, 1, 1), date(2026, 6, 30), "Jan–Jun 2026", "2026年1–6月"),
        (date(2025, 7, 1), date(2026, 6, 30), "Jul 2025–Jun 2026", "2025年7月–2026年6月"),
        (date(2026, 9, 1), date(2026, 9, 30), "Sep 2026", "2026年9月"),
        (date(2026, 12, 1), date(2027, 1, 31), "Dec 2026–Jan 2027", "2026年12月–2027年1月"),
    ],
)
def test_months(first, last, english, chinese):
    assert said("months", first, last) == english
    assert said("months", first, last, spoken="zh") == chinese


def test_days():
    assert said("day", date(2026, 11, 21)) == "21 Nov 2026"
    assert said("day", date(2026, 11, 21), spoken="zh") == "2026-11-21"


@pytest.mark.parametrize(
    ("passed", "english", "chinese"),
    [
        (timedelta(seconds=-5), "under 1 min old", "刚刚"),
        (timedelta(seconds=59), "under 1 min old", "刚刚"),
        (timedelta(minutes=12), "12 min old", "12 分钟前"),
        (timedelta(minutes=59, seconds=59), "59 min old", "59 分钟前"),
        (timedelta(hours=1), "1 h old", "1 小时前"),
        (timedelta(hours=47, minutes=59), "47 h old", "47 小时前"),
        (timedelta(hours=48), "2 days old", "2 天前"),
    ],
)
def test_ages(passed, english, chinese):
    assert said("age", passed) == english
    assert said("age", passed, spoken="zh") == chinese
