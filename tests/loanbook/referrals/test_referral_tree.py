"""Circles and levels by doubling, against walks one step at a time in plain Python."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loanbook.referrals.referral_tree import ReferralTree

MEMBERS = 13
TREES = st.dictionaries(st.integers(0, MEMBERS - 1), st.integers(0, MEMBERS - 1), max_size=12)


def walk(parents: dict[int, int], member: int, steps: int) -> int | None:
    reached: int | None = member
    for _ in range(steps):
        reached = None if reached is None else parents.get(reached)
    return reached


def tree(parents: dict[int, int], members: int = MEMBERS) -> ReferralTree:
    return ReferralTree(members, np.array([*parents], dtype=int), np.array([*parents.values()], dtype=int))


def above(made: ReferralTree, upper: int, lower: int, level: int) -> bool:
    return bool(made.is_above(np.array([upper]), np.array([lower]), np.array([level], dtype=np.int16))[0])


@given(TREES)
def test_on_a_circle_is_who_comes_back_to_themselves(parents: dict[int, int]) -> None:
    circling = {m for m in parents if any(walk(parents, m, steps) == m for steps in range(1, MEMBERS + 1))}
    assert set(tree(parents).on_circles()) == circling


@given(TREES, st.integers(0, MEMBERS), st.integers(0, MEMBERS), st.integers(-1, 40))
def test_above_is_who_a_walk_of_so_many_steps_reaches(
    parents: dict[int, int], upper: int, lower: int, level: int
) -> None:
    known = upper < MEMBERS and lower < MEMBERS
    expected = level > 0 and known and walk(parents, lower, level) == upper
    assert above(tree(parents), upper, lower, level) == expected


def test_a_long_chain_has_no_circle_until_it_is_closed() -> None:
    chain = {n: n - 1 for n in range(1, 100_000)}
    assert len(tree(chain, 100_000).on_circles()) == 0
    assert above(tree(chain, 100_000), 0, 30_000, 30_000)
    assert len(tree({**chain, 0: 99_999}, 100_000).on_circles()) == 100_000


def test_nobody_is_on_no_circle() -> None:
    assert len(tree({}, 0).on_circles()) == 0
    assert not above(tree({}, 0), 0, 0, 1)
