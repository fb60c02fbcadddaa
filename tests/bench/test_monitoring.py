"""The benchmark of score, price and reserve on few loans: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, monitoring


def test_every_statement_is_timed_both_ways():
    made = monitoring.snapshot()
    monitoring.fill(made, 6_000)
    found = both_ways.timed(made, monitoring.TITLE.format(members="6,000"), monitoring.cases(), 1)
    made.close()
    assert any(case.in_pandas for case in monitoring.cases())
    assert len(found) == both_ways.HEAD + len(monitoring.cases())
    assert "6,000 generated loans" in found[0]
