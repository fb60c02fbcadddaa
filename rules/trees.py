"""The referral tree as it is drawn: which members are shown, what is left out of sight, and where each one stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.intervals import rate
from rules.kept import worked_out_once
from rules.proportions import benjamini_hochberg, difference

MOST_NODES = 2_000  # that are read, and listed in the table
DRAWN_NODES = 400
DRAWN_LEVELS = 9
DRAWN_TOPS = 24  # trees, or branches of a campaign, beside each other
SUMMED = ("members", "borrowers", "mature", "defaulted", "value_fen", "reward_fen", "suspected")
NOBODY = -1


@dataclass(frozen=True)
class Scope:
    """What is shown: the branch of a member, the members who came by a campaign, or every tree."""

    member_id: str = ""
    campaign: str = ""


def drawn(nodes: pd.DataFrame, folded: Sequence[str] = ()) -> pd.DataFrame:
    """The members of a scope that are drawn, and for each the rest of the branch as one more row.

    nodes: `queries.tree.nodes`, whose members' referrers are among them but for the tops.
    Grain: one row per member drawn, in preorder, each after its referrer; then the rows of what is left out.
    Columns: those of the nodes; parent (row number of the referrer, NOBODY for a top), depth (levels below the tops),
    more (a row for members left out of sight: its counts are those of the branch less whom is drawn), folded.
    Formula: the largest branches first, of so many tops and down to so many levels, none below a folded member.
    """
    kept = nodes.sort_values(["members", "position"], ascending=[False, True])
    kept = kept.assign(depth=_depths(nodes).loc[kept.index])
    kept = kept.loc[_in_first(kept, DRAWN_TOPS) & (kept["depth"] < DRAWN_LEVELS)]
    kept = kept.loc[~_below(kept, folded)].head(DRAWN_NODES).sort_values("position").reset_index(drop=True)
    place = {position: row for row, position in enumerate(kept["position"])}
    kept = kept.assign(
        parent=[NOBODY if pd.isna(above) else place.get(int(above), NOBODY) for above in kept["parent_position"]],
        more=False,
        folded=kept["member_id"].isin(list(folded)),
    )
    return pd.concat([kept, _left_out(kept)], ignore_index=True)


def spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Where each row stands in an icicle: a branch is as wide as it has members, and stands below its referrer.

    rows: `drawn`. Columns: first, width (members from the left), depth.
    """
    first = np.zeros(len(rows))
    taken: dict[int, float] = {NOBODY: 0.0}
    for row, (parent, members) in enumerate(zip(rows["parent"], rows["members"], strict=True)):
        first[row] = taken[parent]
        taken[parent] += float(members)
        taken[row] = first[row] + 1.0
    return pd.DataFrame({"first": first, "width": rows["members"].astype(float), "depth": rows["depth"]})


def places(rows: pd.DataFrame) -> pd.DataFrame:
    """Where each row stands in a node-link drawing: leaves beside each other, a referrer above the middle of its own.

    rows: `drawn`. Columns: x, y (levels down).
    """
    below: dict[int, list[int]] = {row: [] for row in [NOBODY, *range(len(rows))]}
    for row, parent in enumerate(rows["parent"]):
        below[parent].append(row)
    order, stack = [], list(reversed(below[NOBODY]))
    while stack:
        row = stack.pop()
        order.append(row)
        stack += reversed(below[row])
    x, leaves = np.zeros(len(rows)), 0
    for row in order:
        if not below[row]:
            x[row] = leaves
            leaves += 1
    for row in reversed(order):
        if below[row]:
            x[row] = (x[below[row][0]] + x[below[row][-1]]) / 2
    return pd.DataFrame({"x": x, "y": rows["depth"].astype(float)})


@worked_out_once
def judged(rows: pd.DataFrame, whole: pd.Series, significance: float) -> pd.DataFrame:
    """Each branch's default rate against all other borrowers, and what a member of it is worth.

    rows: `drawn`; whole: `queries.tree.whole`. Columns added: default_rate (0-1, nan without borrowers observed for
    the horizon), stands_out ("above", "below" or "": no more than noise), value_each_fen (per member).
    Formula: two-sided test against the rest of the book, Benjamini-Hochberg over all that is drawn.
    Source: metrics.md, "stands out".
    """
    k, n = rows["defaulted"].to_numpy(float), rows["mature"].to_numpy(float)
    rest_k, rest_n = float(whole["defaulted"]) - k, float(whole["mature"]) - n
    rates, rest = rate(k, n), rate(rest_k, rest_n)
    q_values = benjamini_hochberg(difference(k, n, rest_k, rest_n)["p_value"].to_numpy(float))
    found = q_values <= significance
    return rows.assign(
        default_rate=rates,
        stands_out=np.where(found & (rates > rest), "above", np.where(found & (rates < rest), "below", "")),
        value_each_fen=rate(rows["value_fen"].to_numpy(float, na_value=np.nan), rows["members"]),
    )


def _depths(nodes: pd.DataFrame) -> "pd.Series[int]":
    """Levels below the tops: below the nearest ancestor whose own referrer is not among the nodes."""
    held = set(nodes["position"])
    depth: dict[int, int] = {}
    for position, above in zip(nodes["position"], nodes["parent_position"], strict=True):  # in preorder
        inside = not pd.isna(above) and int(above) in held
        depth[position] = depth[int(above)] + 1 if inside else 0
    return pd.Series([depth[position] for position in nodes["position"]], index=nodes.index)


def _in_first(largest_first: pd.DataFrame, most: int) -> "pd.Series[bool]":
    """Whether each stands in one of the largest tops' branches."""
    tops = largest_first.loc[largest_first["depth"] == 0, ["position", "members"]].head(most).to_numpy(np.int64)
    tops = tops[np.argsort(tops[:, 0])]
    place = largest_first["position"].to_numpy(np.int64)
    found = np.searchsorted(tops[:, 0], place, side="right") - 1
    within = (found >= 0) & (place < (tops[:, 0] + tops[:, 1])[found.clip(0)])
    return pd.Series(within, index=largest_first.index)


def _below(nodes: pd.DataFrame, folded: Sequence[str]) -> "pd.Series[bool]":
    """Whether each stands below a folded member."""
    hidden = pd.Series(data=False, index=nodes.index)
    shut = nodes.loc[nodes["member_id"].isin(list(folded)), ["position", "members"]].to_numpy(np.int64)
    for first, members in shut:
        hidden |= (nodes["position"] > first) & (nodes["position"] < first + members)
    return hidden


def _left_out(kept: pd.DataFrame) -> pd.DataFrame:
    """A row for each member drawn whose branch holds more than is drawn of it."""
    counts = list(SUMMED)
    shown = kept.loc[kept["parent"] != NOBODY].groupby("parent")[counts].sum().reindex(kept.index, fill_value=0)
    own = kept[[f"own_{name}" for name in counts]].set_axis(counts, axis=1)
    rest = kept[counts] - shown - own
    rows = rest.loc[rest["members"] > 0]
    above = kept.loc[rows.index]
    return rows.assign(
        position=above["position"],
        member_id=above["member_id"],
        level=above["level"] + 1,
        depth=above["depth"] + 1,
        parent=rows.index,
        parent_position=above["position"],
        more=True,
        folded=False,
    )
