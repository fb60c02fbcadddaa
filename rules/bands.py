"""The bands between the policy's edges: what they are called, and which one a value belongs to."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


def labels(edges: Sequence[int]) -> list[str]:
    """The names of the bands between edges, the one below the first included: <300, 300-499, ..., 750+."""
    between = [f"{low}-{high - 1}" if high - 1 > low else str(low) for low, high in pairwise(edges)]
    return [f"<{edges[0]}", *between, f"{edges[-1]}+"]


def band_of(value: float, edges: Sequence[int]) -> str:
    """The band of a value: it belongs to the last edge that it reaches."""
    return labels(edges)[bisect_right(edges, value)]
