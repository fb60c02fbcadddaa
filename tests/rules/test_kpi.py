import math
from datetime import date, time

import numpy as np
import pandas as pd
import pytest

from rules import kpi, like_for_like
from rules.default_rates import Verdict
from rules.filters import Comparison, Filters, Period
from rules.goals import Goals, Wanted
from rules.kpi import Good, Outlook, goal, goal_at_pace, judged, one_more, welcome
from rules.overview_flows import Looked, flow, yesterday
from rules.policy import Target
from rules.working_time import WorkingHours

HOURS = WorkingHours(time(9), time(18))


def goals(*rows, standing=()):
    """Rows of metric, first and last day, value."""
    own = [(m, Wanted(value, date.fromisoformat(a), date.fromisoformat(b))) for m, a, b, value in rows]
    return Goals(tuple(own), tuple(standing))


def looked(as_of=date(2026, 11, 21), *, held=None, **filters):
    return Looked(
        months=like_for_like.months(Filters(**filters), as_of), as_of=as_of, hours=HOURS, significance=0.05, thin=100,
        goals=held or goals(),
    )  # fmt: skip


def days(first, last, on_business_days, on_days_off, column="fen"):
    every = pd.date_range(first, last)
    values = [on_business_days if HOURS.is_working_day(day.date()) else on_days_off for day in every]
    return pd.DataFrame({"day": every, column: values})


def test_only_whole_months_are_looked_at():
    months = like_for_like.months(Filters(), date(2026, 11, 21))
    assert (months.first, months.last, months.lag) == (date(2026, 10, 1), date(2026, 10, 31), 1)
    assert months.before == (date(2026, 9, 1), date(2026, 9, 30))
    on_its_end = like_for_like.months(Filters(compare_to=Comparison.YEAR_EARLIER), date(2026, 10, 31))
    assert (on_its_end.last, on_its_end.before) == (date(2026, 10, 31), (date(2025, 10, 1), date(2025, 10, 31)))
    assert like_for_like.months(Filters(compare_to=Comparison.NONE), date(2026, 10, 31)).before is None


def test_chosen_months_are_cut_to_those_that_are_over():
    chosen = Filters(period=Period.CUSTOM, first_month=date(2026, 8, 1), last_month=date(2026, 12, 1))
    months = like_for_like.months(chosen, date(2026, 11, 21))
    assert (months.first, months.last, months.length, months.lag) == (date(2026, 8, 1), date(2026, 10, 31), 3, 3)
    assert months.before == (date(2026, 5, 1), date(2026, 7, 31))


def test_a_long_holiday_is_no_fall():
    """October 2026 has eighteen business days, September twenty-two: with equal business days nothing has changed."""
    found = flow("x", days("2024-01-01", "2026-11-21", 1000, 0), "fen", looked(), good=Good.MORE, metric="principal")
    assert found.value == 18_000
    assert found.series[-2:] == (22_000, 18_000)
    assert found.change.amount == pytest.approx(0)
    assert found.change.verdict is Verdict.NOISE


def test_days_off_count_for_what_they_bring():
    evenly = days("2024-01-01", "2026-11-21", 1000, 1000)
    assert like_for_like.pace(evenly, "fen", HOURS).day_off == 1
    found = flow("x", evenly, "fen", looked(), good=Good.MORE, metric="principal")
    assert (found.value, found.change.amount) == (31_000, pytest.approx(0))
    half = like_for_like.pace(days("2024-01-01", "2026-11-21", 1000, 500), "fen", HOURS)
    assert half.day_off == pytest.approx(0.5)
    assert half.days(date(2026, 10, 1), date(2026, 10, 31)) == pytest.approx(18 + 13 / 2)


def test_the_running_month_is_not_in_any_sum_but_in_the_pace():
    held = goals(("principal", "2026-11-01", "2026-11-30", 20_000), ("principal", "2026-10-01", "2026-10-31", 1))
    lent = days("2024-01-01", "2026-11-21", 1000, 0)
    found = flow("x", lent, "fen", looked(held=held), good=Good.MORE, metric="principal")
    business = like_for_like.business_days(date(2026, 11, 1), date(2026, 11, 30), HOURS)
    assert found.value == 18_000
    assert found.goal.expected == pytest.approx(1000 * business)
    assert found.goal.outlook is (Outlook.WILL_REACH if business >= 20 else Outlook.WILL_MISS)
    dear = goals(("principal", "2026-11-01", "2026-11-30", 90_000))
    assert flow("x", lent, "fen", looked(held=dear), good=Good.MORE, metric="principal").goal.outlook is (
        Outlook.WILL_MISS
    )


