"""Month-end statements on drawn books."""

from collections import Counter
from datetime import date
from functools import reduce

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries import months
from rules.ageing import STATES
from rules.filters import DateRange, Definition, Horizon, Selection
from tests.queries.drawn import Month, book_of, fill, month_rows, refill_months, run

EVERYTHING = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())
FEB, MARCH = date(2026, 2, 28), date(2026, 3, 31)
GOLD = {"tier": "gold"}
DRAWN = [
    Month(FEB, "M0", 100, dims=GOLD),
    Month(MARCH, "M0", 90, "M0", 100, dims=GOLD),
    Month(MARCH, "M1", 50, "M0", 50),
    Month(MARCH, "M1", 40, "M0", 45, rescheduled=True, dims=GOLD),
    Month(MARCH, "paid_off", 0, "M3+", 30),
    Month(MARCH, "M2", 20),  # after a gap
]


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def drawing():
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    fill(connection, [], book_of([]), DRAWN)
    yield connection
    connection.close()


@pytest.fixture
def ask(drawing):
    refill_months(drawing, DRAWN)
    return lambda statement: [(row[0].date(), *row[1:]) for row in rows(run(drawing, statement))]


def test_by_hand(ask):
    assert ask(months.transitions(EVERYTHING)) == [
        (FEB, "", "M0", 1, 0, 100, 0),
        (MARCH, "M0", "M0", 1, 100, 90, 0),
        (MARCH, "M0", "M1", 2, 50 + 45, 50 + 40, 1),
        (MARCH, "M3+", "paid_off", 1, 30, 0, 0),
        (MARCH, "", "M2", 1, 0, 20, 0),
    ]


def test_from_a_month_end_on_and_of_one_tier(ask):
    assert [row[0] for row in ask(months.transitions(EVERYTHING, first=MARCH))] == [MARCH] * 4
    assert ask(months.transitions(EVERYTHING.narrowed("tier", "gold"), first=MARCH)) == [
        (MARCH, "M0", "M0", 1, 100, 90, 0),
        (MARCH, "M0", "M1", 1, 45, 40, 1),
    ]


def test_a_month_end_holds_every_vintage_whatever_the_period(ask):
    narrow = Selection(DateRange(MARCH, MARCH), None, Definition.DPD90, Horizon.M12, ())
    assert ask(months.transitions(narrow)) == ask(months.transitions(narrow.over_all_time()))


def test_no_month_ends():
    connection = duckdb.connect()
    fill(connection, [], book_of([]))
    assert rows(run(connection, months.transitions(EVERYTHING))) == []


# None, one and several choices of what every page offers, and one of what it does not.
CHOSEN = [
    (),
    (("tier", "gold"),),
    (("tier", "gold"), ("tier", "unknown")),
    (("tier", "gold"), ("channel", "unknown")),
    (("tier", "unknown"), ("term", "unknown")),
    (("term", "unknown"),),
]
DRAWN_MONTH = st.builds(
    Month,
    month_end=st.sampled_from([FEB, MARCH]),
    bucket=st.sampled_from(STATES),
    outstanding_fen=st.integers(0, 9),
    previous_bucket=st.none() | st.sampled_from(STATES[:5]),
    previous_outstanding_fen=st.none() | st.integers(0, 9),
    rescheduled=st.booleans(),
    dims=st.sampled_from([GOLD, {}]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DRAWN_MONTH, max_size=12), st.sampled_from(CHOSEN), st.sampled_from([None, FEB, MARCH]))
def test_every_month_end_is_counted_once(drawing, drawn, chosen, first):
    refill_months(drawing, drawn)
    selection = reduce(lambda each, choice: each.narrowed(*choice), chosen, EVERYTHING)
    expected = {}
    for row in month_rows(drawn):
        if any(row[code] != value for code, value in chosen) or (first and row["month_end"] < first):
            continue
        cell = expected.setdefault((row["month_end"], row["previous_bucket"] or "", row["bucket"]), Counter())
        cell["loans"] += 1
        cell["before"] += row["previous_outstanding_fen"] or 0
        cell["now"] += row["outstanding_fen"]
        cell["moved"] += row["rescheduled"]
    found = rows(run(drawing, months.transitions(selection, first=first)))
    assert {(row[0].date(), *row[1:3]): row[3:] for row in found} == {
        key: (cell["loans"], cell["before"], cell["now"], cell["moved"]) for key, cell in expected.items()
    }
