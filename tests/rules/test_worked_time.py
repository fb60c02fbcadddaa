"""Working time of many pairs at once, held against the one that goes from day to day."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import worked_time
from rules.working_time import WorkingHours

HOURS = WorkingHours(time(9), time(18, 30))
instants = st.datetimes(datetime(2025, 9, 1), datetime(2026, 3, 1)).map(lambda at: at.replace(microsecond=0))


def series(values):
    return pd.Series(values, dtype="datetime64[us]")


@settings(deadline=None)
@given(st.lists(st.tuples(instants, instants), max_size=12))
def test_it_is_what_going_from_day_to_day_gives(pairs):
    found = worked_time.seconds(HOURS, series([a for a, _ in pairs]), series([b for _, b in pairs]))
    told = [HOURS.between(a.replace(tzinfo=UTC), b.replace(tzinfo=UTC)).total_seconds() for a, b in pairs]
    assert found.tolist() == told


def test_what_is_missing_on_either_side_stays_missing():
    at = datetime(2026, 11, 18, 2)  # a Wednesday, 10:00 in Shanghai
    found = worked_time.seconds(
        HOURS, series([at, None, at]), series([at + timedelta(hours=2), at, None])
    )  # fmt: skip
    assert found[0] == 7_200
    assert np.isnan(found[1:]).all()


def test_a_make_up_sunday_is_worked_and_national_day_is_not():
    sunday = datetime(2026, 9, 20, 1)  # worked in the place of a day of the holiday; 09:00 in Shanghai
    holiday = datetime(2026, 10, 1, 1)
    found = worked_time.seconds(
        HOURS, series([sunday, holiday]), series([sunday + timedelta(hours=3), holiday + timedelta(hours=3)])
    )
    assert found.tolist() == [
        HOURS.between(*(at.replace(tzinfo=UTC) for at in (sunday, sunday + timedelta(hours=3)))).seconds,
        0,
    ]
