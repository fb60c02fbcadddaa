"""The benchmark of forests on few members: each is derived, loops are cut, rings are found."""

import duckdb
import pytest

from tests.bench import forest


@pytest.mark.parametrize("name", forest.shapes(2_000))
def test_every_shape_is_derived(tmp_path, name):
    file = tmp_path / "forest.duckdb"
    forest.write(file, forest.shapes(2_000)[name]())
    found = forest.derive(file)
    assert set(found) == {*forest.STEPS, "bytes"}
    with duckdb.connect(str(file)) as made:
        [(nodes, roots, largest)] = made.execute(
            "SELECT count(*), count(*) FILTER (parent_position IS NULL), max(members) FROM tree_node"
        ).fetchall()
        [(rings,)] = made.execute("SELECT count(*) FROM ring").fetchall()
    assert nodes == 2_000
    assert rings == 39  # every fiftieth with the two after them; before the first stand two, after the last none
    if "loops" in name:
        assert roots >= 2 * forest.LOOPS  # one of each pair, and each who referred themselves
    else:
        assert (roots, largest) == (1, 2_000)