def test_a_goal_of_the_month_that_is_over():
    held = goals(("principal", "2026-10-01", "2026-10-31", 180.0))
    lent = days("2024-01-01", "2026-10-31", 1000, 0)
    by = looked(date(2026, 10, 31), held=held)
    assert flow("x", lent, "fen", by, good=Good.MORE, metric="principal", unit=100).goal.outlook is Outlook.REACHED
    assert flow("x", lent, "fen", by, good=Good.MORE, metric="other").goal is None


def test_nothing_ever_happened():
    nothing = pd.DataFrame({"day": pd.Series(dtype="datetime64[us]"), "fen": pd.Series(dtype="int64")})
    assert math.isnan(flow("x", nothing, "fen", looked(), good=Good.MORE, metric="principal").value)
    last_day = yesterday("x", nothing, "fen", looked())
    assert (last_day.value, last_day.change.verdict) == (0, Verdict.NOT_COMPARED)


def test_a_change_is_judged_by_how_months_differ_anyway():
    restless = [100, 130, 90, 120, 95, 125, 100, 128]
    assert judged([*restless, 110], lag=1, relative=True, significance=0.05).verdict is Verdict.NOISE
    assert judged([*restless, 400], lag=1, relative=True, significance=0.05).verdict is Verdict.HIGHER
    calm = [100, 101, 100, 102, 101, 100, 101, 100]
    assert judged([*calm, 110], lag=1, relative=True, significance=0.05).verdict is Verdict.HIGHER
    fallen = judged([*calm, 90], lag=1, relative=True, significance=0.05)
    assert (fallen.verdict, fallen.amount) == (Verdict.LOWER, pytest.approx(-0.1))


def test_a_change_against_a_year_before():
    series = [float(10 + month % 12) for month in range(30)]  # the season alone
    assert judged(series, lag=12, relative=False, significance=0.05).amount == 0
    assert judged(series, lag=1, relative=False, significance=0.05).amount == 1


@pytest.mark.parametrize(
    "series", [[], [1.0], [1.0, 2.0, 3.0], [1.0] * 8 + [math.nan], [1.0] * 8 + [math.nan, 2.0], [1.0] * 8 + [0.0]]
)
def test_what_can_not_be_compared(series):
    assert judged(series, lag=1, relative=True, significance=0.05).verdict is Verdict.NOT_COMPARED


def test_no_comparison_was_asked_for():
    assert judged([1.0] * 9 + [5.0], lag=0, relative=True, significance=0.05) == kpi.NOT_COMPARED


def test_yesterday_against_days_of_its_kind():
    """21 November 2026 is a Saturday: it is held against days off, which bring less."""
    lent = days("2026-08-01", "2026-11-21", 1000, 300)
    rng = np.random.default_rng(3)
    lent["fen"] += rng.integers(-20, 20, len(lent))
    found = yesterday("x", lent, "fen", looked())
    assert found.change.verdict is Verdict.NOISE
    assert found.value == lent["fen"].iloc[-1]
    lent.loc[lent.index[-1], "fen"] = 30  # part of the day is missing
    assert yesterday("x", lent, "fen", looked()).change.verdict is Verdict.LOWER
    assert one_more(5.0, [0.0, 0.0], significance=0.05).verdict is Verdict.NOT_COMPARED


def test_the_lenders_own_goal_comes_before_the_standing_one():
    held = goals(
        ("default_rate", "2026-10-01", "2026-10-31", 0.05), standing=[Target(metric="default_rate", value=0.07)]
    )
    assert held.newest("default_rate", date(2026, 11, 21)).value == 0.05
    assert held.newest("default_rate", date(2026, 9, 30)).value == 0.07
    assert held.newest("reserve_cover", date(2026, 11, 21)) is None
    assert held.of_period("default_rate", date(2026, 9, 1), date(2026, 9, 30)).value == 0.07
    assert held.running("default_rate", date(2026, 10, 31)) is None  # its period is over with its last day


def test_goals_are_reached_from_their_side():
    assert goal(0.05, 0.05, Good.LESS).outlook is Outlook.REACHED
    assert goal(0.051, 0.05, Good.LESS).outlook is Outlook.MISSED
    assert goal(1.0, 1.0, Good.MORE).outlook is Outlook.REACHED
    assert goal_at_pace(5, 0, 22, 10, Good.MORE) is None
    assert goal_at_pace(5, 11, 22, 10, Good.MORE).outlook is Outlook.WILL_REACH
    assert goal_at_pace(5, 11, 22, 10, Good.LESS).outlook is Outlook.WILL_REACH


def test_only_a_change_that_is_no_noise_is_welcome_or_not():
    higher = judged([1.0, 1.01] * 5 + [9.0], lag=1, relative=True, significance=0.05)
    assert (welcome(higher, Good.MORE), welcome(higher, Good.LESS), welcome(higher, Good.NEITHER)) == (
        True,
        False,
        None,
    )
    assert welcome(kpi.NOT_COMPARED, Good.MORE) is None
