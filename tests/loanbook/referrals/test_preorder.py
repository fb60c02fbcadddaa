"""The forest in preorder: by hand, against networkx, and on shapes that would break recursion."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanbook.referrals.generations import NOBODY
from loanbook.referrals.preorder import Forest, lay_out


def forest(*referrers: int) -> Forest:
    return lay_out(np.array(referrers, dtype=np.int64))


def test_a_drawn_forest_is_laid_out_largest_branch_first() -> None:
    # 0 alone; 1 <- 2 <- 3 and 1 <- 4; 4 <- 5, 6
    found = forest(NOBODY, NOBODY, 1, 2, 1, 4, 4)
    assert found.rows.tolist() == [1, 4, 5, 6, 2, 3, 0]
    assert found.parents.tolist() == [NOBODY, 0, 1, 1, 0, 4, NOBODY]
    assert found.levels.tolist() == [0, 1, 2, 2, 1, 2, 0]
    assert found.sizes.tolist() == [6, 3, 1, 1, 2, 1, 1]
    assert found.referrals.tolist() == [2, 2, 0, 0, 1, 0, 0]
    assert found.depths.tolist() == [2, 1, 0, 0, 1, 0, 0]
    assert found.in_branch(np.array([1, 10, 100, 1000, 10_000, 100_000, 7])).tolist() == [
        111_111, 1110, 100, 1000, 110_000, 100_000, 7
    ]  # fmt: skip
    # pairs of 1's branch: 1-4 1, 1-2 1, 1-5 2, 1-6 2, 1-3 2, 4-5 1, 4-6 1, 5-6 2, 4-2 2, 4-3 3, 5-2 3, 6-2 3, 5-3 4,
    # 6-3 4, 2-3 1
    distances, too_large = found.distances()
    assert distances.tolist() == [32, 4, 0, 0, 1, 0, 0]
    assert not too_large.any()


def test_nobody_makes_no_forest() -> None:
    found = forest()
    assert [len(found.rows), len(found.sizes), len(found.distances()[0])] == [0, 0, 0]


def test_branches_of_one_size_stand_in_the_order_of_their_rows() -> None:
    assert forest(NOBODY, 0, 0, 0).rows.tolist() == [0, 1, 2, 3]
    assert forest(3, 3, 3, NOBODY).rows.tolist() == [3, 0, 1, 2]


@given(st.lists(st.integers(0, 1_000), max_size=30), st.randoms(use_true_random=False))
def test_it_is_what_networkx_finds(drawn: list[int], random: np.random.Generator) -> None:
    # Row i is referred by an earlier row, or by nobody; then rows are shuffled, so that a referrer may come later.
    above = [value % (row + 1) - 1 for row, value in enumerate(drawn)]
    shuffled = list(range(len(above)))
    random.shuffle(shuffled)
    referrers = np.full(len(above), NOBODY, dtype=np.int64)
    for row, upper in enumerate(above):
        referrers[shuffled[row]] = NOBODY if upper == NOBODY else shuffled[upper]
    found = lay_out(referrers)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(referrers)))
    graph.add_edges_from((int(upper), row) for row, upper in enumerate(referrers) if upper != NOBODY)
    distances, _ = found.distances()
    assert sorted(found.rows.tolist()) == list(range(len(referrers)))
    for position, row in enumerate(found.rows.tolist()):
        branch = {row, *nx.descendants(graph, row)}
        size = int(found.sizes[position])
        assert set(found.rows[position : position + size].tolist()) == branch
        assert found.referrals[position] == graph.out_degree(row)
        within = graph.subgraph(branch)
        assert found.depths[position] == nx.dag_longest_path_length(within)
        assert distances[position] == nx.wiener_index(within.to_undirected())
        above_row = list(graph.predecessors(row))
        assert found.levels[position] == len(nx.ancestors(graph, row))
        parent = found.parents[position]
        assert ([] if parent == NOBODY else [int(found.rows[parent])]) == above_row


@pytest.mark.parametrize(
    ("referrers", "sum_of_distances", "depth"),
    [
        (np.arange(-1, 100_000 - 1), (100_000**3 - 100_000) // 6, 99_999),  # a path of n: (n^3 - n) / 6
        (np.concatenate([[NOBODY], np.zeros(999_999, dtype=np.int64)]), 999_999**2, 1),  # a star of n: (n - 1)^2
    ],
    ids=["a chain of 100,000", "a star of a million"],
)
def test_no_shape_is_too_deep_or_too_wide(referrers: np.ndarray, sum_of_distances: int, depth: int) -> None:
    found = lay_out(referrers.astype(np.int64))
    distances, too_large = found.distances()
    assert (int(found.sizes[0]), int(found.depths[0])) == (len(referrers), depth)
    assert int(distances[0]) == sum_of_distances
    assert not too_large.any()


def test_a_sum_that_would_not_fit_is_told() -> None:
    members = 4_000_000  # a path of so many sums to 1.07e19
    found = Forest(
        rows=np.arange(members),
        parents=np.arange(-1, members - 1),
        levels=np.arange(members),
        sizes=np.arange(members, 0, -1),
        referrals=np.ones(members, dtype=np.int64),
        depths=np.arange(members - 1, -1, -1),
    )
    distances, too_large = found.distances()
    assert too_large[0]
    half = members // 2
    assert not too_large[half]
    assert int(distances[half]) == (half**3 - half) // 6
