"""Circles and levels by doubling, against walks one step at a time in plain Python."""

from hypothesis import given
from hypothesis import strategies as st

from loanbook.referral_tree import ReferralTree

TREES = st.dictionaries(st.integers(0, 12), st.integers(0, 12), max_size=12)


def walk(parents: dict[int, int], member: int, steps: int) -> int | None:
    reached: int | None = member
    for _ in range(steps):
        reached = None if reached is None else parents.get(reached)
    return reached


def tree(parents: dict[int, int]) -> ReferralTree:
    return ReferralTree(list(parents), list(parents.values()))


@given(TREES)
def test_on_a_circle_is_who_comes_back_to_themselves(parents: dict[int, int]) -> None:
    circling = {m for m in parents if any(walk(parents, m, steps) == m for steps in range(1, 14))}
    assert set(tree(parents).on_circles()) == circling


@given(TREES, st.integers(0, 13), st.integers(0, 13), st.integers(-1, 40))
def test_above_is_who_a_walk_of_so_many_steps_reaches(
    parents: dict[int, int], upper: int, lower: int, level: int
) -> None:
    known = set(parents) | set(parents.values())
    expected = level > 0 and upper in known and lower in known and walk(parents, lower, level) == upper
    assert list(tree(parents).is_above([upper], [lower], [level])) == [expected]


def test_a_long_chain_has_no_circle_until_it_is_closed() -> None:
    chain = {n: n - 1 for n in range(1, 100_000)}
    assert tree(chain).on_circles() == []
    assert list(tree(chain).is_above([0], [99_999], [99_999])) == [True]
    assert len(tree({**chain, 0: 99_999}).on_circles()) == 100_000


def test_keys_may_be_texts_and_a_member_listed_twice_keeps_the_first_referrer() -> None:
    assert sorted(ReferralTree(["a", "b", "c"], ["b", "a", "a"]).on_circles()) == ["a", "b"]
    assert ReferralTree(["a", "a"], ["b", "a"]).on_circles() == []
    assert ReferralTree([], []).on_circles() == []
