"""The benchmark of growth, quality and the tree on few members: both ways give the same sums, or it would stop."""

from tests.bench import growth


def test_every_statement_is_timed_both_ways_and_networkx_counts_the_same_branches():
    made = growth.snapshot()
    said = growth.fill(made, 3_000)
    found = growth.lines(made, 3_000, 1)
    made.close()
    assert said[-1].startswith("networkx counted the same branches")
    assert len(found) == 4 + len(growth.cases())
