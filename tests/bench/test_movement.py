"""The benchmark of movement on few members: all ways give the same sums, or it would stop."""

from tests.bench import both_ways, movement
from tests.queries.drawn_movement import snapshot


def test_every_statement_is_timed_both_ways():
    made = snapshot()
    movement.fill(made, 3_000)
    found = both_ways.timed(made, movement.TITLE.format(members="3,000"), movement.cases(), 1)
    made.close()
    assert any(case.in_pandas for case in movement.cases())
    assert len(found) == both_ways.HEAD + len(movement.cases())
    assert "3,000 generated members" in found[0]
