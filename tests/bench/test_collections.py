"""The benchmark of collections on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, collections


def test_every_statement_is_timed_both_ways():
    made = collections.snapshot()
    made.execute("ATTACH ':memory:' AS stored")
    collections.fill(made, 20_000)
    collections.contacts(made, 50_000)
    title = collections.TITLE.format(members="20,000", contacts="50,000")
    found = both_ways.timed(made, title, collections.cases(), 1)
    made.close()
    assert len(found) == both_ways.HEAD + len(collections.cases())
    assert "20,000 generated members" in found[0]
    assert any(case.in_pandas for case in collections.cases())
