"""The benchmark of growth, quality and the tree on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, growth


def test_every_statement_is_timed_both_ways_and_networkx_counts_the_same_branches():
    made = growth.snapshot()
    said = growth.fill(made, 3_000)
    found = both_ways.timed(made, growth.TITLE.format(members="3,000"), growth.cases(), 1)
    changed = both_ways.changed(made, growth.TITLE, growth.changes(), 1)
    made.close()
    assert len(changed) == both_ways.HEAD + len(growth.changes())
    assert said[-1].startswith("networkx counted the same branches")
    assert any(case.in_pandas for case in growth.cases())
    assert len(found) == both_ways.HEAD + len(growth.cases())
