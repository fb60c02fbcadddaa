"""The benchmark of cost on few members: all ways give the same sums, or it would stop."""

from tests.bench import acquisition, both_ways


def test_every_statement_is_timed_both_ways():
    made = acquisition.snapshot()
    acquisition.fill(made, 2_000)
    found = both_ways.timed(made, acquisition.TITLE.format(members="2,000"), acquisition.cases(), 1)
    changed = both_ways.changed(made, acquisition.TITLE, acquisition.changes(), 1)
    made.close()
    assert len(changed) == both_ways.HEAD + len(acquisition.changes())
    assert any(case.in_pandas for case in acquisition.cases())
    assert len(found) == both_ways.HEAD + len(acquisition.cases())
    assert "2,000 generated members" in found[0]
