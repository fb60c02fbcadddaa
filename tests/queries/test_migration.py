"""Where members stood on two days, upgrades, stays and what came before moves: drawn rows with answers by hand."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries import migration
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.migration import ENTERED, ends, matrix, moves
from tests.queries.drawn import run
from tests.queries.drawn_movement import STATES, draw, snapshot

EVERYBODY = MemberSelection(DateRange(), None, ())
GOLD = EVERYBODY.narrowed("current_tier", "gold")
START = date(2024, 1, 1)


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


def day(number):
    return START + timedelta(days=number)


def stretch(member, state, first, last):
    return {"member_no": member, "state": state, "from_on": day(first), "last_on": day(last)}


@pytest.fixture(scope="module")
def made():
    connection = snapshot()
    draw(connection, "member_journey", [
        {"member_no": number, "registered_on": START, "current_tier": "gold" if number == 2 else "silver"}
        for number in range(1, 6)
    ])  # fmt: skip
    yield connection
    connection.close()


DRAWN = [
    stretch(1, "silver", 0, 99),
    stretch(2, "silver", 0, 49),
    stretch(2, "gold", 50, 99),
    stretch(3, "none", 0, 9),
    stretch(3, "dormant", 10, 99),
    stretch(4, "silver", 60, 99),  # registers between the two days
    stretch(5, "none", 90, 99),  # and after them
]


def test_flows_by_hand(made):
    draw(made, "member_state", DRAWN)
    found = rows(run(made, migration.flows(EVERYBODY, day(9), day(80))))
    assert sorted(found, key=lambda row: row[2:4]) == [
        (ENTERED, "silver", 0, 3, 1),
        ("none", "dormant", 1, 6, 1),
        ("silver", "silver", 3, 3, 1),
        ("silver", "gold", 3, 4, 1),
    ]


def test_flows_of_those_who_pass(made):
    draw(made, "member_state", DRAWN)
    assert rows(run(made, migration.flows(GOLD, day(9), day(80)))) == [("silver", "gold", 3, 4, 1)]


def test_the_first_and_the_last_day_of_a_stretch_are_in_it(made):
    draw(made, "member_state", DRAWN)
    narrow = migration.flows(GOLD, day(49), day(50))
    assert rows(run(made, narrow)) == [("silver", "gold", 3, 4, 1)]
    assert rows(run(made, migration.flows(GOLD, day(48), day(49)))) == [("silver", "silver", 3, 3, 1)]


HISTORY = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(STATES)), min_size=1, max_size=5)
MEMBERS = st.lists(st.tuples(st.integers(0, 60), HISTORY), max_size=8)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MEMBERS, st.integers(0, 60), st.integers(1, 60))
def test_the_states_of_both_days_sum_to_the_members(made, drawn, first, length):
    last = first + length
    stretches, by_day = [], []
    for number, (registered, history) in enumerate(drawn):
        on, states = registered, {}
        for days, state in history:
            stretches.append(stretch(number, state, on, on + days - 1))
            states |= dict.fromkeys(range(on, on + days), state)
            on += days
        stretches.append(stretch(number, "dormant", on, 400))
        by_day.append(states | dict.fromkeys(range(on, 401), "dormant"))
    draw(made, "member_state", stretches)
    found = run(made, migration.flows(EVERYBODY, day(first), day(last)))
    expected = Counter((of.get(first, ENTERED), of[last]) for of in by_day if last in of)
    assert {(row.from_state, row.to_state): row.members for row in found.itertuples()} == dict(expected)
    if found.empty:
        return
    at_both = ends(found)
    assert at_both["before"].sum() == sum(first in of for of in by_day)
    assert at_both["after"].sum() == sum(last in of for of in by_day)
    cells = matrix(found, significance=0.05, thin_members=1)
    assert cells.groupby("from_state")["rate"].sum().round(9).eq(1).all()
    counted = moves(found)
    parts = [counted.entered, counted.stayed, counted.started, counted.rose, counted.fell, counted.lapsed]
    assert sum(parts) + counted.fell_dormant + counted.came_back == counted.members == sum(last in of for of in by_day)


def spell(member, tier, first, until, change, **more):
    row = {"member_no": member, "tier": tier, "from_on": day(first), "until_on": None if until is None else day(until)}
    return {
        **row,
        "change": change,
        "reason": "paid",
        "fee_fen": 0,
        "stay_from_on": day(first),
        "stay_ends": True,
    } | more


SPELLS = [
    spell(1, "ordinary", 0, 10, "started", reason="task"),
    spell(1, "silver", 10, 20, "joined", fee_fen=100, reason="upgrade", stay_ends=False),
    spell(1, "silver", 20, 30, "renewed", stay_from_on=day(10)),
    spell(1, "ordinary", 30, None, "lapsed", reason="lapse"),
    spell(2, "gold", 11, None, "joined", reason="task"),
    spell(3, "gold", 12, None, "rose", fee_fen=300),
]


def test_upgrades_by_tier_change_and_way(made):
    draw(made, "membership_spell", SPELLS)
    every = [
        ("silver", "joined", "paid", 1, 100),
        ("gold", "joined", "task", 1, 0),
        ("gold", "rose", "paid", 1, 300),
    ]
    assert rows(run(made, migration.upgrades(EVERYBODY, day(9), day(12)))) == every
    assert rows(run(made, migration.upgrades(EVERYBODY, day(10), day(11)))) == every[1:2]
    assert rows(run(made, migration.upgrades(GOLD, day(9), day(12)))) == every[1:2]


def test_stays_run_through_renewals_and_are_followed_to_the_as_of_date(made):
    draw(made, "membership_spell", SPELLS)
    assert rows(run(made, migration.stays(EVERYBODY, day(41)))) == [
        ("ordinary", 10, True, 1),
        ("silver", 20, True, 1),
        ("gold", 29, False, 1),
        ("gold", 30, False, 1),
    ]


def window(kind, moved, member, standing, **done):
    row = {"kind": kind, "moved": moved, "member_no": member, "index_on": START, "standing": standing}
    activities = dict.fromkeys(migration.ACTIVITIES, 0)
    return {**row, "stay_quarters": 1, **activities, **done}


def test_what_was_done_before_moves_is_counted_by_members_and_times(made):
    draw(made, "move_window", [
        window("upgrade", True, 1, "silver", loans=2),
        window("upgrade", True, 2, "silver", loans=1, perks=1),
        window("upgrade", False, 3, "silver"),
        window("lapse", True, 4, "gold", contacts=3),
    ])  # fmt: skip
    found = run(made, migration.before_moves(EVERYBODY)).set_index(["kind", "moved"])
    assert found["members"].to_dict() == {("upgrade", True): 2, ("upgrade", False): 1, ("lapse", True): 1}
    risen = found.loc[("upgrade", True)]
    assert (risen["loans_members"], risen["loans"], risen["perks_members"], risen["perks"]) == (2, 3, 1, 1)
    assert found.loc[("lapse", True), "contacts"] == 3
    assert run(made, migration.before_moves(GOLD))["members"].tolist() == [1]
