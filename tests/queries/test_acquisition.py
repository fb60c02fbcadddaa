"""Costs and outcomes on drawn tables: they re-sum to what was booked over any filter, farmed ones added once."""

from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.schema import CreateTable

from loanbook import constructs
from loanbook.referrals.acquisition_schema import COHORT, acquired, acquired_loan, acquisition_cost, acquisition_sum
from loanbook.referrals.growth_schema import member_place
from loanbook.snapshot_schema import member_journey
from queries import acquisition, acquisition_weeks
from queries import acquisition_cells as cells_of
from queries.acquisition import By
from rules import acquisition_cells
from rules.filters import DateRange, Definition
from rules.member_filters import MemberSelection
from tests.queries.drawn import run

EVERYBODY = MemberSelection(DateRange(), None, ())
AUTUMN = DateRange(date(2026, 9, 1), date(2026, 11, 30))
TOLD = {"definition": Definition.DPD90, "horizon_months": 12}


@pytest.fixture(scope="module")
def drawing():
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    for table in (acquisition_cost, acquisition_sum, acquired, acquired_loan, member_journey, member_place):
        connection.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    members = pa.table({"member_no": [1, 2, 3, 4], "member_id": ["m1", "m2", "m3", "m4"]})
    connection.register("members", members)
    for table in (member_journey, member_place):
        connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM members")
    yield connection
    connection.close()


WINDOW_DAYS = 90


def fill_bookings(connection, rows):
    """The bookings, and their sums as a refresh keeps them."""
    fill(connection, acquisition_cost, rows)
    connection.execute(f"TRUNCATE {acquisition_sum.name}")
    ways = ", ".join(COHORT)
    within = f"FILTER (after_days <= {WINDOW_DAYS})"
    connection.execute(
        f"INSERT INTO acquisition_sum SELECT day, {ways}, part, count(*), sum(fen), count(*) {within}, "
        f"coalesce(sum(fen) {within}, 0) FROM acquisition_cost GROUP BY ALL"
    )


def fill(connection, table, rows):
    connection.execute(f"TRUNCATE {table.name}")
    if rows:
        connection.register("drawn_rows", pa.table(pd.DataFrame(rows)))
        connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM drawn_rows")
        connection.unregister("drawn_rows")


WAYS = {
    ("advertising", "7"): ("advertising", "7"),
    ("referral", "unknown"): ("advertising", "7"),
    ("partner", "8"): ("partner", "8"),
    ("organic", "unknown"): ("organic", "unknown"),
}
BOOKING = st.fixed_dictionaries(
    {
        "day": st.none() | st.dates(date(2026, 8, 1), date(2026, 12, 31)),
        "way": st.sampled_from(list(WAYS)),
        "part": st.sampled_from(["media", "reward_l1", "reward_l2plus", "invitee_benefit", "reversal"]),
        "member_no": st.none() | st.integers(1, 4),
        "beneficiary_no": st.none() | st.integers(1, 4),
        "fen": st.integers(0, 10**9),
        "after_days": st.integers(0, 200),
    }
)


def booked(bookings):
    return [
        {
            **{name: row[name] for name in ("day", "part", "member_no", "beneficiary_no", "after_days")},
            **dict(zip(("channel", "campaign"), row["way"], strict=True)),
            **dict(zip(("inherited_channel", "inherited_campaign"), WAYS[row["way"]], strict=True)),
            "fen": -row["fen"] if row["part"] == "reversal" else row["fen"],
        }
        for row in bookings
    ]


