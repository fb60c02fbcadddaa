"""The benchmark of worth on few members: both ways give the same sums, or it would stop."""

from tests.bench import worth


def test_every_statement_is_timed_both_ways():
    made = worth.snapshot()
    worth.fill(made, 3_000)
    found = worth.lines(made, 3_000, 1)
    made.close()
    assert len(found) == 4 + len(worth.cases())
    assert "3,000 generated members" in found[0]
