"""The tier funnel from its parts: counts, conversions, what changed, cohorts, segments, windows and times, by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import funnel, funnel_steps, funnel_times, policy
from rules.book import Book
from rules.filters import Comparison, DateRange, Filters, Period
from rules.funnel_steps import CODES, HOUR, Windows
from rules.member_filters import (
    MemberSelection,
    held,
    newest_mature_registrations,
    not_applied,
    resolve_members,
    settled,
)

STEPS = CODES[:4]
DAY = 24 * HOUR
WEEK = Windows((7 * DAY,) * 7)
USUAL = funnel_steps.usual(policy.load()[-1].funnel)
BOOK = Book(
    snapshot_id="s",
    name="Drawn",
    as_of=date(2026, 6, 30),
    built_at=datetime(2026, 7, 1, tzinfo=UTC),
    loans=0,
    evidence=frozenset(),
    imputed_dates=0,
    first_disbursed_on=None,
    last_disbursed_on=None,
    longest_term_months=0,
    values=(("channel", ("organic", "referral")), ("product", ("cash",)), ("tier", ("gold",))),
    varying=frozenset(),
    missing_tables=frozenset(),
    members=10,
    first_registered_on=date(2024, 1, 3),
    last_registered_on=date(2026, 6, 30),
    member_values=(("channel", ("organic", "partner")), ("first_tier", ("bronze", "gold")), ("gender", ("male",))),
)


def parts(*members, **by):
    """Members by last step, from registered alone on."""
    found = pd.DataFrame({"reached": range(len(members)), "members": members})
    return found.assign(**by).loc[found["members"] > 0]


def test_who_came_further_is_counted_at_every_step_before():
    assert list(funnel.counts(parts(10, 5, 0, 2), 4)) == [17, 7, 2, 2]
    assert list(funnel.counts(parts(), 4)) == [0, 0, 0, 0]


def test_conversions_from_the_step_before_and_from_the_start():
    found = funnel.conversions(parts(40, 30, 20, 10), STEPS, 0.05, 50)
    assert list(found["members"]) == [100, 60, 30, 10]
    assert np.isnan(found["rate"].iloc[0])
    assert list(found["rate"].iloc[1:]) == [0.6, 0.5, pytest.approx(1 / 3)]
    assert list(found["from_start"].iloc[1:]) == [0.6, 0.3, 0.1]
    assert list(found["thin"]) == [True, False, False, True]  # the last step has only 30 before it
    low, high = found.loc[1, ["low", "high"]]
    assert (round(low, 4), round(high, 4)) == (0.5020, 0.6906)  # Wilson, 60 of 100


def test_of_nobody_nothing_converts():
    found = funnel.conversions(parts(), STEPS, 0.05, 50)
    assert found[["rate", "from_start", "low", "high"]].isna().all().all()


def changes(now, other, steps):
    """Held against each other: how many reached each of the steps."""
    shown, held = (funnel.conversions(parts(*each), steps, 0.05, 50) for each in (now, other))
    return funnel.changes(shown, held, 0.05)


def test_a_step_that_differs_for_certain_is_judged():
    found = changes((500, 100, 200, 200), (500, 400, 50, 50), STEPS)
    assert list(found["verdict"]) == ["", "", "above", ""]
    assert found.loc[2, ["other_members", "other_before", "other_rate"]].tolist() == [100, 500, 0.2]
    assert found["difference"].iloc[2] == pytest.approx(0.8 - 0.2)
    assert list(changes((500, 400, 50, 50), (500, 100, 200, 200), STEPS)["verdict"]) == ["", "", "below", ""]


def test_a_change_that_would_pass_alone_is_noise_among_several():
    alone = changes((480, 520), (527, 473), STEPS[:2])
    assert alone["p_value"].iloc[1] < 0.05
    assert alone["verdict"].iloc[1] == "above"
    among = changes((480, 260, 130, 130), (527, 237, 118, 118), STEPS)
    assert among["p_value"].iloc[1] == alone["p_value"].iloc[1]
    assert among["q_value"].iloc[1] > 0.05
    assert list(among["verdict"]) == [""] * 4


def test_nothing_is_said_of_a_step_that_nobody_came_to():
    found = changes((10, 0, 0, 0), (10, 0, 0, 0), STEPS)
    assert found["p_value"].iloc[2:].isna().all()
    assert list(found["verdict"]) == [""] * 4


def test_a_cohort_is_immature_until_its_last_day_has_all_its_windows_behind_it():
    months = pd.concat([parts(5, 5, registered_month=month) for month in ("2026-04", "2026-05", "2026-06")])
    # 2026-05-31 and 30 days are 2026-06-30: mature on that day, for the windows count their last second.
    given = {"windows": Windows((30 * DAY,) * 7), "significance": 0.05}
    conversion = ("registered", "verified")
    found = funnel.cohorts(months, CODES, conversion, as_of=date(2026, 6, 30), **given)
    assert list(found["immature"]) == [False, False, True]
    found = funnel.cohorts(months, CODES, conversion, as_of=date(2026, 6, 29), **given)
    assert list(found["immature"]) == [False, True, True]
    found = funnel.cohorts(months, CODES, ("registered", "joined"), as_of=date(2026, 6, 30), **given)
    assert list(found["immature"]) == [False, True, True]  # April has two windows behind it, May only one


def test_conversions_between_any_two_steps_by_month():
    months = pd.concat([parts(1, 2, 3, 4, registered_month="2025-01"), parts(9, registered_month="2025-02")])
    found = funnel.cohorts(
        months, CODES, ("verified", "applied"), windows=WEEK, as_of=date(2026, 6, 30), significance=0.05
    )
    assert found[["month", "entered", "converted"]].to_numpy().tolist() == [[date(2025, 1, 1), 9, 4]]


def test_the_newest_half_year_is_held_against_the_one_before():
    def rows(newer, older, young=1.0):
        months = [date(2025, month, 1) for month in range(1, 13)] + [date(2026, 1, 1)]
        entered = [100] * 13
        converted = [older] * 6 + [newer] * 6 + [int(100 * young)]
        return pd.DataFrame({"month": months, "entered": entered, "converted": converted,
                             "immature": [False] * 12 + [True]})  # fmt: skip

    rose = funnel.trend_change(rows(40, 20), 0.05)
    assert (rose["rate"], rose["other_rate"], rose["verdict"]) == (0.4, 0.2, "above")
    assert funnel.trend_change(rows(20, 40), 0.05)["verdict"] == "below"
    assert funnel.trend_change(rows(21, 20), 0.05)["verdict"] == ""
    assert np.isnan(funnel.trend_change(rows(40, 20).tail(3), 0.05)["difference"])


def test_segments_are_held_against_all_others_and_corrected_for_each_other():
    named = {"a": (500, 500), "b": (800, 200), "c": (750, 250)}
    found = funnel.segments(
        pd.concat([parts(*members, channel=name) for name, members in named.items()]),
        "channel", CODES[:2], ("registered", "verified"), 0.05, 100,
    ).set_index("segment")  # fmt: skip
    assert found.loc["a", ["entered", "converted", "rate"]].tolist() == [1000, 500, 0.5]
    assert found.loc["a", "difference_to_all"] == pytest.approx(0.5 - 950 / 3000)
    assert found["stands_out"].to_dict() == {"a": "above", "b": "below", "c": "below"}
    assert (found["q_value"] >= found["p_value"]).all()
    alone = funnel.segments(
        parts(50, 50, channel="a"), "channel", CODES[:2], ("registered", "verified"), 0.05, 100
    ).iloc[0]
    assert alone["stands_out"] == ""  # there is nobody to hold it against


def test_windows_in_a_link_are_those_that_were_changed():
    assert funnel_steps.changed(USUAL, "") == USUAL
    changed = funnel_steps.changed(USUAL, "verified:48~again:1")
    assert (changed.seconds_of("verified"), changed.seconds_of("again")) == (48 * HOUR, HOUR)
    assert changed.seconds_of("joined") == USUAL.seconds_of("joined")
    assert funnel_steps.written(changed, USUAL) == "verified:48~again:1"
    for wrong in ("verified:0", "verified:-1", "verified:999999", "nobody:5", "verified", "~~", "verified:4.5"):
        assert funnel_steps.changed(USUAL, wrong) == USUAL


@given(st.lists(st.integers(1, funnel_steps.LONGEST_WINDOW_HOURS), min_size=7, max_size=7))
def test_windows_come_back_from_a_link(hours):
    windows = Windows(tuple(each * HOUR for each in hours))
    assert funnel_steps.changed(USUAL, funnel_steps.written(windows, USUAL)) == windows


def test_days_through_steps_are_the_sum_of_their_windows_rounded_up():
    windows = Windows((HOUR, 24 * HOUR, *WEEK.seconds[2:]))
    assert windows.days_through(CODES[:2]) == 1
    assert windows.days_through(CODES[:3]) == 2  # 25 hours
    assert windows.days_through(("registered", "applied")) == 7  # steps that are not recorded take no time


def test_registrations_are_mature_after_so_many_days():
    assert newest_mature_registrations(BOOK, 0) == date(2026, 6, 1)
    assert newest_mature_registrations(BOOK, 1) == date(2026, 5, 1)
    assert newest_mature_registrations(BOOK, 30) == date(2026, 5, 1)
    assert newest_mature_registrations(BOOK, 31) == date(2026, 4, 1)


def test_filters_become_a_selection_of_members():
    filters = Filters(
        period=Period.MATURE_12,
        choices=(("channel", ("organic", "referral")), ("tier", ("gold", "platinum")), ("product", ("cash",))),
    )
    found = resolve_members(filters, BOOK, 31)
    assert found.registered == DateRange(date(2025, 5, 1), date(2026, 4, 30))
    assert found.compared == DateRange(date(2024, 5, 1), date(2025, 4, 30))
    assert found.choices == (("channel", ("organic",)), ("first_tier", ("gold",)))
    assert not_applied(filters) == ("product",)
    assert resolve_members(filters, BOOK, 31, "current_tier").choices == (("channel", ("organic",)),)
    assert resolve_members(filters.drilled("gender", "male"), BOOK, 31).choices[-1] == ("gender", ("male",))
    assert held(BOOK, "channel") == ("organic", "referral", "partner")
    assert held(BOOK, "tier") == ("gold", "bronze")


def test_what_is_too_young_is_left_out_of_a_chosen_period_and_its_comparison_is_cut_alike():
    filters = Filters(
        period=Period.CUSTOM,
        first_month=date(2026, 1, 1),
        last_month=date(2026, 6, 1),
        compare_to=Comparison.YEAR_EARLIER,
    )
    selection = resolve_members(filters, BOOK, 31)
    found = settled(selection, BOOK, 31)
    assert found.registered == DateRange(date(2026, 1, 1), date(2026, 4, 30))
    assert found.compared == DateRange(date(2025, 1, 1), date(2025, 4, 30))
    assert settled(selection, BOOK, 0) == selection
    assert settled(selection, BOOK, 181) is None
    everything = MemberSelection(DateRange(), None, ())
    assert settled(everything, BOOK, 31).registered == DateRange(None, date(2026, 4, 30))
    young = replace(BOOK, first_registered_on=date(2026, 5, 2))
    assert settled(everything, young, 31) is None


def timed(*rows):
    """Rows of (taken, seconds, members)."""
    bins = [_bin(seconds) for _taken, seconds, _members in rows]
    return pd.DataFrame(
        {
            "step": "verified",
            "taken": [taken for taken, _seconds, _members in rows],
            "bin": bins,
            "members": [members for _taken, _seconds, members in rows],
            "seconds": [taken * seconds * members for taken, seconds, members in rows],
        }
    )


def _bin(seconds):
    """The smallest bin that ends after a time."""
    return next(place for place in range(4_000) if funnel_times.ends(place) > seconds)


def test_bins_are_minutes_then_hours_then_days_without_gaps():
    ends = funnel_times.ends(np.arange(140)).tolist()
    widths = np.diff([0, *ends]).tolist()
    assert widths == [60] * 60 + [HOUR] * 71 + [DAY] * 9


def test_times_heed_who_could_not_yet_be_followed():
    """Ten take it at once, ten are followed for two hours only, of the other ten five take it within five hours."""
    times = timed((1, 30, 10), (0, 2 * HOUR, 10), (1, 4 * HOUR + 60, 5), (0, 7 * DAY, 5))
    curve = funnel_times.curve(times)
    assert list(curve["at_risk"]) == [30, 20, 10, 5]
    assert list(curve["share"].round(6)) == [0.333333, 0.333333, 0.666667, 0.666667]  # 1 - 2/3 x 1/2
    found = funnel_times.durations(times, CODES[:2], WEEK).iloc[0]
    assert (found["entered"], found["taken"], round(found["share"], 6)) == (30, 15, 0.666667)
    assert found["q50"] == 60  # a third of all is half of those two thirds
    assert found["q75"] == 5 * HOUR
    assert found["mean_seconds"] == (10 * 30 + 5 * (4 * HOUR + 60)) / 15


def test_a_time_is_at_most_the_window_and_nothing_where_nobody_takes_a_step():
    window = Windows((90, *WEEK.seconds[1:]))
    assert funnel_times.durations(timed((1, 70, 4)), CODES[:2], window).iloc[0]["q50"] == 90
    nobody = funnel_times.durations(timed((0, 70, 4)), CODES[:3], window)
    assert nobody["q50"].isna().all()
    assert list(nobody["taken"]) == [0, 0]


def test_a_policy_without_sense_is_refused(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(policy.DEFAULT_PATH.read_text("utf-8").replace("verified_hours = 168", "verified_hours = 0"))
    with pytest.raises(policy.PolicyError, match=r"funnel\.verified_hours"):
        policy.load(file)


def test_a_month_ends_on_its_last_day():
    day = date(2024, 1, 31)
    for days in range(60):
        book = replace(BOOK, as_of=day + timedelta(days=days))
        assert (newest_mature_registrations(book, 29) >= date(2024, 1, 1)) is (days >= 29)
