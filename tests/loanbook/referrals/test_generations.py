"""Members level by level, against networkx, with cycles that nobody is reached from."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loanbook.referrals.generations import NOBODY, in_order, of_referrers, on_circles

REFERRERS = st.integers(0, 14).flatmap(
    lambda members: st.lists(st.integers(NOBODY, members - 1), min_size=members, max_size=members)
)


@given(REFERRERS)
def test_levels_and_cycles_are_those_that_networkx_finds(drawn: list[int]) -> None:
    referrers = np.array(drawn, dtype=np.int32)
    found = of_referrers(referrers)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(drawn)))
    graph.add_edges_from((upper, row) for row, upper in enumerate(drawn) if upper != NOBODY)
    roots = [row for row, upper in enumerate(drawn) if upper == NOBODY]
    steps = nx.multi_source_dijkstra_path_length(graph, roots) if roots else {}
    assert dict(zip(found.rows.tolist(), found.levels().tolist(), strict=True)) == steps
    assert found.roots == len(roots)
    assert [graph.out_degree(row) for row in found.rows.tolist()] == found.referrals.tolist()
    upper = np.flatnonzero(found.referrals)
    for place, first in zip(upper.tolist(), found.first_below(upper).tolist(), strict=True):
        below = found.rows[first : first + int(found.referrals[place])].tolist()
        assert below == sorted(graph.successors(int(found.rows[place])))
    circling = {row for cycle in nx.simple_cycles(graph) for row in cycle}
    assert set(on_circles(referrers, found).tolist()) == circling


@given(st.lists(st.integers(0, 5)))
def test_equal_keys_stay_in_their_order(keys: list[int]) -> None:
    assert in_order(np.array(keys, dtype=np.int32)).tolist() == sorted(range(len(keys)), key=keys.__getitem__)
