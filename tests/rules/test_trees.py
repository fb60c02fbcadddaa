"""Which members of a tree are drawn, what is left out, and where each stands: by hand, and what must always hold."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook.referrals.generations import NOBODY
from loanbook.referrals.preorder import lay_out
from rules import trees
from rules.trees import SUMMED


def nodes(referrers: list[int], **own: list[int]) -> pd.DataFrame:
    """What `queries.tree.nodes` returns of members with these referrers (rows, -1 for a root)."""
    forest = lay_out(np.array(referrers, dtype=np.int64))
    found = pd.DataFrame(
        {
            "position": np.arange(len(referrers)),
            "parent_position": pd.array(
                [None if above == NOBODY else int(above) for above in forest.parents], dtype="Int64"
            ),
            "member_id": [f"M{row}" for row in forest.rows],
            "level": forest.levels,
            "referrals": forest.referrals,
            "depth": forest.depths,
        }
    )
    for name in SUMMED:
        each = np.array(own.get(name, [int(name == "members")] * len(referrers)), dtype=np.int64)[forest.rows]
        found[name], found[f"own_{name}"] = forest.in_branch(each), each
    return found


def drawn(found: pd.DataFrame, *folded: str) -> list[tuple]:
    rows = trees.drawn(found, folded)
    above = [rows["member_id"].iloc[parent] if parent >= 0 else "" for parent in rows["parent"]]
    return list(zip(rows["member_id"], above, rows["members"], rows["more"], strict=True))


# 0 <- 1 <- 2, 3; 0 <- 4
FAMILY = [-1, 0, 1, 1, 0]


def test_a_small_tree_is_drawn_whole():
    assert drawn(nodes(FAMILY)) == [
        ("M0", "", 5, False),
        ("M1", "M0", 3, False),
        ("M2", "M1", 1, False),
        ("M3", "M1", 1, False),
        ("M4", "M0", 1, False),
    ]


def test_a_folded_branch_is_drawn_as_one_block_of_the_rest():
    assert drawn(nodes(FAMILY), "M1") == [
        ("M0", "", 5, False),
        ("M1", "M0", 3, False),
        ("M4", "M0", 1, False),
        ("M1", "M1", 2, True),
    ]
    assert drawn(nodes(FAMILY), "nobody") == drawn(nodes(FAMILY))


def test_the_rest_of_a_branch_has_the_counts_that_are_not_drawn():
    found = nodes(FAMILY, borrowers=[1, 1, 1, 0, 1], value_fen=[5, 50, 500, 5_000, 50_000])
    rest = trees.drawn(found, ["M1"]).iloc[-1]
    assert (rest["borrowers"], rest["value_fen"], rest["more"]) == (1, 5_500, True)


def test_the_largest_branches_are_drawn_and_far_ones_become_so_many_more():
    star = nodes([-1] + [0] * 9_999)
    rows = trees.drawn(star.sort_values(["members", "position"], ascending=[False, True]).head(trees.MOST_NODES))
    assert (~rows["more"]).sum() == trees.DRAWN_NODES
    assert rows.loc[rows["more"], "members"].tolist() == [10_000 - trees.DRAWN_NODES]
    chain = trees.drawn(nodes(list(range(-1, 49))))
    assert (~chain["more"]).sum() == trees.DRAWN_LEVELS
    assert chain.loc[chain["more"], "members"].tolist() == [50 - trees.DRAWN_LEVELS]
    forest = trees.drawn(nodes([-1] * 100))
    assert len(forest) == trees.DRAWN_TOPS


def test_a_branch_whose_top_is_not_a_root_stands_at_the_top():
    found = nodes(FAMILY)
    branch = found.loc[found["position"].between(1, 3)]
    assert drawn(branch)[0] == ("M1", "", 3, False)
    assert trees.drawn(branch)["depth"].tolist() == [0, 1, 1]


def test_blocks_are_as_wide_as_branches_and_leaves_stand_beside_each_other():
    rows = trees.drawn(nodes(FAMILY))
    assert trees.spans(rows)["first"].tolist() == [0, 1, 2, 3, 4]
    assert trees.spans(rows)["width"].tolist() == [5, 3, 1, 1, 1]
    assert trees.places(rows)["x"].tolist() == [1.25, 0.5, 0, 1, 2]
    assert trees.places(rows)["y"].tolist() == [0, 1, 2, 2, 1]


def test_a_branch_is_judged_against_all_other_borrowers():
    found = nodes([-1, 0, -1, 2], mature=[200, 200, 200, 400], defaulted=[60, 60, 10, 12])
    whole = pd.Series({"mature": 1_000, "defaulted": 142})
    rows = trees.judged(trees.drawn(found), whole, 0.05).set_index("member_id")
    assert rows.loc["M0", "stands_out"] == "above"
    assert rows.loc["M2", "stands_out"] == "below"
    assert rows.loc["M0", "default_rate"] == 120 / 400


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=40), st.sets(st.integers(0, 39), max_size=4))
def test_what_is_drawn_and_what_is_left_out_are_everybody_once(drawn_above: list[int], folded: set[int]) -> None:
    found = nodes([value % (row + 1) - 1 for row, value in enumerate(drawn_above)], borrowers=[1] * len(drawn_above))
    rows = trees.drawn(found, [f"M{row}" for row in folded])
    tops = found.loc[found["parent_position"].isna()].sort_values("members", ascending=False, kind="stable")
    assert rows.loc[rows["parent"] == trees.NOBODY, "members"].sum() == tops["members"].head(trees.DRAWN_TOPS).sum()
    own = (~rows["more"]).sum()
    assert own + rows.loc[rows["more"], "members"].sum() == tops["members"].head(trees.DRAWN_TOPS).sum()
    placed, below = trees.spans(rows), rows.loc[rows["parent"] >= 0]
    above = placed.loc[below["parent"].to_numpy()]
    assert (placed.loc[below.index, "first"].to_numpy() >= above["first"].to_numpy() + 1).all()
    ends = (placed["first"] + placed["width"]).loc[below.index].to_numpy()
    assert (ends <= (above["first"] + above["width"]).to_numpy()).all()
    for _depth, level in placed.groupby("depth"):
        ordered = level.sort_values("first")
        assert (ordered["first"].to_numpy()[1:] >= (ordered["first"] + ordered["width"]).to_numpy()[:-1]).all()
