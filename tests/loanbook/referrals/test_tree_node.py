"""Branches of the tree by hand, and shapes against the worked cases of structural virality."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook.referrals import tree_node
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from rules.filters import Definition, Horizon
from rules.virality import structural_virality
from tests import vectors
from tests.loanbook.members import drawn_members


@pytest.fixture
def made() -> Iterator[duckdb.DuckDBPyConnection]:
    found = drawn_members.snapshot(member_journey, member_outcome)
    yield found
    found.close()


def build(made: duckdb.DuckDBPyConnection, horizon: Horizon = Horizon.M12) -> None:
    for table in ("tree_node", "member_place", "referral_tree"):
        made.execute(f"DROP TABLE IF EXISTS {table}")
    tree_node.build(made, Definition.DPD90, horizon)


def asked(made: duckdb.DuckDBPyConnection, columns: str, table: str = "tree_node") -> list[tuple]:
    return made.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


def test_a_branch_is_a_range_and_has_the_sums_of_its_members(made: duckdb.DuckDBPyConnection) -> None:
    # 2 <- 3 <- 4 and 2 <- 5; 1 alone. 3 and 5 are borrowers, 5 of them defaulted within 12 months, 4 not yet 12 months.
    drawn_members.members(made, [None, None, 2, 3, 2], outcomes=False)
    drawn_members.draw(
        made,
        "member_outcome",
        """
        member_no  loan_no  observed_months  default_month_90  value_so_far_fen  reward_fen  suspected
        1          -        -                -                 0                 0           0
        2          -        -                -                 -500              700         0
        3          7        20               13                9000              300         0
        4          8        5                2                 40                0           1
        5          9        12               12                -8000             0           1
        """,
    )
    build(made)
    assert asked(made, "position, member_no, parent_position, level, members, referrals, depth, distances") == [
        (0, 2, None, 0, 4, 2, 2, 10),  # 2-3, 2-4, 2-5, 3-4, 3-5, 4-5: 1 + 2 + 1 + 1 + 2 + 3
        (1, 3, 0, 1, 2, 1, 1, 1),
        (2, 4, 1, 2, 1, 0, 0, 0),
        (3, 5, 0, 1, 1, 0, 0, 0),
        (4, 1, None, 0, 1, 0, 0, 0),
    ]
    assert asked(made, "position, borrowers, mature, defaulted, value_fen, reward_fen, suspected") == [
        (0, 3, 2, 1, 540, 1000, 2),
        (1, 2, 1, 0, 9040, 300, 1),
        (2, 1, 0, 0, 40, 0, 1),
        (3, 1, 1, 1, -8000, 0, 1),
        (4, 0, 0, 0, 0, 0, 0),
    ]
    assert asked(made, "root_no, members, depth, levels, leaves, distances", "referral_tree") == [(2, 4, 2, 4, 2, 10)]


def test_default_by_the_final_outcome_counts_who_has_reached_it(made: duckdb.DuckDBPyConnection) -> None:
    drawn_members.members(made, [None, 1], outcomes=False)
    drawn_members.draw(
        made,
        "member_outcome",
        """
        member_no  loan_no  observed_months  final_observed  default_month_90
        1          7        30               1               29
        2          8        30               0               3
        """,
    )
    build(made, Horizon.FINAL)
    assert asked(made, "position, mature, defaulted") == [(0, 1, 1), (1, 0, 0)]


def test_what_the_book_does_not_tell_is_null(made: duckdb.DuckDBPyConnection) -> None:
    drawn_members.members(made, [None, 1])
    build(made)
    assert asked(made, "position, borrowers, value_fen, reward_fen, suspected") == [
        (0, 0, None, None, None),
        (1, 0, None, None, None),
    ]


def test_a_book_without_members_has_no_nodes(made: duckdb.DuckDBPyConnection) -> None:
    build(made)
    assert asked(made, "*") == asked(made, "*", "referral_tree") == []


def virality(made: duckdb.DuckDBPyConnection) -> float:
    [(distances, members)] = asked(made, "distances, members", "referral_tree")
    return float(structural_virality(distances, members * (members - 1) // 2))


@pytest.mark.parametrize("n", [2, 3, 10, 57])
def test_a_star_and_a_path_have_the_virality_of_their_closed_forms(made: duckdb.DuckDBPyConnection, n: int) -> None:
    assert vectors.case("structural_virality")["star_n"] == "2(n-1)/n"
    assert vectors.case("structural_virality")["path_n"] == "(n+1)/3"
    drawn_members.members(made, [None, *[1] * (n - 1)])
    build(made)
    assert virality(made) == pytest.approx(2 * (n - 1) / n, abs=1e-12)
    made.execute("DELETE FROM member_journey; DELETE FROM member_outcome")
    drawn_members.members(made, [None, *range(1, n)])
    build(made)
    assert virality(made) == pytest.approx((n + 1) / 3, abs=1e-12)


def test_a_balanced_binary_tree_has_its_published_virality(made: duckdb.DuckDBPyConnection) -> None:
    case = vectors.case("structural_virality")
    drawn_members.members(made, [None, *[place // 2 for place in range(2, 16)]])
    build(made)
    assert asked(made, "members, distances", "referral_tree") == [(15, case["wiener"])]
    assert virality(made) == pytest.approx(case["balanced_binary_depth3_n15"], abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-50, 50)), min_size=1, max_size=25))
def test_a_branch_sums_what_stands_below(drawn: list[tuple[int, int]]) -> None:
    made = drawn_members.snapshot(member_journey, member_outcome)
    above = [value % (row + 1) or None for row, (value, _) in enumerate(drawn)]
    drawn_members.members(made, above)
    for row, (_, fen) in enumerate(drawn, start=1):
        made.execute("UPDATE member_outcome SET value_so_far_fen = ? WHERE member_no = ?", [fen, row])
    build(made)
    found = dict(made.execute("SELECT member_no, value_fen FROM tree_node").fetchall())
    made.close()
    for row in range(1, len(drawn) + 1):
        assert found[row] == sum(fen for other, (_, fen) in enumerate(drawn, start=1) if row in path(above, other))


def path(above: list[int | None], member: int) -> list[int]:
    """From a member up to the root."""
    found = [member]
    while (upper := above[found[-1] - 1]) is not None:
        found.append(upper)
    return found


def test_columns_are_as_narrow_as_they_are_declared(made: duckdb.DuckDBPyConnection) -> None:
    drawn_members.members(made, [None, 1])
    build(made)
    kinds = {row[0]: row[1] for row in made.execute("DESCRIBE tree_node").fetchall()}
    assert kinds["position"] == kinds["members"] == kinds["defaulted"] == "INTEGER"
    assert kinds["distances"] == kinds["value_fen"] == "BIGINT"
    assert np.array_equal(list(kinds), [column.name for column in tree_node.tree_node.columns])
