"""Cohorts that borrow again, the effect of the prompt and members who owe too much: worked by hand."""

from datetime import date

import pandas as pd
import pytest

from rules import exposure, retention
from rules.default_rates import Verdict
from rules.intervals import wilson
from rules.retention import HORIZONS

AS_OF = date(2024, 6, 30)


def within(**counts):
    return {f"{what}_{days}": counts.get(f"{what}_{days}", 0) for days in HORIZONS for what in ("observed", "again")}


def cohort(month, borrowers, **counts):
    return {"month": pd.Timestamp(month), "borrowers": borrowers, **within(**counts)}


def test_a_cohort_is_mature_once_its_last_borrower_is():
    parts = pd.DataFrame(
        [
            {
                "month": pd.Timestamp(2024, 4, 1),
                "borrowers": 200,
                **within(observed_60=200, again_60=50, observed_90=3),
            },
            {"month": pd.Timestamp(2024, 5, 1), "borrowers": 10, **within(observed_30=10, again_30=9)},
        ]
    )
    found = retention.cohorts(parts, AS_OF, significance=0.05, thin_borrowers=120).set_index(["month", "days"])
    april = found.loc[pd.Timestamp(2024, 4, 1)]
    # The last of April has been observed for 61 days.
    assert april["mature"].to_dict() == {7: True, 30: True, 60: True, 90: False, 180: False}
    (low,), (high,) = wilson([50], [200])
    assert april.loc[60, ["rate", "low", "high", "thin"]].tolist() == [0.25, low, high, False]
    # May's last day and thirty more are the as-of date itself.
    assert found.loc[(pd.Timestamp(2024, 5, 1), 30), ["mature", "rate", "thin"]].tolist() == [True, 0.9, True]


def test_the_newest_mature_cohort_is_held_against_the_twelve_months_before():
    months = pd.date_range("2023-01-01", "2024-06-01", freq="MS")
    counts = [
        within(observed_30=1_000, again_30=300 if month.year == 2024 and month.month == 5 else 200) for month in months
    ]
    parts = pd.DataFrame(
        [{"month": month, "borrowers": 1_000, **each} for month, each in zip(months, counts, strict=True)]
    )
    found = retention.cohorts(parts, AS_OF, significance=0.05, thin_borrowers=120)
    month, moved = retention.newest(found, 30, 0.05)
    assert (month, moved.rate, moved.before_rate, moved.months) == (date(2024, 5, 1), 0.3, 0.2, 12)
    assert moved.verdict is Verdict.HIGHER
    assert retention.newest(found.loc[found["month"] == months[-1]], 180, 0.05) is None


def test_the_prompt_is_judged_by_arms():
    parts = pd.DataFrame(
        [
            {"arm": "held_out", "members": 500, **within(observed_7=500, again_7=50, observed_30=500, again_30=200)},
            {
                "arm": "treated",
                "members": 2_000,
                **within(observed_7=2_000, again_7=400, observed_30=2_000, again_30=810),
            },
        ]
    )
    found = retention.prompt_effect(parts, significance=0.05).set_index("days")
    assert found.loc[7, ["treated_rate", "held_rate", "stands_out"]].tolist() == [0.2, 0.1, "above"]
    assert found.loc[7, "difference"] == pytest.approx(0.1)
    assert found.loc[30, "stands_out"] == ""
    assert found.loc[30, "low"] < 0.005 < found.loc[30, "high"]
    assert found.loc[180, "stands_out"] == ""  # nobody observed so long in either arm
    one_arm = retention.prompt_effect(parts.iloc[:1], significance=0.05)
    assert (one_arm["stands_out"] == "").all()


def test_lines_of_a_book_without_any():
    empty = pd.DataFrame(columns=["kind", "month", "standing", "place", "members", "fen"])
    assert retention.line_use(empty).empty


def owing(month_end, standing, place, members, watched):
    counts = {"members": members, "judged": members, "over": watched, "raised": 0, "watched": watched}
    fen = {"outstanding_fen": members * 100, "watched_fen": watched * 100}
    return {"month_end": pd.Timestamp(month_end), "standing": standing, "place": place, **counts, **fen}


def test_the_watch_over_time_and_by_tier():
    ends = [*pd.date_range("2023-05-31", "2024-05-31", freq="ME"), pd.Timestamp(2024, 6, 30)]
    parts = pd.DataFrame(
        [
            *(owing(end, "silver", 2, 1_000, 20) for end in ends[:-1]),
            owing(ends[-1], "gold", 3, 500, 50),
            owing(ends[-1], "silver", 2, 1_000, 20),
        ]
    )
    found = exposure.over_time(parts, significance=0.05)
    now = found.iloc[-1]
    assert (now["members"], now["watched"], now["watched_fen"]) == (1_500, 70, 7_000)
    assert (now["watched_rate"], now["over_rate"], now["raised_rate"]) == (
        pytest.approx(70 / 1_500),
        pytest.approx(70 / 1_500),
        0,
    )
    moved = exposure.change(found, AS_OF, 0.05)
    assert (moved.months, moved.before_rate, moved.verdict) == (12, 0.02, Verdict.HIGHER)
    tiers = exposure.by_tier(parts, AS_OF, significance=0.05, thin_members=600).set_index("standing")
    assert tiers.index.tolist() == ["silver", "gold"]
    assert tiers["stands_out"].to_dict() == {"silver": "below", "gold": "above"}
    assert tiers["thin"].to_dict() == {"silver": False, "gold": True}
