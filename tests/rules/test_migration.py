"""Moves between states on two days: shares, ways and whether more moved up, worked by hand."""

import pandas as pd
import pytest

from rules import migration
from rules.default_rates import Verdict
from rules.intervals import wilson

PLACES = {"entered": 0, "none": 1, "ordinary": 2, "silver": 3, "gold": 4, "lapsed": 5, "dormant": 6}
JUDGE = {"significance": 0.05}


def flows(*drawn):
    frame = pd.DataFrame(drawn, columns=["from_state", "to_state", "members"])
    return frame.assign(from_place=frame["from_state"].map(PLACES), to_place=frame["to_state"].map(PLACES))


DRAWN = flows(
    ("entered", "ordinary", 5),
    ("entered", "silver", 1),
    ("none", "ordinary", 7),
    ("none", "silver", 2),
    ("ordinary", "ordinary", 80),
    ("ordinary", "silver", 20),
    ("silver", "silver", 50),
    ("silver", "gold", 30),
    ("silver", "ordinary", 10),
    ("silver", "lapsed", 6),
    ("silver", "dormant", 4),
    ("lapsed", "gold", 3),
    ("dormant", "silver", 8),
    ("dormant", "lapsed", 1),
)


def test_each_way_is_counted_once():
    assert migration.moves(DRAWN) == migration.Moves(
        members=227, entered=6, stayed=130, started=7, rose=2 + 20 + 30, fell=10, lapsed=7, fell_dormant=4, came_back=11
    )
    assert migration.moves(DRAWN).before == 221


def test_shares_of_a_state_sum_to_one_and_few_members_are_thin():
    found = migration.matrix(DRAWN, thin_members=50, **JUDGE)
    assert list(dict.fromkeys(found["from_state"])) == ["entered", "none", "ordinary", "silver", "lapsed", "dormant"]
    assert list(dict.fromkeys(found["to_state"])) == ["ordinary", "silver", "gold", "lapsed", "dormant"]
    assert len(found) == 6 * 5
    assert found.groupby("from_state")["rate"].sum().to_numpy() == pytest.approx(1)
    (cell,) = found.loc[(found["from_state"] == "silver") & (found["to_state"] == "gold")].itertuples()
    (low,), (high,) = wilson([30], [100])
    assert (cell.members, cell.of_members, cell.rate, cell.low, cell.high) == (30, 100, 0.3, low, high)
    assert set(found.loc[found["thin"], "from_state"]) == {"entered", "none", "lapsed", "dormant"}


def test_both_days_sum_to_their_members():
    found = migration.ends(DRAWN)
    assert found["state"].tolist() == ["none", "ordinary", "silver", "gold", "lapsed", "dormant"]
    assert (found["before"].sum(), found["after"].sum()) == (221, 227)
    assert found.set_index("state").loc["silver", ["before", "after"]].tolist() == [100, 81]


def test_the_busiest_step_is_between_tiers_with_enough_members():
    cells = migration.matrix(DRAWN, thin_members=50, **JUDGE)
    step = migration.busiest_rise(cells, DRAWN)
    assert (step["from_state"], step["to_state"], step["rate"]) == ("silver", "gold", 0.3)
    assert migration.busiest_rise(migration.matrix(DRAWN, thin_members=1_000, **JUDGE), DRAWN) is None
    joins = flows(("none", "gold", 900), ("silver", "silver", 100))
    assert migration.busiest_rise(migration.matrix(joins, thin_members=1, **JUDGE), joins) is None


@pytest.mark.parametrize(
    ("rose_before", "verdict"),
    [(40, Verdict.HIGHER), (200, Verdict.LOWER), (105, Verdict.NOISE)],
)
def test_more_up_is_judged_against_the_days_before(rose_before, verdict):
    now = flows(("silver", "gold", 110), ("silver", "silver", 890))
    before = flows(("silver", "gold", rose_before), ("silver", "silver", 1_000 - rose_before), ("entered", "gold", 9))
    found = migration.climb(now, before, 0.05)
    assert (found.rate, found.before_rate, found.verdict) == (0.11, rose_before / 1_000, verdict)
    assert found.difference == pytest.approx(0.11 - rose_before / 1_000)


def test_nobody_before_is_not_compared():
    found = migration.climb(flows(("silver", "gold", 1)), flows(("entered", "silver", 1)), 0.05)
    assert found.verdict is Verdict.NOT_COMPARED


def test_upgrades_by_way_and_change_sum_to_all():
    parts = pd.DataFrame(
        [
            ("silver", "joined", "paid", 6, 600),
            ("silver", "joined", "task", 2, 0),
            ("silver", "returned", "paid", 1, 100),
            ("gold", "rose", "task", 3, 0),
        ],
        columns=["tier", "change", "way", "upgrades", "fee_fen"],
    )
    found = migration.upgrade_ways(parts, **JUDGE).set_index("tier")
    columns = ["upgrades", "paid", "task", "joined", "rose", "returned", "fee_fen"]
    assert found.loc["silver", columns].tolist() == [9, 7, 2, 8, 0, 1, 700]
    assert found.loc["gold", columns].tolist() == [3, 0, 3, 0, 3, 0, 0]
    assert found["paid_rate"].tolist() == [7 / 9, 0.0]