def passes(row, selection, *, inherit):
    first, last = selection.registered.first, selection.registered.last
    within = (first is None or (row["day"] or date.min) >= first) and (last is None or (row["day"] or date.max) <= last)
    own = {code: row[f"inherited_{code}" if inherit else code] for code in ("channel", "campaign")}
    return within and all(own[code] in values for code, values in selection.choices if code in own)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(BOOKING, max_size=10),
    st.sampled_from(list(By)),
    st.booleans(),
    st.sampled_from([DateRange(), AUTUMN, DateRange(None, date(2026, 9, 1))]),
    st.sampled_from([(), (("channel", ("advertising", "organic")),), (("campaign", ("8",)), ("province", ("Hebei",)))]),
    st.sampled_from([(), ("m1",), ("m2", "m3", "nobody")]),
)
def test_costs_re_sum_to_the_cent_over_any_filter(drawing, bookings, by, inherit, registered, choices, farmed):
    rows = booked(bookings)
    fill_bookings(drawing, rows)
    selection = MemberSelection(registered, None, choices)
    found = run(drawing, acquisition.costs(selection, by, inherit=inherit, farmed=farmed))
    kept = [row for row in rows if passes(row, selection, inherit=inherit)]
    numbers = {int(each[1]) for each in farmed if each != "nobody"}
    expected: dict[tuple[str, str], int] = {}
    for row in kept:
        marked = {row["member_no"], row["beneficiary_no"]} & numbers and row["part"] != "reversal"
        value = {
            By.TOGETHER: "",
            By.MONTH: f"{row['day']:%Y-%m}" if row["day"] else "",
            By.CHANNEL: row["inherited_channel" if inherit else "channel"],
            By.CAMPAIGN: row["inherited_campaign" if inherit else "campaign"],
        }[by]
        key = value, "farmed" if marked else row["part"]
        expected[key] = expected.get(key, 0) + row["fen"]
    assert {(row.value, row.part): row.fen for row in found.itertuples()} == expected
    assert found["fen"].sum() == sum(row["fen"] for row in kept)
    assert found["bookings"].sum() == len(kept)
    behind = run(drawing, acquisition.bookings(selection, inherit=inherit, farmed=farmed))
    assert len(behind) == len(kept)  # what a file holds
    if by in {By.CHANNEL, By.CAMPAIGN} and kept:
        assert behind.groupby([by.value, "part"])["amount_fen"].sum().to_dict() == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(BOOKING, max_size=10),
    st.sampled_from(list(By)),
    st.booleans(),
    st.sampled_from([DateRange(), AUTUMN, DateRange(None, date(2026, 9, 30))]),
    st.sampled_from([(), (("channel", ("advertising", "organic")),), (("campaign", ("8",)), ("province", ("Hebei",)))]),
    st.sampled_from([(), ("m1",), ("m2", "m3", "nobody")]),
)
def test_costs_formed_from_cells_are_those_of_the_bookings(drawing, bookings, by, inherit, registered, choices, farmed):
    fill_bookings(drawing, booked(bookings))
    selection = MemberSelection(registered, None, choices)
    cells = run(drawing, cells_of.costs(selection, inherit=inherit))
    if farmed:
        theirs = run(drawing, cells_of.farmed(selection, farmed, inherit=inherit))
        cells = acquisition_cells.with_farmed(cells, theirs)
    expected = run(drawing, acquisition.costs(selection, by, inherit=inherit, farmed=farmed))
    found = acquisition_cells.costs(cells, by.value, registered)
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
    if not inherit:
        expected = run(drawing, acquisition.window_costs(selection))
        found = acquisition_cells.costs(cells, "", registered, window=True)
        assert found.to_numpy().tolist() == expected.to_numpy().tolist()


def test_only_what_was_booked_by_an_age_of_the_cohort(drawing):
    row = {"day": date(2026, 9, 1), "way": ("referral", "unknown"), "part": "reward_l1", "member_no": 1}
    ages = (0, WINDOW_DAYS, WINDOW_DAYS + 1)
    rows = booked([{**row, "beneficiary_no": 2, "fen": 10**days, "after_days": age} for days, age in enumerate(ages)])
    late = {**row, "part": "reward_l2plus", "beneficiary_no": 2, "fen": 5, "after_days": WINDOW_DAYS + 1}
    fill_bookings(drawing, [*rows, *booked([late])])
    found = run(drawing, acquisition.window_costs(EVERYBODY))
    assert found.to_numpy().tolist() == [["", "reward_l1", 2, 11]]


def brought(day, way, **told):
    sums = dict.fromkeys((*acquisition._SUMS, "observed_12", "bad_90_12"), 0)
    return {
        "registered_on": day, **sums, **told,
        **dict(zip(("channel", "campaign"), way, strict=True)),
        **dict(zip(("inherited_channel", "inherited_campaign"), WAYS[way], strict=True)),
    }  # fmt: skip


ROWS = [
    brought(date(2026, 9, 1), ("advertising", "7"), members=8, borrowers=3, reward_fen=800, borrower_reward_fen=700,
            observed_12=3, bad_90_12=1, first_due=3),
    brought(date(2026, 10, 1), ("advertising", "7"), members=2, borrowers=2, first_due=2, first_missed=1),
    brought(date(2026, 10, 1), ("referral", "unknown"), members=7),
]  # fmt: skip


