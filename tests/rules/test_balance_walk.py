"""The movement of balances between buckets, by hand and on random months: every row and column sums exactly."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import balance_walk
from rules.ageing import BUCKETS, STATES
from tests.rules.drawn_months import parts

END = date(2026, 1, 31)
# In December 1,000 current, 100 up to 30 days late and 40 over 90. By January 60 go late, 30 come back, 40 are written
# off, 500 are paid off, 200 are lent; one loan of 70 has no row in January.
DRAWN = parts(
    ("2025-12-31", "", "M0", 10, 0, 1000),
    ("2025-12-31", "", "M1", 2, 0, 100),
    ("2025-12-31", "", "M3+", 1, 0, 40),
    ("2026-01-31", "M0", "M0", 4, 370, 350),
    ("2026-01-31", "M0", "M1", 1, 60, 60),
    ("2026-01-31", "M0", "paid_off", 4, 500, 0),
    ("2026-01-31", "M1", "M0", 1, 30, 25),
    ("2026-01-31", "M1", "M2", 1, 70, 70),
    ("2026-01-31", "M3+", "written_off", 1, 40, 0),
    ("2026-01-31", "", "M0", 2, 0, 200),
    ("2026-01-31", "", "paid_off", 1, 0, 0),
)


def row(found, bucket):
    return found.set_index("bucket").loc[bucket].to_dict()


def test_by_hand():
    found = balance_walk.walk(DRAWN, END)
    assert found["bucket"].tolist() == list(BUCKETS)
    assert row(found, "M0") == {
        "opening_fen": 1000, "lent_fen": 200, "came_fen": 30, "left_fen": -60, "paid_off_fen": -500,
        "written_off_fen": 0, "repaid_fen": (350 - 370) + (25 - 30), "unseen_fen": -70, "closing_fen": 575,
    }  # fmt: skip
    assert row(found, "M1") == {
        "opening_fen": 100, "lent_fen": 0, "came_fen": 60, "left_fen": -100, "paid_off_fen": 0, "written_off_fen": 0,
        "repaid_fen": 0, "unseen_fen": 0, "closing_fen": 60,
    }  # fmt: skip
    assert row(found, "M3+")["written_off_fen"] == -40
    assert row(found, "M3") == dict.fromkeys(found.columns[1:], 0)


def test_a_month_that_is_missing_before_leaves_only_what_is_there_now():
    found = balance_walk.walk(parts(("2026-01-31", "", "M0", 1, 0, 50)), END)
    assert row(found, "M0") | {"lent_fen": 50, "closing_fen": 50} == row(found, "M0")
    assert found["opening_fen"].sum() == 0


fen = st.integers(0, 10**13)
cell = st.tuples(st.sampled_from(["", *BUCKETS]), st.sampled_from(STATES), fen, fen)


@given(st.lists(cell, max_size=30), st.lists(st.tuples(st.sampled_from(BUCKETS), fen), max_size=8))
def test_every_row_and_every_column_sums(cells, before):
    rows = [("2025-12-31", "", bucket, 1, 0, held) for bucket, held in before]
    for was, is_, then, now in cells:
        out = 0 if is_ not in BUCKETS else now
        rows.append(("2026-01-31", was, is_, 1, then if was else 0, out))
    if not rows:
        return
    found = balance_walk.walk(parts(*rows), END)
    flows = found[["opening_fen", *balance_walk.FLOWS]].sum(axis=1)
    assert flows.tolist() == found["closing_fen"].tolist()
    assert found["came_fen"].sum() + found["left_fen"].sum() == 0
    assert found["opening_fen"].sum() == sum(held for _bucket, held in before)
    assert found["closing_fen"].sum() == sum(now for _was, is_, _then, now in cells if is_ in BUCKETS)


@pytest.mark.parametrize("empty", [parts(("2025-11-30", "", "M0", 1, 0, 5))])
def test_a_month_end_without_rows_is_all_zeros(empty):
    found = balance_walk.walk(empty, END)
    assert not found.drop(columns="bucket").to_numpy().any()
