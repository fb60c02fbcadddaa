"""Places in the referral tree: by hand on drawn members, and against walks one step at a time in plain Python."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook.referrals import referral_levels
from loanbook.referrals.generations import NOBODY
from loanbook.referrals.preorder import lay_out
from loanbook.working import drop
from tests.loanbook.derived import copies, derive

MEMBERS = """
    id  registered_at        referred_by_id
    1   2024-01-01_08:00:00  -
    2   2024-01-02_08:00:00  1
    3   2024-01-03_08:00:00  2
    4   2024-01-04_08:00:00  1
    5   2024-01-05_08:00:00  -
    """


def places(members: Any) -> dict[str, tuple[int, str, int, int]]:
    return placed(copies({"member": members}))


def placed(snapshot: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, str, int, int]]:
    """Level, root, branch and tree of each member: the levels as they are found, the rest by laying the forest out."""
    levels = referral_levels.build(snapshot)
    found = snapshot.execute(f"SELECT member_id::VARCHAR, referrer_id::VARCHAR, level FROM {levels.name}").fetchall()
    drop(snapshot, levels)
    ids = [member_id for member_id, _referrer, _level in found]
    row = {member_id: place for place, member_id in enumerate(ids)}
    forest = lay_out(np.array([NOBODY if above is None else row[above] for _id, above, _level in found], dtype=int))
    position = {int(at): place for place, at in enumerate(forest.rows)}
    told = {}
    for member_id, _above, level in found:
        here = root = position[row[member_id]]
        assert forest.levels[here] == level
        while forest.parents[root] != NOBODY:
            root = int(forest.parents[root])
        told[member_id] = (level, ids[forest.rows[root]], int(forest.sizes[here]), int(forest.sizes[root]))
    return told


@pytest.fixture(scope="module")
def emptied() -> Iterator[Callable[[], duckdb.DuckDBPyConnection]]:
    """One snapshot for many drawings: making its tables anew takes ten times as long as what is tested."""
    snapshot = copies({})

    def empty() -> duckdb.DuckDBPyConnection:
        snapshot.execute("DELETE FROM member")
        return snapshot

    yield empty
    snapshot.close()


def test_level_root_and_sizes_of_a_drawn_tree() -> None:
    assert places(MEMBERS) == {
        "1": (0, "1", 4, 4),  # 1, 2, 3, 4
        "2": (1, "1", 2, 4),  # 2, 3
        "3": (2, "1", 1, 4),
        "4": (1, "1", 1, 4),
        "5": (0, "5", 1, 1),
    }


def test_the_refresh_derives_it_for_a_book_without_loans() -> None:
    snapshot = derive(date(2024, 12, 31), {"member": MEMBERS})
    nodes = snapshot.execute(
        "SELECT member_id, node.level, members FROM tree_node node JOIN member_journey USING (member_no) "
        "ORDER BY position"
    ).fetchall()
    assert nodes == [("1", 0, 4), ("2", 1, 2), ("3", 2, 1), ("4", 1, 1), ("5", 0, 1)]
    assert snapshot.execute("SELECT count(*) FROM loan_fact").fetchone() == (0,)


def test_no_members_have_no_places() -> None:
    assert places([]) == {}


def test_who_was_invited_by_themselves_or_by_nobody_known_is_a_root_and_stays() -> None:
    assert places("""
        id  registered_at        referred_by_id
        a   2024-01-02_08:00:00  a
        b   2024-01-03_08:00:00  a
        c   2024-01-04_08:00:00  gone
        """) == {"a": (0, "a", 2, 2), "b": (1, "a", 1, 2), "c": (0, "c", 1, 1)}  # fmt: skip


def test_a_cycle_is_cut_at_its_earliest_edge_and_everybody_stays() -> None:
    # 1 <- 3 <- 2 <- 1, and 4 hangs below 3. 2 registered first, so 2 becomes the root.
    assert places("""
        id  registered_at        referred_by_id
        1   2024-01-02_08:00:00  2
        2   2024-01-01_08:00:00  3
        3   2024-01-03_08:00:00  1
        4   2024-01-04_08:00:00  3
        """) == {"2": (0, "2", 4, 4), "1": (1, "2", 3, 4), "3": (2, "2", 2, 4), "4": (3, "2", 1, 4)}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 14)), max_size=12))
def test_places_are_those_of_plain_walks(
    emptied: Callable[[], duckdb.DuckDBPyConnection], referrers: list[int | None]
) -> None:
    start = datetime(2024, 1, 1)
    members = [
        {"id": id_, "registered_at": start + timedelta(days=(id_ * 7) % 5), "referred_by_id": referrer}
        for id_, referrer in enumerate(referrers)
    ]
    snapshot = emptied()
    for each in members:
        row = [each["id"], each["registered_at"], each["referred_by_id"]]
        snapshot.execute("INSERT INTO member (id, registered_at, referred_by_id) VALUES (?, ?, ?)", row)
    assert placed(snapshot) == by_walking(members)


def by_walking(members: list[dict[str, Any]]) -> dict[str, tuple[int, str, int, int]]:
    parents = {member["id"]: member["referred_by_id"] for member in members}
    parents = {id_: parent if parent in parents else None for id_, parent in parents.items()}
    at = {member["id"]: (member["registered_at"], member["id"]) for member in members}
    for id_ in parents:
        if id_ in (path := above(parents, parents[id_])):
            parents[min(path, key=lambda each: at[each])] = None
    found = {}
    for id_ in parents:
        path = [id_, *above(parents, parents[id_])]
        below = sum(id_ in [other, *above(parents, parents[other])] for other in parents)
        tree = sum(path[-1] in [other, *above(parents, parents[other])] for other in parents)
        found[str(id_)] = (len(path) - 1, str(path[-1]), below, tree)
    return found


def above(parents: dict[int, int | None], member: int | None) -> list[int]:
    """From a member up the referrers, to the root or until somebody stands there again."""
    path: list[int] = []
    while member is not None and member not in path:
        path.append(member)
        member = parents[member]
    return path
