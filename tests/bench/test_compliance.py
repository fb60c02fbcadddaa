"""The benchmark of compliance on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, compliance


def test_every_statement_is_timed_both_ways():
    made = compliance.snapshot()
    made.execute("ATTACH ':memory:' AS stored")
    compliance.fill(made, 20_000)
    compliance.contacts(made, 50_000)
    title = compliance.TITLE.format(members="20,000", contacts="50,000")
    found = both_ways.timed(made, title, compliance.cases(), 1)
    made.close()
    assert len(found) == both_ways.HEAD + len(compliance.cases())
    assert "20,000 generated members" in found[0]
    assert any(case.in_pandas for case in compliance.cases())