def test_outcomes_by_hand(drawing):
    fill(drawing, acquired, ROWS)
    found = run(drawing, acquisition.outcomes(EVERYBODY, By.CHANNEL, **TOLD)).set_index("value")
    columns = ["members", "borrowers", "reward_fen", "borrower_reward_fen", "observed", "defaulted", "first_missed"]
    assert found.loc["advertising", columns].tolist() == [10, 5, 800, 700, 3, 1, 1]
    assert found.loc["referral", columns].tolist() == [7, 0, 0, 0, 0, 0, 0]
    inherited = run(drawing, acquisition.outcomes(EVERYBODY, By.CAMPAIGN, inherit=True, **TOLD))
    assert inherited[["value", "members"]].to_numpy().tolist() == [["7", 17]]
    months = run(
        drawing, acquisition.outcomes(MemberSelection(DateRange(date(2026, 10, 1)), None, ()), By.MONTH, **TOLD)
    )
    assert months[["value", "members"]].to_numpy().tolist() == [["2026-10", 9]]


def test_ages_by_hand(drawing):
    def loans(day, way, months, **told):
        row = {name: value for name, value in brought(day, way).items() if name in acquired_loan.c}
        return {**row, "loan_months": months, "bad_90_12": 0, **told}

    advertising = "advertising", "7"
    rows = [
        loans(date(2026, 9, 1), advertising, 12, borrowers=3, bad_90_12=1, first_due=3),
        loans(date(2026, 10, 1), advertising, 11, borrowers=2, bad_90_12=1, first_due=2, first_missed=1),
        loans(date(2026, 10, 2), advertising, 11, borrowers=4, first_due=1),
    ]
    fill(drawing, acquired_loan, rows)
    found = run(drawing, acquisition.ages(EVERYBODY, By.TOGETHER, **TOLD))
    assert found.to_numpy().tolist() == [["", 11, 6, 1, 3, 1], ["", 12, 3, 1, 3, 0]]
    october = MemberSelection(DateRange(date(2026, 10, 1), date(2026, 10, 1)), None, ())
    found = run(drawing, acquisition.ages(october, By.MONTH, **TOLD))
    assert found.to_numpy().tolist() == [["2026-10", 11, 2, 1, 2, 1]]


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("inherit", [False, True])
@pytest.mark.parametrize("registered", [DateRange(), DateRange(date(2026, 10, 1)), DateRange(None, date(2026, 9, 30))])
def test_outcomes_formed_from_cells_are_those_of_the_cohorts(drawing, by, inherit, registered):
    fill(drawing, acquired, ROWS)
    selection = MemberSelection(registered, None, ())
    expected = run(drawing, acquisition.outcomes(selection, by, inherit=inherit, **TOLD))
    cells = run(drawing, cells_of.outcomes(selection, inherit=inherit, **TOLD))
    found = acquisition_cells.outcomes(cells, by.value, registered)
    assert found.columns.tolist() == expected.columns.tolist()
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()


def test_nobody_has_no_outcomes(drawing):
    fill(drawing, acquired, ROWS)
    nobody = MemberSelection(DateRange(date(2027, 1, 1)), None, ())
    assert run(drawing, acquisition.outcomes(nobody, By.TOGETHER, **TOLD)).empty


def test_weeks_end_on_the_day_of_the_data(drawing):
    fill(drawing, acquired, ROWS)
    row = {"way": ("advertising", "7"), "part": "media", "member_no": None, "beneficiary_no": None, "after_days": 0}
    days = [date(2026, 10, 8), date(2026, 10, 2), date(2026, 10, 1), date(2026, 9, 1)]
    fill_bookings(drawing, booked([{**row, "day": day, "fen": 10**place} for place, day in enumerate(days)]))
    as_of = date(2026, 10, 8)
    assert run(drawing, acquisition_weeks.costs(EVERYBODY, as_of, 5, 7)).to_numpy().tolist() == [[0, 11], [1, 100]]
    assert run(drawing, acquisition_weeks.outcomes(EVERYBODY, as_of, 6))[["week", "members"]].to_numpy().tolist() == [
        [1, 9], [5, 8],
    ]  # fmt: skip
