"""The tier funnel on drawn members: by hand, against plain Python, and against PostHog's worked case."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries import funnel
from rules import calendar, funnel_times
from rules import funnel as rules
from rules.filters import DateRange
from rules.funnel_steps import CODES, Windows
from rules.member_filters import MemberSelection, settled
from tests.queries import journeys
from tests.queries.drawn import AS_OF, book_of, run
from tests.queries.journeys import DAY, HOUR, Journey, connection, refill
from tests.vectors import case

EVERYBODY = MemberSelection(DateRange(), None, ())
WEEK = Windows((7 * DAY,) * 7)
THOROUGH = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def last(made, windows=WEEK, selection=EVERYBODY, steps=CODES):
    found = run(made, funnel.reached(selection, windows, steps))
    return dict(zip(found["reached"], found["members"], strict=True))


def test_each_step_must_follow_the_one_before_within_its_window():
    windows = Windows((HOUR, 2 * HOUR, DAY, DAY, DAY, DAY, DAY))
    made = connection(
        [
            Journey(),  # registered alone
            Journey(steps=(HOUR,)),  # verified in the last second of its window
            Journey(steps=(HOUR + 1,)),  # a second too late
            Journey(steps=(HOUR, 3 * HOUR)),  # joined in the last second, two hours after verifying
            Journey(steps=(HOUR, 3 * HOUR + 1, 3 * HOUR + 2)),  # joined too late: applying in time does not count
            Journey(steps=(0, 0, 0, 0, 0, 0, 0)),  # all in one second
        ]
    )
    assert last(made, windows) == {0: 2, 1: 2, 2: 1, 7: 1}


def test_a_step_that_the_book_does_not_record_is_passed_over():
    made = connection([Journey()])
    made.execute("UPDATE member_journey SET applied_gap_s = 600, disbursed_gap_s = 100")
    steps = ("registered", "applied", "disbursed")
    assert last(made, steps=steps) == {2: 1}
    assert last(made, Windows((1, 1, 600, 1, 99, 1, 1)), steps=steps) == {1: 1}
    assert last(made, steps=("registered",)) == {0: 1}


def test_of_nobody_there_is_nothing():
    assert last(connection([])) == {}
    assert list(rules.counts(run(connection([]), funnel.reached(EVERYBODY, WEEK, CODES)), 8)) == [0] * 8


@pytest.mark.parametrize(("window", "named"), [(14 * DAY, "window_14d"), (5 * 60, "window_5min")])
def test_posthogs_worked_case(window, named):
    worked = case("posthog_funnel")
    people = []
    for events in worked["people"].values():
        at = [datetime.fromisoformat(event.split(" ")[0]) for event in events]
        people.append(Journey(steps=tuple(int((each - at[0]).total_seconds()) for each in at[1:])))
    made, steps = connection(people), CODES[:2]
    windows = Windows((window, *WEEK.seconds[1:]))
    parts = run(made, funnel.reached(EVERYBODY, windows, steps))
    assert list(rules.counts(parts, 2)) == worked[named]["counts"]
    times = run(made, funnel.times(EVERYBODY, windows, steps))
    found = funnel_times.durations(times, steps, windows).iloc[0]
    assert found["mean_seconds"] == worked[named]["avg_s"]


def test_filters_keep_registrations_and_values():
    made = connection(
        [
            Journey(date(2025, 3, 31), (5,), {"channel": "organic"}),
            Journey(date(2025, 4, 1), (5, 6), {"channel": "organic"}),
            Journey(date(2025, 4, 30), (), {"channel": "partner"}),
            Journey(date(2025, 5, 1), (5,), {"channel": "organic"}),
        ]
    )
    april = replace(EVERYBODY, registered=DateRange(date(2025, 4, 1), date(2025, 4, 30)))
    assert last(made, selection=april) == {0: 1, 2: 1}
    assert last(made, selection=april.narrowed("channel", "organic")) == {2: 1}
    assert last(made, selection=EVERYBODY.narrowed("channel", "organic").narrowed("channel", "partner")) == {}


def test_by_month_and_by_segment_the_parts_sum_to_the_whole():
    made = connection(
        [
            Journey(date(2025, 3, 31), (5,), {"province": "Hubei"}),
            Journey(date(2025, 4, 1), (5, 6), {"province": "Hubei"}),
            Journey(date(2025, 4, 2), (), {"province": "Anhui"}),
        ]
    )
    months = run(made, funnel.reached(EVERYBODY, WEEK, CODES, by="registered_month"))
    assert months.to_numpy().tolist() == [["2025-03", 1, 1], ["2025-04", 0, 1], ["2025-04", 2, 1]]
    provinces = run(made, funnel.reached(EVERYBODY, WEEK, CODES, by="province"))
    assert provinces.to_numpy().tolist() == [["Anhui", 0, 1], ["Hubei", 1, 1], ["Hubei", 2, 1]]


def test_the_members_behind_a_step_re_sum_to_it_and_carry_nothing_personal():
    drawn = [Journey(steps=steps) for steps in ((), (5,), (5, 6), (5, 9), (5, 6, 7))]
    made = connection(drawn)
    counts = rules.counts(run(made, funnel.reached(EVERYBODY, WEEK, CODES)), 8)
    for place in range(8):
        behind = run(made, funnel.members(EVERYBODY, WEEK, CODES, place))
        stopped = run(made, funnel.members(EVERYBODY, WEEK, CODES, place, stopped=True))
        assert len(behind) == counts[place]
        assert len(stopped) == counts[place] - (counts[place + 1] if place < 7 else 0)
        assert set(stopped["reached"]) <= {CODES[place]}
    behind = run(made, funnel.members(EVERYBODY, WEEK, CODES, 2, first=2))
    assert list(behind["member_id"]) == ["M3", "M4"]
    dims = {code for code in journeys.MEMBER_CODES if code != "gender"}
    assert set(behind.columns) == {"member_no", "member_id", "registered_on", "reached"} | dims


def test_a_day_of_new_registrations_does_not_move_the_headline():
    """They come on the as-of date, and the as-of date moves on by a day."""
    drawn = [Journey(date(2025, 1, 1) + timedelta(days=each), (5, 6) if each % 3 else ()) for each in range(540)]
    book = replace(book_of([]), members=540, first_registered_on=date(2025, 1, 1), last_registered_on=AS_OF)
    days = WEEK.days_through(CODES)
    before = settled(EVERYBODY, book, days)
    counted = last(connection(drawn), selection=before)
    newest = calendar.add_days(AS_OF, 1)
    more = [*drawn, *(Journey(newest, registered_s=each) for each in range(500))]
    after = settled(EVERYBODY, replace(book, members=1_040, as_of=newest, last_registered_on=newest), days)
    assert last(connection(more, newest), selection=after) == counted
    assert sum(counted.values()) == (date(2026, 5, 1) - date(2025, 1, 1)).days  # May has no 49 days behind it yet


def test_how_long_a_step_took_and_for_how_long_it_has_been_waited_for():
    """As of the end of 2026-06-30; each window is a week."""
    made = connection(
        [
            Journey(date(2026, 6, 1), (59,)),  # a minute
            Journey(date(2026, 6, 1), (3 * HOUR, 3 * HOUR + 60)),  # three hours; then joined a minute later
            Journey(date(2026, 6, 1), (8 * DAY,)),  # too late: not within a week
            Journey(date(2026, 6, 30), (), registered_s=DAY - 600),  # registered ten minutes before the end
            Journey(date(2026, 6, 29), ()),  # two days ago
        ]
    )
    found = run(made, funnel.times(EVERYBODY, WEEK, ("registered", "verified", "joined")))
    rows = sorted((r.step, r.taken, int(funnel_times.ends(r.bin)), r.members, r.seconds) for r in found.itertuples())
    assert rows == [
        ("joined", 0, 8 * DAY, 1, 0),  # the one who verified within a minute: waited for through the window
        ("joined", 1, 2 * 60, 1, 60),
        ("verified", 0, 11 * 60, 1, 0),
        ("verified", 0, 49 * HOUR, 1, 0),
        ("verified", 0, 8 * DAY, 1, 0),
        ("verified", 1, 60, 1, 59),
        ("verified", 1, 4 * HOUR, 1, 3 * HOUR),
    ]


TIMES = st.lists(st.integers(0, 3 * DAY), max_size=7).map(lambda steps: tuple(sorted(steps)))
MEMBERS = st.lists(
    st.builds(
        Journey,
        registered_on=st.dates(date(2025, 1, 1), AS_OF),
        steps=TIMES,
        dims=st.fixed_dictionaries({"channel": st.sampled_from(["organic", "partner"])}),
        registered_s=st.integers(0, DAY - 1),
    ),
    max_size=25,
)
WINDOWS = st.lists(st.integers(1, 3 * DAY), min_size=7, max_size=7).map(lambda seconds: Windows(tuple(seconds)))


@pytest.fixture(scope="module")
def drawn_book():
    made = connection([])
    yield made
    made.close()


@given(MEMBERS, WINDOWS)
@THOROUGH
def test_the_funnel_is_the_one_in_plain_python_and_its_steps_nest(drawn_book, drawn, windows):
    refill(drawn_book, drawn)
    assert last(drawn_book, windows) == journeys.reached(drawn, windows)
    counts = rules.counts(run(drawn_book, funnel.reached(EVERYBODY, windows, CODES)), 8)
    assert counts[0] == len(drawn)
    assert list(counts) == sorted(counts, reverse=True)


@given(MEMBERS, MEMBERS, WINDOWS)
@THOROUGH
def test_more_members_never_lower_a_count_nor_do_longer_windows(drawn_book, drawn, more, windows):
    def counts(members, laid):
        refill(drawn_book, members)
        return rules.counts(run(drawn_book, funnel.reached(EVERYBODY, laid, CODES)), 8)

    few = counts(drawn, windows)
    assert (counts([*drawn, *more], windows) >= few).all()
    assert (counts(drawn, Windows(tuple(seconds + 1 for seconds in windows.seconds))) >= few).all()


@given(MEMBERS, WINDOWS)
@THOROUGH
def test_times_are_those_in_plain_python(drawn_book, drawn, windows):
    refill(drawn_book, drawn)
    found = run(drawn_book, funnel.times(EVERYBODY, windows, CODES))
    for place, code in enumerate(CODES[1:]):
        waited = []
        for each in drawn:
            if journeys.last_step(each, windows) < place:
                continue
            before = each.steps[place - 1] if place else 0
            window = windows.seconds[place]
            if place < len(each.steps) and each.steps[place] - before <= window:
                waited.append((1, each.steps[place] - before))
            else:
                observed = ((AS_OF - each.registered_on).days + 1) * DAY - each.registered_s - before
                waited.append((0, min(observed, window)))
        rows = found.loc[found["step"] == code]
        assert rows["members"].sum() == len(waited)
        assert rows.loc[rows["taken"] == 1, "seconds"].sum() == sum(seconds for taken, seconds in waited if taken)
        ends = sorted((taken, _end(seconds)) for taken, seconds in waited)
        seen = [(r.taken, int(funnel_times.ends(r.bin))) for r in rows.itertuples() for _ in range(r.members)]
        assert sorted(seen) == ends


def _end(seconds):
    """The end of the minute, hour or day in which a time lies."""
    unit = 60 if seconds < HOUR else HOUR if seconds < 3 * DAY else DAY
    return (seconds // unit + 1) * unit
