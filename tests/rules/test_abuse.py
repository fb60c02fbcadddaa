"""What signals weigh: likelihood ratios by hand, who is left out of the base rates, and what must hold always."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import abuse, abuse_cases, policy
from rules.abuse import SIGNALS

POLICY = policy.load()[-1].abuse
BIT = {signal: 1 << place for place, signal in enumerate(SIGNALS)}


def rates(weighed):
    return {rate.signal: rate for rate in weighed.rates}


def test_ten_points_make_a_suspicion_ten_times_as_likely():
    assert abuse.in_points(10) == 10
    assert abuse.in_points(100) == 20
    assert abuse.in_points(0.5) == -3
    # From 1 in 1,000 to even odds: 999 times as likely.
    assert abuse.needed(POLICY) == 30


def test_points_of_a_signal_by_hand():
    # 300 of 9,999 members are idle: 0.7 / (300.5 / 10,000) = 23.3, so 14 points.
    weighed = abuse.weigh({BIT["idle"]: 300}, 9_999, POLICY)
    assert rates(weighed)["idle"].points == 14 == round(10 * math.log10(0.7 / (300.5 / 10_000)))
    assert weighed.points == {BIT["idle"]: 14}
    assert not weighed.suspected


def test_a_common_signal_says_nothing_and_a_rare_one_says_only_so_much():
    weighed = rates(abuse.weigh({BIT["idle"]: 9_000, BIT["loop"]: 1}, 10_000, POLICY))
    assert weighed["idle"].points == 0  # farmed accounts give it more seldom than others
    assert weighed["loop"].points == abuse.MOST_POINTS
    assert weighed["shared_address"].points == 10  # alone it is weak, however rare
    assert rates(abuse.weigh({}, 10_000, POLICY))["shared_device"].points == abuse.MOST_POINTS


def test_no_signal_alone_lists_anybody():
    for signal in SIGNALS:
        assert not abuse.weigh({BIT[signal]: 1}, 1_000_000, POLICY).suspected


def test_device_and_ring_tell_the_same_and_count_once():
    both = BIT["shared_device"] + BIT["ring"]
    weighed = abuse.weigh({both: 3, both + BIT["burst"]: 3}, 100_000, POLICY)
    assert weighed.points == {both: 20, both + BIT["burst"]: 40}
    assert weighed.suspected == {both + BIT["burst"]}


def test_suspects_are_left_out_of_the_base_rate():
    # 60 who burst on shared devices, 60 who only burst: together 120 of 1,000, without the suspects 60 of 940.
    farmed, other = BIT["burst"] + BIT["shared_device"], BIT["burst"]
    weighed = abuse.weigh({farmed: 60, other: 60}, 1_000, POLICY)
    found = rates(weighed)
    assert weighed.suspected == frozenset()  # devices 0.8 / 0.06 = 11 points, bursts 0.5 / 0.12 = 6: 17 of 30
    assert (found["burst"].others, found["burst"].of_others) == (120, 1_000)
    weighed = abuse.weigh({farmed: 6, other: 6}, 100_000, POLICY)
    found = rates(weighed)
    assert weighed.suspected == {farmed}
    assert (found["burst"].suspected, found["burst"].of_suspected) == (6, 6)
    assert (found["burst"].others, found["burst"].of_others) == (6, 99_994)


def test_patterns_name_their_signals():
    assert abuse.given(BIT["shared_device"] + BIT["burst"]) == ("shared_device", "burst")
    assert abuse.given(0) == ()
    assert set(abuse.NAMES) == set(abuse.DEFINITIONS) == set(SIGNALS) == set(type(POLICY.hits).model_fields)


@given(
    st.dictionaries(st.integers(1, 2 ** len(SIGNALS) - 1), st.integers(1, 5_000), max_size=12), st.integers(0, 100_000)
)
def test_what_always_holds(counts, others):
    members = sum(counts.values()) + others
    weighed = abuse.weigh(counts, members, POLICY)
    assert weighed.suspected == {pattern for pattern in counts if weighed.points[pattern] >= abuse.needed(POLICY)}
    suspects = sum(counts[pattern] for pattern in weighed.suspected)
    for rate in weighed.rates:
        assert 0 <= rate.points <= abuse.MOST_POINTS
        assert rate.suspected <= rate.of_suspected
        assert rate.others <= rate.of_others
        assert rate.of_suspected + rate.of_others == members
        assert rate.suspected + rate.others == sum(
            count for pattern, count in counts.items() if rate.signal in abuse.given(pattern)
        )
        assert rate.of_suspected == suspects
    for pattern, points in weighed.points.items():
        for other in counts:
            if pattern & other == pattern:  # more signals never weigh less
                assert weighed.points[other] >= points


def test_cases_tell_what_was_judged_of_their_members():
    row = {f"with_{signal}": 0 for signal in SIGNALS}
    cases = pd.DataFrame(
        [
            {**row, "case_no": 1, "members": 4, "points": 202, "with_burst": 2, "with_ring": 4, "with_loop": 2},
            {**row, "case_no": 2, "members": 1, "points": 32, "with_burst": 1},
        ]
    )
    case_of = pd.DataFrame({"member_id": ["a", "b", "c"], "case_no": [1, 1, 1]})
    marks = pd.DataFrame(
        [("a", "farmed", "", None, ""), ("b", "cleared", "", None, ""), ("z", "farmed", "", None, "")],
        columns=list(abuse_cases.MARKED),
    )
    found = abuse_cases.judged(cases, case_of, marks)
    assert list(found["points_each"]) == [50.5, 32.0]
    assert list(found["farmed"]) == [1, 0]
    assert list(found["cleared"]) == [1, 0]
    assert list(found["signals"]) == [("ring", "loop", "burst"), ("burst",)]


@pytest.mark.parametrize("empty", [True, False])
def test_cases_without_marks_are_not_judged(empty):
    row = {f"with_{signal}": 1 for signal in SIGNALS} | {"case_no": 1, "members": 1, "points": 30}
    cases = pd.DataFrame([row]).iloc[:0] if empty else pd.DataFrame([row])
    none = pd.DataFrame({"member_id": pd.Series(dtype=str), "case_no": pd.Series(dtype="int64")})
    found = abuse_cases.judged(cases, none, pd.DataFrame([], columns=list(abuse_cases.MARKED)))
    assert len(found) == (0 if empty else 1)
    assert found["farmed"].sum() == found["cleared"].sum() == 0
