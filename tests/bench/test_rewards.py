"""The benchmark of rewards on few members: both ways give the same sums, or it would stop."""

from tests.bench import rewards


def test_every_statement_is_timed_both_ways():
    made = rewards.snapshot()
    rewards.fill(made, 20_000)
    found = rewards.lines(made, 20_000, 1)
    made.close()
    assert len(found) == 4 + len(rewards.cases())
    assert "20,000 generated members" in found[0]
