"""The benchmark of rewards on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, rewards


def test_every_statement_is_timed_both_ways():
    made = rewards.snapshot()
    rewards.fill(made, 20_000)
    found = both_ways.timed(made, rewards.TITLE.format(members="20,000"), rewards.cases(), 1)
    changed = both_ways.changed(made, rewards.TITLE, rewards.changes(), 1)
    made.close()
    assert len(changed) == both_ways.HEAD + len(rewards.changes())
    assert any(case.in_pandas for case in rewards.cases())
    assert len(found) == both_ways.HEAD + len(rewards.cases())
    assert "20,000 generated members" in found[0]
