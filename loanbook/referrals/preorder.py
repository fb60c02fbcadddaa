"""A forest laid out in preorder: whoever stands below a member follows it, so that a branch is a range of positions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from loanbook.referrals.generations import NOBODY, Generations, in_order, of_referrers

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

_FITS = 9.0e18  # a little less than the largest 64-bit integer


@dataclass(frozen=True)
class Forest:
    """Members by position: tree by tree, the largest first; below one member the largest branch first.

    Of branches of the same size the one whose member has the smaller row comes first.
    """

    rows: Places  # the row of each position
    parents: Places  # positions; NOBODY for a root
    levels: Places
    sizes: Places  # members of the branch: the member and everybody below
    referrals: Places  # members directly below
    depths: Places  # levels below

    def in_branch(self, counts: npt.NDArray[Any]) -> Ints:
        """The sum over each branch of something that is given by position."""
        found: Ints = counts.astype(np.int64)
        wide = self._wide()
        found[wide] += self._below(counts, wide)
        return found

    def distances(self) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The distances between all pairs of a branch's members, summed; and where that sum is too large to be held.

        Formula: the branch of v, of s members, is left by the path of each of its members to each of the n - s others:
        sum over v below of s (n - s) = n sum s - sum s^2. Sums wrap round, so what fits in the end is right. So many
        members come to the most, (n^3 - n) / 6, where each refers the next.
        Source: metrics.md, "structural virality".
        """
        wide = self._wide()
        n, squares = self.sizes[wide].astype(np.int64), self.sizes.astype(np.int64) ** 2
        found, too_large = np.zeros(len(self.sizes), dtype=np.int64), np.zeros(len(self.sizes), dtype=bool)
        below = self._below(self.sizes, wide)
        found[wide] = n * below - self._below(squares, wide)
        if float(n.max(initial=0)) ** 3 / 6 >= _FITS:
            rough = n.astype(float) * below.astype(float) - self._below(squares.astype(float), wide)
            too_large[wide] = rough >= _FITS
        return found, too_large

    def _wide(self) -> npt.NDArray[np.intp]:
        """The positions of those who have anybody below them."""
        return np.flatnonzero(self.sizes > 1)

    def _below(self, counts: npt.NDArray[Any], wide: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
        """The sum over whom each of some positions has below."""
        so_far = np.cumsum(counts)
        below: npt.NDArray[Any] = so_far[wide + self.sizes[wide] - 1] - so_far[wide]
        return below


def lay_out(referrers: npt.NDArray[np.integer]) -> Forest:
    """The forest of members whose referrers stand at the given rows, NOBODY for a root; without cycles.

    Each level is one step; nothing is recursive.
    """
    tree = of_referrers(referrers)
    upper = np.flatnonzero(tree.referrals)
    sizes, depths = _sizes_and_depths(tree, upper)
    position = _positions(tree, upper, sizes)

    def by_position(values: Places) -> Places:
        found = np.empty_like(values)
        found[position] = values
        return found

    above = np.full(len(position), NOBODY, dtype=np.int32)
    above[tree.roots :] = np.repeat(position[upper], tree.referrals[upper])
    return Forest(
        rows=by_position(tree.rows),
        parents=by_position(above),
        levels=by_position(tree.levels()),
        sizes=by_position(sizes),
        referrals=by_position(tree.referrals),
        depths=by_position(depths),
    )


def _sizes_and_depths(tree: Generations, upper: npt.NDArray[np.intp]) -> tuple[Places, Places]:
    """Of branches, by place; `upper`: the places of those who have anybody below them."""
    sizes, depths = np.ones(len(tree.rows), dtype=np.int32), np.zeros(len(tree.rows), dtype=np.int32)
    first = tree.first_below(upper)
    bounds = np.searchsorted(upper, tree.starts).tolist()
    for level in reversed(range(len(tree.starts) - 2)):
        here, (start, end) = slice(bounds[level], bounds[level + 1]), tree.starts[level + 1 : level + 3]
        groups = first[here] - start
        sizes[upper[here]] += np.add.reduceat(sizes[start:end], groups, dtype=np.int32)
        depths[upper[here]] += np.maximum.reduceat(depths[start:end], groups) + 1
    return sizes, depths


def _positions(tree: Generations, upper: npt.NDArray[np.intp], sizes: Places) -> Places:
    """Where each place stands: after its referrer and the larger branches of the same referrer."""
    position = _offsets(tree, upper, sizes)
    bounds = np.searchsorted(upper, tree.starts).tolist()
    for level in range(1, len(tree.starts) - 1):
        here = upper[bounds[level - 1] : bounds[level]]
        position[tree.starts[level] : tree.starts[level + 1]] += np.repeat(position[here] + 1, tree.referrals[here])
    return position


def _offsets(tree: Generations, upper: npt.NDArray[np.intp], sizes: Places) -> Places:
    """How many members stand between each place and its referrer: those of larger branches, and leaves before it.

    Places of one referrer are beside each other; so are the roots, who come first.
    """
    siblings = np.concatenate([[tree.roots], tree.referrals[upper]])
    first = np.cumsum(siblings) - siblings
    leaves = np.concatenate([[0], np.cumsum(tree.referrals == 0)])
    among = leaves[first + siblings] - leaves[first]
    together = np.concatenate([[len(sizes)], sizes[upper] - 1])
    # Leaves come last, in their own order.
    offset: Places = (np.repeat(together - among - leaves[first], siblings) + leaves[:-1]).astype(np.int32)
    family = np.repeat(np.arange(len(siblings), dtype=np.int32), siblings)[upper]
    largest_first = in_order(sizes.max(initial=0) - sizes[upper])  # of equal ones as places are: in the order of rows
    order = largest_first[in_order(family[largest_first])]
    of_family, members = family[order], sizes[upper[order]].astype(np.int64)
    before = np.cumsum(members) - members
    begins = np.flatnonzero(np.diff(of_family, prepend=-1))
    offset[upper[order]] = before - np.repeat(before[begins], np.diff(np.append(begins, len(order))))
    return offset
