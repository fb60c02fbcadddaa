"""The benchmark of worth on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, worth


def test_every_statement_is_timed_both_ways():
    made = worth.snapshot()
    worth.fill(made, 3_000)
    found = both_ways.timed(made, worth.TITLE.format(members="3,000"), worth.cases(), 1)
    made.close()
    assert any(case.in_pandas for case in worth.cases())
    assert len(found) == both_ways.HEAD + len(worth.cases())
    assert "3,000 generated members" in found[0]
