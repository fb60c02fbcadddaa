"""Other terms: what may be tried, how a link writes and reads it, and what wrong links come to."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import reward_simulator as simulator
from rules.reward_simulator import Change, Plan, PlanError, Rule

FIRST = Rule("1", "one_off", "first_loan", 8_000, level=1)
WELCOME = Rule("3:x;y", "one_off", "registered", 1_800)  # keys of a lender may hold anything
TENTH = Rule("6", "stepped", "referral_count", 20_000, threshold=10, level=1)
STANDING = (FIRST, WELCOME, TENTH)


def test_nothing_changed_is_an_idle_plan():
    plan = simulator.plan(STANDING, STANDING)
    assert plan == Plan()
    assert plan.is_idle
    assert simulator.written(plan) == ""
    assert not simulator.plan(STANDING, STANDING, 0).is_idle  # a cap of nothing is a cap


def test_a_plan_is_written_into_a_link_and_read_back():
    tried = (replace(FIRST, amount_fen=5_050, level=2), replace(WELCOME, pays=False), replace(TENTH, threshold=5))
    plan = simulator.plan(STANDING, tried)
    text = simulator.written(plan)
    assert text == "1:a5050:l2;3%3Ax%3By:off;6:t5"
    assert simulator.read(text, STANDING) == tried
    assert [change.is_modelled for change in plan.changes] == [True, False, True]


@pytest.mark.parametrize(
    "text",
    ["", "9:a100", "1", "1:a", "1:z5", "1:a-5", "1:a99999999999", "1:t5", "1:l0", "1:l10", "3:a5", "6:l2", ";;:"],
)
def test_what_a_link_says_wrongly_is_left_out(text):
    assert simulator.read(text, STANDING) == STANDING


def test_one_wrong_mark_leaves_its_rule_as_it_stands_and_the_others_changed():
    found = simulator.read("1:a500:l77;6:t5", STANDING)
    assert found == (FIRST, WELCOME, replace(TENTH, threshold=5))


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        (replace(FIRST, amount_fen=-1), "amount between 0 and 100,000"),
        (replace(FIRST, amount_fen=10_000_001), "amount between 0 and 100,000"),
        (replace(FIRST, threshold=4), "Only a rule that counts"),
        (replace(TENTH, threshold=None), "Only a rule that counts"),
        (replace(TENTH, threshold=0), "threshold between 1"),
        (replace(WELCOME, level=1), "Only a rule that rewards a referrer"),
        (replace(FIRST, level=None), "Only a rule that rewards a referrer"),
        (replace(FIRST, level=10), "level between 1 and 9"),
        (replace(TENTH, level=2), "change its threshold instead"),
    ],
)
def test_what_cant_be_tried_is_said(tried, said):
    rules = tuple(tried if rule.rule_id == tried.rule_id else rule for rule in STANDING)
    with pytest.raises(PlanError, match=said):
        simulator.plan(STANDING, rules)


def test_a_negative_cap_is_refused():
    with pytest.raises(PlanError, match="cap as an amount"):
        simulator.plan(STANDING, STANDING, -1)


def test_rules_are_read_from_a_statement_with_nulls():
    frame = pd.DataFrame(
        {
            "rule_id": ["1", "6"],
            "kind": ["one_off", "stepped"],
            "trigger": ["first_loan", "referral_count"],
            "level": pd.array([None, 1], dtype="Int64"),
            "threshold": pd.array([None, 10], dtype="Int64"),
            "amount_fen": [8_000, 20_000],
            "campaign": [None, "7"],
            "starts_on": pd.to_datetime(["2024-01-01", "2024-01-01"]),
            "ends_on": pd.to_datetime([None, "2024-06-30"]),
        }
    )
    assert simulator.rules(frame) == (
        Rule("1", "one_off", "first_loan", 8_000, starts_on=date(2024, 1, 1)),
        Rule("6", "stepped", "referral_count", 20_000, 10, 1, "7", date(2024, 1, 1), date(2024, 6, 30)),
    )
    assert simulator.rules(frame.iloc[:0]) == ()


def test_sizes_name_every_band_and_sum_to_what_was_found():
    found = simulator.sizes(
        pd.DataFrame({"band": [0, 4, 8], "beneficiaries": [2, 5, 1], "change_fen": [-200_000, 0, 70_000]})
    )
    assert len(found) == 9
    assert found["beneficiaries"].tolist() == [2, 0, 0, 0, 5, 0, 0, 0, 1]
    assert found["from_fen"].tolist() == [pd.NA, -50_000, -10_000, -2_000, 0, 1, 2_001, 10_001, 50_001]
    assert found["until_fen"].tolist() == [-50_000, -10_000, -2_000, 0, 1, 2_001, 10_001, 50_001, pd.NA]


amounts, small = st.integers(0, simulator.MOST_FEN), st.integers(1, 9)
tried_rules = st.tuples(
    st.builds(
        lambda fen, level, pays: replace(FIRST, amount_fen=fen, level=level, pays=pays), amounts, small, st.booleans()
    ),
    st.builds(lambda fen, pays: replace(WELCOME, amount_fen=fen, pays=pays), amounts, st.booleans()),
    st.builds(
        lambda fen, at, pays: replace(TENTH, amount_fen=fen, threshold=at, pays=pays), amounts, small, st.booleans()
    ),
)


@given(tried_rules)
def test_every_plan_survives_its_link(tried):
    plan = simulator.plan(STANDING, tried)
    assert simulator.read(simulator.written(plan), STANDING) == tried
    assert plan.changes == tuple(Change(was, now) for was, now in zip(STANDING, tried, strict=True) if was != now)
