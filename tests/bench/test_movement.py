"""The benchmark of movement on few members: both ways give the same sums, or it would stop."""

from tests.bench import movement
from tests.queries.drawn_movement import snapshot


def test_every_statement_is_timed_both_ways():
    made = snapshot()
    movement.fill(made, 3_000)
    found = movement.lines(made, 3_000, 1)
    made.close()
    assert len(found) == 4 + len(movement.cases())
    assert "3,000 generated members" in found[0]
