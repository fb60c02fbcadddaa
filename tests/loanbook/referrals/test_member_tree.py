"""Places in the referral tree: by hand on drawn members, and against walks one step at a time in plain Python."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook.referrals import member_tree, referral_levels
from loanbook.working import create_tables, drop
from tests.loanbook.derived import asked, copies, derive

COLUMNS = "member_id, level, root_id, subtree_size, tree_size"
MEMBERS = """
    id  registered_at        referred_by_id
    1   2024-01-01_08:00:00  -
    2   2024-01-02_08:00:00  1
    3   2024-01-03_08:00:00  2
    4   2024-01-04_08:00:00  1
    5   2024-01-05_08:00:00  -
    """


def places(members: Any) -> dict[str, tuple[int, str, int, int]]:
    snapshot = copies({"member": members})
    create_tables(snapshot, "member_tree")
    return filled(snapshot)


def filled(snapshot: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, str, int, int]]:
    levels = referral_levels.build(snapshot)
    member_tree.fill(snapshot, levels)
    drop(snapshot, levels)
    return asked(snapshot, COLUMNS, "member_tree")


@pytest.fixture(scope="module")
def emptied() -> Iterator[Callable[[], duckdb.DuckDBPyConnection]]:
    """One snapshot for many drawings: making its tables anew takes ten times as long as what is tested."""
    snapshot = copies({})
    create_tables(snapshot, "member_tree")

    def empty() -> duckdb.DuckDBPyConnection:
        snapshot.execute("DELETE FROM member; DELETE FROM member_tree")
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
    assert asked(snapshot, COLUMNS, "member_tree") == places(MEMBERS)
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
    assert filled(snapshot) == by_walking(members)


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
