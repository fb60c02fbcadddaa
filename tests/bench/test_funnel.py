"""The benchmark of the funnel on few members: all ways give the same counts, or it would stop."""

from tests.bench import funnel
from tests.queries.journeys import connection


def test_every_statement_is_timed_three_ways():
    made = connection([])
    funnel.fill(made, 3_000)
    found = funnel.lines(made, 3_000, 1)
    made.close()
    assert len(found) == 4 + len(funnel.cases())
    assert "3,000 generated members" in found[0]
