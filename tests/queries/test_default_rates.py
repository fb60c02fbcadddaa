"""Default-rate statements on drawn books, with answers worked by hand."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from queries import controls, default_rates
from rules.filters import DateRange, Definition, Horizon, Selection
from tests.queries.drawn import Loan, book_of, fill, run

ALL_TIME = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())

# Borrower 1 rises from bronze to gold and defaults on the gold loan; 2 defaults on a second bronze loan only;
# 3 defaults too late for H = 12; 4 has not been observed for 12 months; 5 took two loans on one day.
LOANS = [
    Loan(1, date(2024, 1, 10), 100, dims={"tier": "bronze", "province": "A"}, loan_id="1a"),
    Loan(1, date(2024, 7, 10), 200, date(2025, 7, 10), dims={"tier": "gold", "province": "A"}, loan_id="1b"),
    Loan(2, date(2024, 2, 29), 300, dims={"tier": "bronze", "province": "B"}, loan_id="2a", dates_imputed=True),
    Loan(2, date(2024, 3, 1), 400, date(2024, 6, 1), dims={"tier": "bronze", "province": "B"}, loan_id="2b"),
    Loan(3, date(2024, 4, 30), 500, date(2025, 5, 1), dims={"tier": "gold", "province": "A"}, loan_id="3a"),
    Loan(4, date(2025, 7, 1), 600, date(2025, 12, 1), dims={"tier": "bronze", "province": "B"}, loan_id="4a"),
    Loan(5, date(2024, 5, 5), 700, date(2024, 12, 5), dims={"tier": "gold", "province": "B"}, loan_id="5a"),
    Loan(5, date(2024, 5, 5), 800, dims={"tier": "gold", "province": "B"}, loan_id="5b"),
]
BOOK = book_of(LOANS)


def asking(loans):
    connection = duckdb.connect()
    fill(connection, loans, BOOK)
    return lambda statement: run(connection, statement)


@pytest.fixture(scope="module")
def ask():
    return asking(LOANS)


def rows(frame, *columns):
    return list(frame[list(columns)].itertuples(index=False, name=None))


def test_overall_counts_each_borrowers_earliest_loan(ask):
    found = ask(default_rates.overall(ALL_TIME, BOOK))
    assert rows(found, "borrowers", "defaulted", "immature", "imputed") == [
        (4, 1, 1, 1)
    ]  # of 1, 2, 3, 5: 5a; 4 immature
    assert rows(found, "principal_fen", "defaulted_principal_fen") == [(100 + 300 + 500 + 700, 700)]


def test_a_segment_counts_the_earliest_loan_in_it_and_first_only_the_first_of_all(ask):
    found = ask(default_rates.by_segment(ALL_TIME, "tier", BOOK))
    columns = "segment", "borrowers", "defaulted", "principal_fen", "defaulted_principal_fen", "immature"
    assert rows(found, *columns) == [
        ("bronze", 2, 0, 100 + 300, 0, 1),
        ("gold", 3, 2, 200 + 500 + 700, 200 + 700, 0),
    ]
    firsts = "first_borrowers", "first_defaulted", "first_principal_fen", "first_defaulted_principal_fen"
    assert rows(found, *firsts, "first_immature", "first_imputed") == [
        (2, 0, 100 + 300, 0, 1, 1),
        (2, 1, 500 + 700, 700, 0, 0),
    ]


def test_a_default_on_the_last_day_of_the_horizon_counts_and_a_day_later_does_not(ask):
    # 1b defaults 12 months after its disbursement to the day, 3a one day later.
    behind = ask(default_rates.loans_behind(ALL_TIME, (("tier", "gold"),), BOOK))
    assert rows(behind, "loan_id", "defaulted") == [("5a", 1), ("1b", 1), ("3a", 0)]  # the defaulted first
    assert behind["months_to_default"].tolist()[:2] == [7, 12]
    assert behind["default_on"].isna().tolist() == [False, False, True]


def test_the_final_outcome_counts_only_loans_whose_outcome_is_final():
    ask = asking([replace(loan, final_observed=loan.borrower in {3, 4}) for loan in LOANS])
    found = ask(default_rates.overall(replace(ALL_TIME, horizon=Horizon.FINAL), BOOK))
    assert rows(found, "borrowers", "defaulted", "immature") == [(2, 2, 3)]


def test_a_period_makes_the_first_loan_within_it_the_earliest(ask):
    period = replace(ALL_TIME, disbursed=DateRange(date(2024, 3, 1), date(2024, 12, 31)))
    found = ask(default_rates.overall(period, BOOK))
    assert rows(found, "borrowers", "defaulted") == [(4, 3)]  # 1b, 2b and 5a default, 3a too late


def test_a_filter_makes_the_first_loan_that_passes_the_earliest(ask):
    gold = ALL_TIME.narrowed("tier", "gold")
    assert rows(ask(default_rates.overall(gold, BOOK)), "borrowers", "defaulted") == [(3, 2)]
    assert rows(ask(default_rates.by_segment(gold, "province", BOOK)), "segment", "borrowers") == [("A", 2), ("B", 1)]


def test_pairs_are_segments_of_two_dimensions(ask):
    found = ask(default_rates.by_pair(ALL_TIME, "province", "tier", BOOK))
    assert rows(found, "row_segment", "column_segment", "borrowers", "defaulted", "first_borrowers") == [
        ("A", "bronze", 1, 0, 1),
        ("A", "gold", 2, 1, 1),
        ("B", "bronze", 1, 0, 1),
        ("B", "gold", 1, 1, 1),
    ]


def test_strata_of_a_group_sum_to_the_group_for_each_control(ask):
    found = ask(default_rates.by_group_and_stratum(ALL_TIME, "tier", ["province", "tier", "channel"], BOOK))
    assert rows(found, "group_segment", "control", "stratum", "borrowers", "defaulted") == [
        ("bronze", "channel", "unknown", 2, 0),
        ("bronze", "province", "A", 1, 0),
        ("bronze", "province", "B", 1, 0),
        ("gold", "channel", "unknown", 3, 2),
        ("gold", "province", "A", 2, 1),
        ("gold", "province", "B", 1, 1),
    ]


def test_control_totals_count_every_loan_that_passes(ask):
    found = ask(controls.totals(controls.WHOLE_BOOK, BOOK))
    assert rows(found, "loans", "borrowers", "principal_fen") == [(8, 5, 3600)]
    found = ask(controls.totals(ALL_TIME.narrowed("province", "B"), BOOK))
    assert rows(found, "loans", "borrowers", "principal_fen") == [(5, 3, 2800)]


def test_a_control_total_is_null_where_no_loan_records_it_and_else_the_sum_of_those_that_do():
    day = date(2025, 1, 10)
    drawn = [
        Loan(1, day, outstanding_fen=70, overdue_fen=None),
        Loan(2, day, outstanding_fen=None, overdue_fen=None),
    ]
    found = asking(drawn)(controls.totals(controls.WHOLE_BOOK, book_of(drawn)))
    assert found["outstanding_fen"].item() == 70
    assert found["overdue_fen"].isna().item()


@pytest.mark.parametrize("value", ["' OR 1=1 --", "unknown", "bronze'", "\x00", "金"])
def test_a_hostile_value_is_only_a_value(ask, value):
    hostile = ALL_TIME.narrowed("tier", value)
    assert rows(ask(default_rates.overall(hostile, BOOK)), "borrowers", "defaulted", "immature") == [(0, 0, 0)]
    assert ask(default_rates.by_segment(hostile, "province", BOOK)).empty
    assert ask(default_rates.loans_behind(ALL_TIME, (("tier", value),), BOOK)).empty


def test_an_empty_book_gives_zeros_and_no_rows():
    empty, ask = book_of([]), asking([])
    assert rows(ask(default_rates.overall(ALL_TIME, empty)), "borrowers", "principal_fen") == [(0, 0)]
    assert rows(ask(controls.totals(ALL_TIME, empty)), "loans", "borrowers", "overdue_fen") == [(0, 0, 0)]
    for statement in (
        default_rates.by_segment(ALL_TIME, "tier", empty),
        default_rates.by_pair(ALL_TIME, "tier", "province", empty),
        default_rates.by_group_and_stratum(ALL_TIME, "tier", ["province"], empty),
        default_rates.loans_behind(ALL_TIME, (), empty),
    ):
        assert ask(statement).empty


def test_the_first_loans_behind_a_number_are_the_first_of_all_of_them(ask):
    everything = ask(default_rates.loans_behind(ALL_TIME, (), BOOK))
    first = ask(default_rates.loans_behind(ALL_TIME, (), BOOK, first=2))
    assert len(everything) > len(first) == 2
    assert first["loan_id"].tolist() == everything["loan_id"].tolist()[:2]
