"""The draw of the blind sample: shares, repeatability, evenness, and who is asked."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import review_blind
from rules.review_blind import Candidate, Stratum, draw
from rules.review_case import Person
from tests.rules.reviewing import AUDITOR, JUNIOR, MANAGER, OFFICER, OTHER, SENIOR

SEED = b"s" * 32
A, B = Stratum("officer@x", "approved"), Stratum("officer@x", "declined")
days = st.lists(
    st.dictionaries(st.sampled_from([A, B, Stratum("other@x", "approved")]), st.integers(1, 40), max_size=3),
    max_size=12,
)


def run(seed, sizes, ratio):
    """Draws day by day; by stratum how many were decided and which cases were drawn."""
    credit, decided, drawn, number = {}, Counter(), {}, 0
    for day in sizes:
        cases = {}
        for stratum, count in day.items():
            cases[stratum] = [f"{number + each}" for each in range(count)]
            number += count
        for stratum, found in draw(seed, cases, credit, ratio).items():
            assert found.decided == len(cases[stratum])
            assert set(found.cases) <= set(cases[stratum])
            credit[stratum] = found.credit
            decided[stratum] += found.decided
            drawn.setdefault(stratum, []).extend(found.cases)
    return decided, drawn


@given(days, st.floats(0, 1))
def test_each_stratum_has_its_share_drawn_give_or_take_less_than_one(sizes, ratio):
    decided, drawn = run(SEED, sizes, ratio)
    for stratum, count in decided.items():
        start = review_blind.first_credit(SEED, stratum)
        assert 0 <= start < 1
        assert len(drawn[stratum]) == pytest.approx(math.floor(start + count * ratio + 1e-9), abs=1)
        assert abs(len(drawn[stratum]) - count * ratio) < 1 + 1e-9
        assert len(set(drawn[stratum])) == len(drawn[stratum])


@given(days, st.floats(0, 1))
def test_the_draw_can_be_repeated_whatever_the_order_of_a_days_cases(sizes, ratio):
    assert run(SEED, sizes, ratio) == run(SEED, sizes, ratio)
    for day in sizes:
        cases = {stratum: [str(each) for each in range(count)] for stratum, count in day.items()}
        turned = {stratum: found[::-1] for stratum, found in cases.items()}
        assert draw(SEED, cases, {}, ratio) == draw(SEED, turned, {}, ratio)


def test_none_and_all_are_drawn_at_the_ends():
    cases = {A: ["1", "2", "3"], B: ["4"]}
    assert {found.cases for found in draw(SEED, cases, {A: 0.999, B: 0.0}, 0.0).values()} == {()}
    everything = draw(SEED, cases, {A: 0.999, B: 0.0}, 1.0)
    assert {stratum: sorted(found.cases) for stratum, found in everything.items()} == {A: ["1", "2", "3"], B: ["4"]}


def test_worked_by_hand_three_of_ten_at_three_tenths():
    # credit 0.25 + 10 x 0.3 = 3.25: three are drawn, 0.25 stays
    found = draw(SEED, {A: [str(each) for each in range(10)]}, {A: 0.25}, 0.3)[A]
    assert (len(found.cases), found.credit) == (3, pytest.approx(0.25))
    by_hash = sorted((str(each) for each in range(10)), key=lambda case: review_blind.rank(SEED, "case", case))
    assert list(found.cases) == by_hash[:3]


def test_every_case_is_as_likely_as_any_other_over_seeds():
    counted = Counter()
    for number in range(4_000):
        seed = number.to_bytes(32, "big")
        counted.update(draw(seed, {A: ["a", "b", "c", "d", "e"]}, {}, 0.1)[A].cases)
    # each 400 expected, standard deviation 19
    assert all(abs(counted[case] - 400) < 80 for case in "abcde")


def test_another_seed_draws_others():
    cases = {A: [str(each) for each in range(200)]}
    assert draw(SEED, cases, {}, 0.2)[A].cases != draw(b"t" * 32, cases, {}, 0.2)[A].cases


def test_fields_do_not_run_into_each_other():
    assert review_blind.rank(SEED, "ab", "c") != review_blind.rank(SEED, "a", "bc")


def chosen(candidates, involved=(), member_id="70", referred_by_id="69"):
    return review_blind.choose(
        SEED, "7", candidates, involved=frozenset(involved), member_id=member_id, referred_by_id=referred_by_id
    )


def test_the_one_with_the_fewest_is_asked_and_nobody_who_is_involved():
    asked = [Candidate(OFFICER, 0), Candidate(OTHER, 2), Candidate(SENIOR, 1)]
    assert chosen(asked) == OFFICER.email
    assert chosen(asked, {OFFICER.email}) == SENIOR.email
    assert chosen(asked, {OFFICER.email, SENIOR.email, OTHER.email}) is None
    assert chosen([Candidate(MANAGER, 0), Candidate(AUDITOR, 0)]) is None
    assert chosen([]) is None


@pytest.mark.parametrize(
    "person",
    [
        Person("kin@x", "risk_officer", 1, member_id="70"), Person("kin@x", "risk_officer", 1, member_id="69"),
        Person("kin@x", "risk_officer", 1, member_id="5", referred_by_id="70"), Person("kin@x", "risk_officer", None),
    ],
)  # fmt: skip
def test_nobody_in_conflict_or_without_authority_is_asked(person):
    assert chosen([Candidate(person, 0), Candidate(JUNIOR, 9)]) == JUNIOR.email
