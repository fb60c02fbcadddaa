"""Members by week, what referral will bring, the shape of trees: by hand and against plain Python."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import growth, virality

MONDAY = date(2026, 1, 5)


def week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def counted(*rows: tuple[int, str, int]) -> pd.DataFrame:
    """week number, level, members."""
    found = pd.DataFrame(rows, columns=["week", "level", "members"])
    return found.assign(week=pd.to_datetime([week(number) for number in found["week"]]))


def test_no_week_is_left_out_and_the_running_one_is_marked():
    parts = counted((0, "0", 3), (0, "1", 1), (2, "0", 2), (2, "5+", 4))
    rows = growth.by_week(parts, ("0", "1", "5+"), week(2) + timedelta(days=5))
    assert rows["week"].tolist() == [week(0)] * 3 + [week(1)] * 3 + [week(2)] * 3
    assert rows["members"].tolist() == [3, 1, 0, 0, 0, 0, 2, 0, 4]
    assert rows["so_far"].tolist() == [3, 1, 0, 3, 1, 0, 5, 1, 4]
    assert rows["running"].tolist() == [False] * 6 + [True] * 3  # its Sunday has not come
    assert not growth.by_week(parts, ("0",), week(2) + timedelta(days=6))["running"].any()


def test_members_of_a_book_without_referral_are_roots():
    rows = growth.by_week(counted((0, "unknown", 7)), ("0",), week(9))
    assert rows[["level", "members"]].to_numpy().tolist() == [["0", 7]]


def test_without_members_there_are_no_weeks():
    assert growth.by_week(counted(), ("0",), week(1)).empty


def curve(brought: dict[int, float], days: int = 60) -> virality.Cycle:
    """Whom a member brings on single days after registering, known without doubt."""
    rise = np.zeros(days + 1)
    for day, each in brought.items():
        rise[day] = each
    total = float(rise.sum())
    found = pd.DataFrame({"day": np.arange(days + 1), "brought": np.cumsum(rise)})
    return virality.Cycle(found, 0.0, 0.0, 0.0, total, total, total)


def test_a_referee_seven_days_later_comes_in_the_next_week_and_one_ten_days_later_in_the_next_or_the_one_after():
    brought = curve({7: 0.4, 10: 0.7})
    rise = growth.weekly_rise(brought.curve["brought"].to_numpy(), 4)
    # Of seven weekdays ten days lead four times into the next week but one... day 10 = 1 week and 3 days: 3 of 7 go on.
    assert rise.tolist() == pytest.approx([0.0, 0.4 + 0.7 * 4 / 7, 0.7 * 3 / 7, 0.0])


def test_the_forecast_is_the_renewal_equation_by_hand():
    # Each member brings half a member exactly a week later; 8 roots every week for 30 weeks.
    roots, referred = [8.0], [0.0]
    for _ in range(29):
        referred.append((roots[-1] + referred[-1]) / 2)
        roots.append(8.0)
    parts = counted(*[(n, "0", 8) for n in range(30)], *[(n, "1", round(referred[n])) for n in range(30)])
    weeks = growth.by_week(parts, ("0", "1"), week(30))
    found = growth.forecast(weeks, curve({7: 0.5}), confidence=0.95)
    assert found.weeks["week"].tolist() == [week(30 + n) for n in range(growth.AHEAD_WEEKS)]
    assert found.weeks["roots"].tolist() == [8.0] * growth.AHEAD_WEEKS
    assert found.weeks["referred"].tolist() == pytest.approx([8.0] * growth.AHEAD_WEEKS)  # 8 = (8 + 8) / 2
    assert found.referred == pytest.approx(8 * growth.AHEAD_WEEKS)
    assert found.past_expected == pytest.approx(found.past_referred)
    assert found.dispersion == 1.0
    assert found.low == pytest.approx(found.referred - 1.959964 * math.sqrt(found.referred), abs=1e-3)


def test_a_running_week_is_not_taken_for_a_whole_one():
    parts = counted(*[(n, level, 10) for n in range(20) for level in ("0", "1")], (20, "0", 1))
    weeks = growth.by_week(parts, ("0", "1"), week(20) + timedelta(days=1))
    found = growth.forecast(weeks, curve({7: 0.5}), confidence=0.95)
    assert found.weeks["week"].iloc[0] == week(20)
    assert found.weeks["roots"].iloc[0] == 10


def test_weeks_that_vary_more_than_chance_widen_the_interval():
    calm = counted(*[(n, level, 10) for n in range(40) for level in ("0", "1")])
    wild = counted(*[(n, "0", 10) for n in range(40)], *[(n, "1", 20 * (n % 2)) for n in range(40)])
    even, uneven = (
        growth.forecast(growth.by_week(parts, ("0", "1"), week(40)), curve({7: 0.5}), confidence=0.95)
        for parts in (calm, wild)
    )
    assert uneven.dispersion > 3 > even.dispersion
    assert uneven.high - uneven.low > even.high - even.low


def test_nothing_is_forecast_of_a_book_in_which_nobody_refers():
    weeks = growth.by_week(counted((0, "0", 5), (1, "0", 5)), ("0",), week(2))
    assert math.isnan(growth.forecast(weeks, curve({}), confidence=0.95).referred)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=12), st.dictionaries(st.integers(1, 40), st.floats(0.01, 0.5)))
def test_what_is_expected_is_the_sum_over_all_who_came_before(roots, brought):
    found = curve(brought)
    weeks = growth.by_week(counted(*[(n, "0", members) for n, members in enumerate(roots)]), ("0",), week(len(roots)))
    if not brought:
        return
    ahead = growth.forecast(weeks, found, confidence=0.95)
    rise = growth.weekly_rise(found.curve["brought"].to_numpy(), len(roots) + growth.AHEAD_WEEKS)
    every, coming = [float(members) for members in roots], float(np.mean(roots[-13:]))
    for place in range(growth.AHEAD_WEEKS):
        lagged = sum(members * rise[len(every) - before] for before, members in enumerate(every))
        referred = (lagged + rise[0] * coming) / (1 - rise[0])
        assert ahead.weeks["referred"].iloc[place] == pytest.approx(referred)
        every.append(coming + referred)


def test_the_shape_sums_parts_and_never_averages_ratios():
    parts = pd.DataFrame(
        {
            "size": [1, 3], "trees": [4, 2], "members": [4, 8], "leaves": [4, 5], "levels": [0, 9], "deepest": [0, 3],
            "largest": [1, 5], "distances": [0, 4 + 20], "pairs": [0, 3 + 10],
        }
    )  # fmt: skip
    found = growth.shape(parts)
    assert (found.trees, found.members, found.deepest, found.largest) == (6, 12, 3, 5)
    assert found.branching == (12 - 6) / (12 - 9)
    assert found.leaf_share == 9 / 12
    assert found.mean_level == 9 / 12
    assert found.mean_distance == 24 / 13
    assert found.sizes["member_share"].tolist() == [4 / 12, 8 / 12]
    assert found.sizes["last"].tolist() == [1, 5]
    assert math.isnan(found.sizes["mean_distance"].iloc[0])
