from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import loss_forecast
from rules.ageing import BUCKETS, STATES
from tests import vectors
from tests.rules.drawn_months import parts

MARCH = date(2026, 3, 31)


def test_the_occs_third_step():
    case = vectors.case("occ_roll_rate_step3")
    balances, factors = list(case["balances"].values()), [pct / 100 for pct in case["loss_factor_pct"].values()]
    found = loss_forecast.losses(balances, factors)
    assert found.round(1).tolist() == case["printed_losses"]
    assert [
        round(sum(balances), 1),
        round(100 * found.round(1).sum() / sum(balances), 2),
        round(found.round(1).sum(), 1),
    ] == (case["printed_total"])
    total, share = case["full_precision"]
    assert (round(found.sum(), 4), round(found.sum() / sum(balances), 6)) == (total, share)


#   from    to and how much of the balance (and how many loans)
LADDER = parts(
    ("2026-03-31", "", "M0", 10, 0, 100),  # new, out now
    ("2026-03-31", "M0", "M0", 90, 900, 850),
    ("2026-03-31", "M0", "M1", 10, 100, 100),
    ("2026-03-31", "M1", "M0", 5, 50, 50),
    ("2026-03-31", "M1", "M2", 5, 40, 40),
    ("2026-03-31", "M1", "paid_off", 1, 10, 0),
    ("2026-03-31", "M2", "M3", 4, 30, 30),
    ("2026-03-31", "M2", "written_off", 1, 10, 0),  # worse than any bucket
    ("2026-03-31", "M2", "M2", 5, 40, 40),
    ("2026-03-31", "M3", "M3+", 4, 20, 20),
    ("2026-03-31", "M3+", "M3+", 10, 80, 80),
    ("2026-03-31", "M3+", "written_off", 3, 15, 0),
    ("2026-03-31", "M3+", "M0", 1, 5, 5),
)


def test_straight_down_by_hand():
    found = loss_forecast.forecast(LADDER, [MARCH]).set_index("bucket")
    rolls = [100 / 1000, 40 / 100, (30 + 10) / 80, 1.0, 15 / 20]
    assert found["forward_roll"].tolist() == pytest.approx(rolls)
    assert found["loss_factor"].tolist() == pytest.approx([np.prod(rolls[n:]) for n in range(5)])
    assert found["balance_fen"].tolist() == [100 + 850 + 50 + 5, 100, 40 + 40, 30, 20 + 80]
    assert loss_forecast.total_fen(found) == pytest.approx(
        sum(balance * np.prod(rolls[n:]) for n, balance in enumerate([1005, 100, 80, 30, 100]))
    )


def test_to_the_end_by_hand():
    # Half of M0 stays, 0.3 are paid off, 0.2 go to M3+; of there half goes back, half is written off.
    drawn = parts(
        ("2026-03-31", "M0", "M0", 50, 0, 700),
        ("2026-03-31", "M0", "paid_off", 30),
        ("2026-03-31", "M0", "M3+", 20, 0, 40),
        ("2026-03-31", "M3+", "M0", 5, 0, 60),
        ("2026-03-31", "M3+", "written_off", 5),
    )
    found = loss_forecast.absorbing(drawn, [MARCH]).set_index("bucket")
    # Written off w = 0.5 w + 0.2 v, v = 0.5 w + 0.5: w = 0.25, v = 0.625.
    # Months m = 1 + 0.5 m + 0.2 n, n = 1 + 0.5 m: m = 3, n = 2.5.
    assert found.loc[["M0", "M3+"], "written_off"].tolist() == pytest.approx([0.25, 0.625])
    assert found.loc[["M0", "M3+"], "paid_off"].tolist() == pytest.approx([0.75, 0.375])
    assert found.loc[["M0", "M3+"], "expected_months"].tolist() == pytest.approx([3, 2.5])
    assert found["of_loans"].tolist() == [100, 0, 0, 0, 10]
    assert found["written_off"].isna().tolist() == [False, True, True, True, False]
    assert loss_forecast.total_fen(found) == pytest.approx(760 * 0.25 + 40 * 0.625)  # what holds no balance loses none


def test_what_never_leaves_is_not_told():
    drawn = parts(
        ("2026-03-31", "M0", "M1", 5, 0, 0), ("2026-03-31", "M1", "M1", 5, 0, 9), ("2026-03-31", "M2", "paid_off", 1)
    )
    found = loss_forecast.absorbing(drawn, [MARCH]).set_index("bucket")
    assert found["expected_months"].isna().tolist() == [True, True, False, True, True]
    assert found.loc["M2", ["expected_months", "paid_off"]].tolist() == [1, 1]
    assert np.isnan(loss_forecast.total_fen(found))
    down = loss_forecast.forecast(drawn, [MARCH])
    assert np.isnan(down["forward_roll"]).tolist() == [True, True, True, True, True]  # no balance before


def test_no_months():
    for method in (loss_forecast.forecast, loss_forecast.absorbing):
        found = method(parts(), [])
        assert found["bucket"].tolist() == list(BUCKETS)
        assert loss_forecast.total_fen(found) == 0


def test_the_balance_is_the_newest_months():
    drawn = pd.concat([LADDER, parts(("2026-02-28", "M0", "M0", 5, 10, 10))])
    for method in (loss_forecast.forecast, loss_forecast.absorbing):
        assert method(drawn, [date(2026, 2, 28), MARCH])["balance_fen"].iloc[0] == 1005
        assert method(drawn, [date(2026, 2, 28)])["balance_fen"].iloc[0] == 10


ROWS = st.lists(st.tuples(st.sampled_from(BUCKETS), st.sampled_from(STATES), st.integers(1, 20)), max_size=14)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_the_chain_ends_where_walking_it_for_long_ends(rows):
    drawn = parts(*(("2026-03-31", *row, 0, 1) for row in rows))
    found = loss_forecast.absorbing(drawn, [MARCH])
    counts = np.zeros((7, 7))
    for before, now, loans in rows:
        counts[STATES.index(before), STATES.index(now)] += loans
    sums = counts.sum(axis=1, keepdims=True)
    step = np.divide(counts, sums, out=np.zeros((7, 7)), where=sums > 0)
    step[5, 5] = step[6, 6] = 1
    ends = np.linalg.matrix_power(step, 100_000)[:5]
    leaves = ends[:, 5:].sum(axis=1) > 1 - 1e-9
    assert found["written_off"].notna().tolist() == leaves.tolist()
    assert found.loc[leaves, "written_off"].to_numpy() == pytest.approx(ends[leaves, 6], abs=1e-6)
    assert (found["written_off"] + found["paid_off"])[leaves].to_numpy() == pytest.approx(1.0)
