"""The benchmark of cost on few members: both ways give the same sums, or it would stop."""

from tests.bench import acquisition


def test_every_statement_is_timed_both_ways():
    made = acquisition.snapshot()
    acquisition.fill(made, 2_000)
    found = acquisition.lines(made, 2_000, 1)
    made.close()
    assert len(found) == 4 + len(acquisition.cases())
    assert "2,000 generated members" in found[0]
