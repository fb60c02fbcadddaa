"""The referral tree as arrays: who stands on a circle, who stands so many levels above whom. Ends on any input."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Positions = npt.NDArray[np.int64]


class ReferralTree:
    """Members by position, each with at most one referrer. Walks are doubled, so a walk of any length is few steps."""

    def __init__(self, members: Sequence[Any], referrers: Sequence[Any]) -> None:
        """Referrers who are no members stand in the tree too; a member who is listed twice keeps the first referrer."""
        named = pd.Series(referrers, index=pd.Index(members, dtype=object), dtype=object)
        named = named[~named.index.duplicated()]
        self._positions = pd.Index(pd.unique(np.concatenate([named.index.to_numpy(), named.to_numpy()])), dtype=object)
        self._nobody = len(self._positions)
        self._parent: Positions = np.full(self._nobody + 1, self._nobody, dtype=np.int64)
        self._parent[self._find(named.index)] = self._find(named)

    def on_circles(self) -> list[Any]:
        """The members from whom a walk up the referrers comes back to them."""
        ends = self._up(np.arange(self._nobody + 1), np.full(self._nobody + 1, self._nobody + 1))
        return list(self._positions[np.unique(ends[ends != self._nobody])])

    def is_above(self, upper: Sequence[Any], lower: Sequence[Any], levels: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Whether the one stands exactly so many levels above the other; False where either is in no tree."""
        steps = np.asarray(levels, dtype=np.int64)
        above = self._up(self._find(lower), np.maximum(steps, 0))
        result: npt.NDArray[np.bool_] = (above == self._find(upper)) & (above != self._nobody) & (steps > 0)
        return result

    def _find(self, members: Any) -> Positions:
        found = self._positions.get_indexer(pd.Index(members, dtype=object))
        return np.where(found < 0, self._nobody, found).astype(np.int64)

    def _up(self, start: Positions, steps: Positions) -> Positions:
        """Where a walk of so many steps up the referrers ends."""
        reached, stride = start, self._parent
        for bit in range(int(steps.max(initial=0)).bit_length()):
            reached = np.where(steps >> bit & 1, stride[reached], reached)
            stride = stride[stride]
        return reached
