"""A forest laid out in preorder: whoever stands below a member follows it, so that a branch is a range of positions."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

NOBODY = -1
_PLACE_BITS = 32
_PLACES = 2**_PLACE_BITS - 1
_FITS = 9.0e18  # a little less than the largest 64-bit integer


@dataclass(frozen=True)
class Forest:
    """Members by position: tree by tree, the largest first; below one member the largest branch first.

    Of branches of the same size the one whose member has the smaller row comes first.
    """

    rows: Ints  # the row of each position
    parents: Ints  # positions; NOBODY for a root
    levels: Ints
    sizes: Ints  # members of the branch: the member and everybody below
    referrals: Ints  # members directly below
    depths: Ints  # levels below

    def in_branch(self, counts: Ints) -> Ints:
        """The sum over each branch of something that is given by position."""
        so_far = np.concatenate([[0], np.cumsum(counts)])
        start = np.arange(len(self.sizes))
        return np.asarray(so_far[start + self.sizes] - so_far[:-1], dtype=np.int64)

    def distances(self) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The distances between all pairs of a branch's members, summed; and where that sum is too large to be held.

        Formula: the branch of v, of s members, is left by the path of each of its members to each of the n - s others:
        sum over v below of s (n - s) = n sum s - sum s^2. Sums wrap round, so what fits in the end is right.
        Source: metrics.md, "structural virality".
        """
        n, below = self.sizes, self.in_branch(self.sizes) - self.sizes
        squares = self.in_branch(self.sizes**2) - self.sizes**2
        rough = n.astype(float) * below.astype(float) - self._rough_squares()
        return n * below - squares, rough >= _FITS

    def _rough_squares(self) -> npt.NDArray[np.float64]:
        so_far = np.concatenate([[0.0], np.cumsum(self.sizes.astype(float) ** 2)])
        start = np.arange(len(self.sizes))
        return np.asarray(so_far[start + self.sizes] - so_far[:-1] - self.sizes.astype(float) ** 2, dtype=np.float64)


def lay_out(referrers: Ints) -> Forest:
    """The forest of members whose referrers stand at the given rows, NOBODY for a root; without cycles.

    Each level is one step, and so is each doubling of the depth; nothing is recursive.
    """
    members = len(referrers)
    level_of_row = levels_of(referrers)
    by_level = in_order(level_of_row)
    levels = level_of_row[by_level]
    place = np.empty(members, dtype=np.int64)
    place[by_level] = np.arange(members)
    referrer = referrers[by_level]
    above = np.where(referrer == NOBODY, NOBODY, place[referrer])
    starts = np.searchsorted(levels, np.arange(int(levels.max(initial=-1)) + 2))
    spans = [slice(int(first), int(last)) for first, last in pairwise(starts)]
    sizes, depths = _sizes_and_depths(above, spans)
    position = _positions(above, sizes, spans)
    order = np.empty(members, dtype=np.int64)
    order[position] = np.arange(members)
    above = above[order]
    return Forest(
        rows=by_level[order],
        parents=np.where(above == NOBODY, NOBODY, position[above]),
        levels=levels[order],
        sizes=sizes[order],
        referrals=np.bincount(position[above[above != NOBODY]], minlength=members).astype(np.int64),
        depths=depths[order],
    )


def in_order(keys: Ints) -> Ints:
    """The places of keys from the smallest up, of equal ones in their own order; keys are below 2 ** 31, none below 0.

    Sorts numbers that hold key and place, in a fifth of the time in which `argsort` finds the order of the keys.
    """
    return np.asarray(np.sort((keys << _PLACE_BITS) + np.arange(len(keys))) & _PLACES, dtype=np.int64)


def levels_of(referrers: Ints) -> Ints:
    """The steps to the root of each row, by doubling: how far each has come, and whom it has reached."""
    nobody = len(referrers)
    reached = np.append(np.where(referrers == NOBODY, nobody, referrers), nobody)
    steps = np.append((referrers != NOBODY).astype(np.int64), 0)
    while (steps[reached] > 0).any():
        steps, reached = steps + steps[reached], reached[reached]
    return steps[:-1]


def _sizes_and_depths(above: Ints, spans: list[slice]) -> tuple[Ints, Ints]:
    """Of branches, by place: members stand level by level, `above` are the places of their referrers."""
    sizes, depths = np.ones(len(above), dtype=np.int64), np.zeros(len(above), dtype=np.int64)
    for upper, span in reversed(list(pairwise(spans))):
        within = above[span] - upper.start
        sizes[upper] += np.bincount(within, sizes[span], upper.stop - upper.start).astype(np.int64)
        np.maximum.at(depths[upper], within, depths[span] + 1)
    return sizes, depths


def _positions(above: Ints, sizes: Ints, spans: list[slice]) -> Ints:
    """Where each stands: after its referrer and the larger branches of the same referrer."""
    largest_first = in_order(sizes.max(initial=0) - sizes)  # of equal ones as places are: in the order of rows
    order = largest_first[in_order(above[largest_first] - NOBODY)]
    upper, before = above[order], np.cumsum(sizes[order]) - sizes[order]
    first = np.flatnonzero(np.concatenate([[True], upper[1:] != upper[:-1]])) if len(order) else order
    offset = np.empty(len(above), dtype=np.int64)
    offset[order] = before - np.repeat(before[first], np.diff(np.append(first, len(order))))
    for span in spans[1:]:
        offset[span] += offset[above[span]] + 1
    return offset
