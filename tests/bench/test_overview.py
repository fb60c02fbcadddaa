"""The benchmark of the overview on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, overview


def test_every_statement_is_timed_both_ways():
    made = overview.snapshot()
    overview.fill(made, 2_000)
    found = both_ways.timed(made, overview.TITLE.format(members="2,000"), overview.cases(), 1)
    made.close()
    assert len(found) == both_ways.HEAD + len(overview.cases())
    assert "2,000 generated members" in found[0]
