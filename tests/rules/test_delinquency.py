import numpy as np
import pytest

from rules import delinquency
from rules.ageing import BUCKETS
from rules.delinquency import Late
from tests.rules.drawn_months import parts

# A book that doubles from November to January. February is missing.
DRAWN = parts(
    ("2025-11-30", "", "M0", 10, 0, 1000),
    ("2025-12-31", "M0", "M0", 9, 900, 880),
    ("2025-12-31", "M0", "M1", 1, 100, 100),
    ("2025-12-31", "", "M0", 6, 0, 520),
    ("2026-01-31", "M0", "M0", 15, 1400, 1300),
    ("2026-01-31", "", "M0", 7, 0, 600),
    ("2026-01-31", "M1", "M2", 1, 100, 100),
    ("2026-03-31", "", "M0", 20, 0, 1500),
    ("2026-03-31", "", "M3+", 2, 0, 120),
    ("2026-03-31", "M3+", "written_off", 1, 75, 0),
    ("2026-03-31", "M0", "paid_off", 1, 60, 0),
)


def rows(found, *columns):
    return list(
        found[list(columns)].astype(object).where(found[list(columns)].notna(), None).itertuples(index=False, name=None)
    )


def test_ratios_by_hand():
    found = delinquency.ratios(DRAWN, Late.DPD30)
    assert rows(
        found, "late_fen", "outstanding_fen", "lagged_outstanding_fen", "late_loans", "loans", "written_off_fen"
    ) == [
        (0, 1000, None, 0, 10, 0),
        (0, 880 + 100 + 520, None, 0, 16, 0),
        (100, 1300 + 600 + 100, 1000, 1, 23, 0),
        (120, 1500 + 120, 2000, 2, 22, 75),
    ]
    assert found["current_ratio"].tolist() == pytest.approx([0, 0, 100 / 2000, 120 / 1620])
    assert found["lagged_ratio"].tolist()[2:] == pytest.approx([100 / 1000, 120 / 2000])


def test_each_threshold_has_its_buckets_and_its_lag():
    assert [late.buckets for late in Late] == [("M2", "M3", "M3+"), ("M3", "M3+"), ("M3+",)]
    assert [late.lag_months for late in Late] == [2, 3, 4]
    late60 = delinquency.ratios(DRAWN, Late.DPD60)
    assert late60["late_fen"].tolist() == [0, 0, 0, 120]
    assert rows(late60, "lagged_outstanding_fen")[-1] == (1500,)  # of December
    assert rows(delinquency.ratios(DRAWN, Late.DPD90), "lagged_outstanding_fen")[-1] == (1000,)  # of November


def test_a_missing_month_end_is_not_replaced_by_another():
    found = delinquency.ratios(parts(("2026-03-31", "", "M2", 1, 0, 5), ("2026-04-30", "", "M2", 1, 0, 5)), Late.DPD30)
    assert np.isnan(found["lagged_ratio"]).all()
    leap = delinquency.ratios(parts(("2024-02-29", "", "M0", 1, 0, 50), ("2024-04-30", "", "M2", 1, 0, 5)), Late.DPD30)
    assert leap["lagged_ratio"].tolist()[1] == 0.1


def test_what_growth_hides():
    found = delinquency.standing(delinquency.ratios(DRAWN.loc[DRAWN["month_end"] < "2026-02-01"], Late.DPD30))
    assert (found.current_ratio, found.lagged_ratio, found.growth_hides) == pytest.approx((0.05, 0.1, 0.05))
    assert str(found.month_end) == "2026-01-31"
    assert np.isnan(found.year_before_current_ratio)
    two_years = parts(
        ("2024-01-31", "", "M0", 1, 0, 80), ("2024-02-29", "", "M0", 1, 0, 60), ("2024-02-29", "", "M2", 1, 0, 20),
        ("2025-02-28", "", "M0", 1, 0, 50),
    )  # fmt: skip
    assert delinquency.standing(delinquency.ratios(two_years, Late.DPD30)).year_before_current_ratio == 20 / 80


def test_shares_of_the_balance_sum_to_one_and_leave_out_what_has_left():
    found = delinquency.shares(DRAWN)
    march = found.loc[found["month_end"] == "2026-03-31"].set_index("bucket")
    assert march.index.tolist() == list(BUCKETS)
    assert march["outstanding_fen"].tolist() == [1500, 0, 0, 0, 120]
    assert march["loans"].tolist() == [20, 0, 0, 0, 2]
    assert found.groupby("month_end")["share"].sum().tolist() == pytest.approx([1, 1, 1, 1])


def test_no_month_ends_and_no_balance():
    assert delinquency.standing(delinquency.ratios(parts(), Late.DPD30)) is None
    assert delinquency.shares(parts()).empty
    gone = delinquency.ratios(parts(("2026-03-31", "M0", "paid_off", 1, 9, 0)), Late.DPD30)
    assert np.isnan(gone["current_ratio"]).all()
